# SPDX-License-Identifier: Apache-2.0
"""The words of a recording session: states, commands, and what follows from them."""

from dataclasses import dataclass
from enum import Enum, IntEnum

from act_core.episode.meta import Verdict


class State(IntEnum):
    """Where a session stands; the numbers are those of act_interfaces/SessionStatus."""

    WAITING = 0
    COUNTDOWN = 1
    RECORDING = 2
    ENDING = 3
    JUDGING = 4
    RESET = 5
    DONE = 6


class Command(Enum):
    """What an operator can ask for; the values are the names of the services."""

    START = "start"
    END = "end"
    SUCCESS = "success"
    FAILURE = "failure"
    DISCARD = "discard"
    RE_RECORD = "re_record"
    PAUSE = "pause"
    QUIT = "quit"


class Act(Enum):
    """What the recorder is to do."""

    BEGIN = "begin"
    END = "end"
    JUDGE = "judge"


@dataclass(frozen=True)
class Effect:
    """One thing to ask of the recorder.

    Attributes:
        act: which.
        path: of the ended episode to judge.
        verdict: on it.
        discard: whether it goes.
    """

    act: Act
    path: str = ""
    verdict: Verdict = ""
    discard: bool = False


@dataclass(frozen=True)
class Ended:
    """What became of an episode that the recorder was asked for.

    Attributes:
        path: of its file; empty when none is left.
        message: what there is to say of it.
        fault: whether it did not end in good order; its file, if any, is partial.
        verdict: as written into the file.
    """

    path: str = ""
    message: str = ""
    fault: bool = False
    verdict: Verdict = ""


@dataclass(frozen=True)
class SessionPlan:
    """What a session is to do.

    Attributes:
        wanted: episodes after which it is done.
        present: of these, there at its beginning.
        countdown_s: from ~/start to the first row.
        reset_s: time to make the scene ready, after which the next countdown begins by itself;
            0: until ~/start.
        only_successful: whether failures are dropped, so that each episode has to be judged.
    """

    wanted: int
    present: int = 0
    countdown_s: float = 3.0
    reset_s: float = 0.0
    only_successful: bool = False

# SPDX-License-Identifier: Apache-2.0
"""When commands may leave: the states of driving and what leads from one to another. No ROS."""

from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from act_core.observation import RawObservation
from act_policy.driving.chunk_broker import ChunkBroker, Command


class State(Enum):
    """What the loop does. Holding means to send nothing: the robot keeps its last command."""

    INACTIVE = auto()  # nobody has asked for commands
    WAITING = auto()  # asked for, nothing sent yet
    DRIVING = auto()
    STARVED = auto()  # no prediction covers this tick; the next one may
    HOLDING = auto()  # an input or the predictions were lost
    PAUSED = auto()  # a person or another source has taken over


class Event(Enum):
    """What happens to the loop."""

    ENGAGE = auto()
    DISENGAGE = auto()
    COMMAND = auto()  # a command is sent
    UNCOVERED = auto()  # no prediction covers this tick
    LOSE = auto()  # an input is missing or refused, or predictions stayed out for too long
    PAUSE = auto()  # a person or another source takes over
    RESUME = auto()  # a person, or a simulator's loop, lets it go on
    RESTART = auto()  # another episode has begun, and nobody stands beside the robot


# Event → state before → state after; an event that a state does not have changes nothing.
# What was lost before the first command is waited for; afterwards it is a hold.
TRANSITIONS = {
    Event.ENGAGE: {State.INACTIVE: State.WAITING},
    Event.DISENGAGE: dict.fromkeys(State, State.INACTIVE),
    Event.COMMAND: dict.fromkeys((State.WAITING, State.DRIVING, State.STARVED), State.DRIVING),
    Event.UNCOVERED: {State.DRIVING: State.STARVED},
    Event.LOSE: dict.fromkeys((State.DRIVING, State.STARVED), State.HOLDING),
    Event.PAUSE: dict.fromkeys(
        (State.WAITING, State.DRIVING, State.STARVED, State.HOLDING), State.PAUSED
    ),
    Event.RESUME: dict.fromkeys((State.HOLDING, State.PAUSED), State.WAITING),
    Event.RESTART: dict.fromkeys((State.DRIVING, State.STARVED), State.WAITING),
}


class CommandLoop:
    """One robot under one policy: what both paces share.

    After ENGAGE, RESUME and RESTART it starts anew from the measured pose, at limited speed.

    Args:
        broker: asks and blends.

    Attributes:
        state: of the loop.
        reason: what is missing, in words; empty while nothing is.
    """

    def __init__(self, broker: ChunkBroker) -> None:
        self._broker = broker
        self._fresh = True
        self.state, self.reason = State.INACTIVE, ""

    @property
    def engaged(self) -> bool:
        """Whether somebody has asked for commands."""
        return self.state is not State.INACTIVE

    def handle(self, event: Event, reason: str = "") -> None:
        """Take an event, with what people should know about it."""
        before, self.state = self.state, TRANSITIONS[event].get(self.state, self.state)
        if not before is self.state is State.PAUSED:  # what else is lost then can wait
            self.reason = reason
        if event in (Event.ENGAGE, Event.RESUME, Event.RESTART):
            self._fresh = True

    def lose(self, reason: str) -> None:
        """Take note that an input is missing."""
        self.handle(Event.LOSE, reason)

    def inputs_came(self) -> None:
        """Take note that inputs are coming, whole or not."""

    @property
    def remedy(self) -> str:
        """What a person can do about a hold, to follow its reason; empty for nothing."""
        return ""

    def refuse(self, reason: str) -> None:
        """Take note that what was last observed cannot be used."""
        self.lose(reason)

    def add_prediction(self, stamp_ns: int, chunk: NDArray[np.floating]) -> None:
        """Take a chunk (K, D); raises JointValuesError if it is not finite."""
        if self.engaged:  # else it was asked for before
            self._broker.add_prediction(stamp_ns, chunk)

    def _due(self, seen: RawObservation) -> RawObservation | None:
        """Return `seen` if it is to be predicted from."""
        return seen if self._broker.is_due(seen.stamp_ns) else None

    def note_asked(self, stamp_ns: int) -> None:
        """Take note that the observation of `stamp_ns` is on its way to the policy."""
        self._broker.note_asked(stamp_ns)

    def _command(self, time_ns: int) -> Command | None:
        command = self._broker.command(time_ns)
        if command is None:
            self.handle(Event.UNCOVERED, "no prediction covers this tick")
        else:
            self.handle(Event.COMMAND)
        return command

    def _start_from(self, seen: RawObservation) -> None:
        self._broker.start(seen.stamp_ns, seen.joints.positions)
        self._fresh = False

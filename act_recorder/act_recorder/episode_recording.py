# SPDX-License-Identifier: Apache-2.0
"""One episode: from the goal to the finished, dropped or kept-partial file. No ROS."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from act_core.episode.meta import EpisodeMeta
from act_core.episode.writer import EpisodeWriter
from act_core.errors import ActError, EpisodeError
from act_core.observation import Missing, oldest_image_s
from act_core.robot.robot_spec import RobotSpec
from act_recorder.row_matcher import GapError, Row, RowMatcher


class Ending(Enum):
    """How a recording ended."""

    SAVED = "saved"
    DISCARDED = "discarded"
    CANCELED = "canceled"
    INPUT_LOST = "input lost"
    WRITE_FAILED = "write failed"
    NOT_STARTED = "not started"


@dataclass(frozen=True)
class Outcome:
    """What became of a recording."""

    ending: Ending
    message: str
    path: Path | None
    num_frames: int
    success: bool
    skipped_ticks: int = 0
    max_image_age_s: float = 0.0


@dataclass(frozen=True)
class TaskProgress:
    """How the recorded task stands at one tick; see act_interfaces/TaskState."""

    task: str
    seed: int
    episode: int
    tick: int
    stamp_ns: int
    success: bool = False
    held: bool = False
    done: bool = False
    aborted: bool = False
    message: str = ""


@dataclass(frozen=True)
class RecordingLimits:
    """When a recording ends by itself.

    Attributes:
        max_frames: rows after which it is full.
        start_s: longest time to wait for the first row.
        input_s: longest time to wait for any other.
        only_successful: keep the file only if success was held.
    """

    max_frames: int = 1000
    start_s: float = 30.0
    input_s: float = 5.0
    only_successful: bool = False


class EpisodeRecording:
    """Writes the rows of one episode and decides when it ends and what becomes of the file.

    Args:
        spec: the recorded robot.
        directory: dataset folder.
        meta: what the file is to say of itself.
        matcher: gives the rows.
        limits: when it ends.
        now_s: steady time of the goal.
        warn: gets a line when a tick is skipped or another episode is seen.
    """

    def __init__(
        self,
        spec: RobotSpec,
        directory: Path,
        meta: EpisodeMeta,
        matcher: RowMatcher,
        limits: RecordingLimits,
        *,
        now_s: float = 0.0,
        warn: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._spec, self._directory, self._meta = spec, directory, meta
        self._matcher, self._limits, self._warn = matcher, limits, warn
        self._writer: EpisodeWriter | None = None
        self._episode: int | None = None
        self._row_at_s = now_s
        self._success = self._held = False
        self._max_image_age_s = self.image_age_s = 0.0

    @property
    def num_frames(self) -> int:
        """Rows written so far."""
        return self._writer.num_frames if self._writer else 0

    @property
    def skipped_ticks(self) -> int:
        """Control ticks without a row since the first one."""
        return self._matcher.skipped_ticks

    @property
    def full(self) -> bool:
        """Whether the agreed number of rows is reached."""
        return self.num_frames >= self._limits.max_frames

    def see_task(self, seen: TaskProgress) -> Outcome | None:
        """Take the state of the simulated task; return the outcome if that ends the episode."""
        asked = (self._meta.task, self._meta.seed)
        if seen.tick == 0 and not seen.done and self._episode is None:
            if (seen.task, seen.seed) != asked:
                self._warn(
                    f"episode of {seen.task}, seed {seen.seed} is not the one asked for "
                    f"({asked[0]}, seed {asked[1]}); waiting for that one"
                )
                return None
            self._episode = seen.episode
            self._matcher.begin(seen.stamp_ns)
        if seen.episode != self._episode:
            return None
        if seen.aborted:
            return self.break_off(Ending.INPUT_LOST, f"the simulator aborted: {seen.message}")
        self._success, self._held = seen.success, seen.held
        if seen.done:
            self._matcher.end(seen.stamp_ns)
        return None

    def advance(self, now_ns: int, now_s: float) -> Outcome | None:
        """Write every row that is whole by now; return the outcome if that ends the episode."""
        try:
            while not (self.full or self._matcher.over):
                skipped = self._matcher.skipped_ticks
                row = self._matcher.next_row(now_ns)
                if isinstance(row, Missing):
                    if self._matcher.skipped_ticks > skipped:
                        self._warn(f"tick without a row: {row.reason}")
                    return None
                self.add(row)
                self._row_at_s = now_s
        except GapError as error:
            return self.break_off(Ending.INPUT_LOST, str(error))
        except ActError as error:
            return self.break_off(Ending.WRITE_FAILED, str(error))
        return self.complete()

    def give_up(self, now_s: float, missing: str) -> Outcome | None:
        """Return the outcome if no row has come for too long."""
        limits, waited_s = self._limits, now_s - self._row_at_s
        if waited_s <= (limits.input_s if self.num_frames else limits.start_s):
            return None
        ending = Ending.INPUT_LOST if self.num_frames else Ending.NOT_STARTED
        return self.break_off(ending, f"no row for {waited_s:.1f} s; waiting for {missing}")

    def waited_s(self, now_s: float) -> float:
        """Return the time since the last row, or since the goal."""
        return now_s - self._row_at_s

    def add(self, row: Row) -> None:
        """Write a row; the first one creates the file. Raises EpisodeError."""
        if self._writer is None:
            shapes = {c.name: (c.height_px, c.width_px) for c in self._spec.cameras}
            self._writer = EpisodeWriter(self._directory, self._meta, shapes)
        self._writer.append(
            row.observation, row.action, row.action_stamp_ns, time_ns=row.time_ns,
            source=row.source,
        )  # fmt: skip
        self.image_age_s = oldest_image_s(row.observation, row.time_ns)
        self._max_image_age_s = max(self._max_image_age_s, self.image_age_s)

    def complete(self, ending: Ending = Ending.SAVED) -> Outcome:
        """End it in good order: keep the file, or drop it if it has to be a success."""
        self._matcher.stop()
        if self._writer is None:
            return self._outcome(Ending.NOT_STARTED, "no row came", None)
        if self._limits.only_successful and not self._held:
            self._writer.discard()
            dropped = Ending.DISCARDED if ending is Ending.SAVED else ending
            return self._outcome(dropped, "success was not held; dropped as asked", None)
        skipped, reason = self._matcher.skipped_ticks, self._matcher.skipped_reason
        judged: dict[str, Any] = {}
        if self._episode is not None:
            judged = {"verdict": "success" if self._success else "failure", "judge": "task"}
        try:
            path = self._writer.finish(**judged, skipped_ticks=skipped, skipped_reason=reason)
        except EpisodeError as error:
            return self.break_off(Ending.WRITE_FAILED, str(error))
        message = f"{skipped} ticks have no row, most of them since {reason}" if skipped else ""
        return self._outcome(ending, message, path)

    def break_off(self, ending: Ending, message: str) -> Outcome:
        """End it after a fault: what was written stays, marked as partial."""
        self._matcher.stop()
        path = self._writer.keep_partial() if self._writer else None
        return self._outcome(ending, message, path)

    def _outcome(self, ending: Ending, message: str, path: Path | None) -> Outcome:
        return Outcome(
            ending, message, path, self.num_frames, self._success, self._matcher.skipped_ticks,
            self._max_image_age_s,
        )  # fmt: skip

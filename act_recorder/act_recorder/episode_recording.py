# SPDX-License-Identifier: Apache-2.0
"""One episode: from the goal to the finished, dropped or kept-partial file. No ROS."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from act_core.episode.meta import EpisodeMeta
from act_core.episode.writer import EpisodeWriter
from act_core.robot.robot_spec import RobotSpec
from act_recorder.row_matcher import Row


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


@dataclass
class EpisodeRecording:
    """Writes rows of one episode and decides what becomes of the file.

    Attributes:
        success: the task's criterion was met at some tick.
        held: it was met and kept, which is what a demonstration should show.
    """

    spec: RobotSpec
    directory: Path
    meta: EpisodeMeta
    only_successful: bool
    max_frames: int
    success: bool = False
    held: bool = False
    skipped_ticks: int = 0
    _writer: EpisodeWriter | None = field(default=None, repr=False)

    @property
    def num_frames(self) -> int:
        """Rows written so far."""
        return self._writer.num_frames if self._writer else 0

    @property
    def full(self) -> bool:
        """Whether the agreed number of rows is reached."""
        return self.num_frames >= self.max_frames

    def add(self, row: Row) -> None:
        """Write a row; the first one creates the file. Raises EpisodeError."""
        if self._writer is None:
            shapes = {c.name: (c.height_px, c.width_px) for c in self.spec.cameras}
            self._writer = EpisodeWriter(self.directory, self.meta, shapes)
        self._writer.append(row.observation, row.action, row.action_stamp_ns)

    def complete(self, ending: Ending = Ending.SAVED) -> Outcome:
        """End it in good order: keep the file, or drop it if it has to be a success."""
        if self._writer is None:
            return self._outcome(Ending.NOT_STARTED, "no row came", None)
        if self.only_successful and not self.held:
            self._writer.discard()
            dropped = Ending.DISCARDED if ending is Ending.SAVED else ending
            return self._outcome(dropped, "success was not held; dropped as asked", None)
        path = self._writer.finish(success=self.success, skipped_ticks=self.skipped_ticks)
        return self._outcome(ending, "", path)

    def break_off(self, ending: Ending, message: str) -> Outcome:
        """End it after a fault: what was written stays, marked as partial."""
        path = self._writer.keep_partial() if self._writer else None
        return self._outcome(ending, message, path)

    def _outcome(self, ending: Ending, message: str, path: Path | None) -> Outcome:
        return Outcome(ending, message, path, self.num_frames, self.success)

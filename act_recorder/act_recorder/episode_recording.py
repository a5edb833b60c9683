# SPDX-License-Identifier: Apache-2.0
"""One episode: from the goal to the finished, dropped or kept-partial file. No ROS."""

from collections.abc import Callable
from pathlib import Path

from act_core.episode.meta import EpisodeMeta, Verdict
from act_core.errors import ActError, EpisodeError
from act_core.observation import Missing, oldest_image_s
from act_recorder.recording_types import Ending, Outcome, RecordingLimits, TaskProgress
from act_recorder.rows.frame_counter import FrameCounter
from act_recorder.rows.row_matcher import GapError, Row, RowMatcher
from act_recorder.writing.writer_client import TOO_SLOW, WriterClient


class EpisodeRecording:
    """Sends the rows of one episode to its file, and decides when it ends and what becomes of it.

    What ends it returns its outcome as soon as the file is closed; until then `outcome` is asked.

    Args:
        directory: dataset folder.
        meta: what the file is to say of itself.
        matcher: gives the rows.
        writer: gets them.
        limits: when it ends.
        now_s: steady time of the goal.
        warn: gets a line when a tick is skipped or another episode is seen.
    """

    def __init__(
        self,
        directory: Path,
        meta: EpisodeMeta,
        matcher: RowMatcher,
        writer: WriterClient,
        limits: RecordingLimits,
        *,
        now_s: float = 0.0,
        warn: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._directory, self._meta = directory, meta
        self._matcher, self._limits, self._warn = matcher, limits, warn
        self._writer, self._opened = writer, False
        self._frames = FrameCounter(matcher.assembler.cameras)
        matcher.assembler.on_image = self._frames.came
        self._ending: tuple[Ending, str] | None = None
        self._closing = ""  # what is to become of the file: finish, discard, keep
        self._episode: int | None = None
        self._row_at_s = now_s
        self._success = self._held = False
        self._verdict: Verdict = ""  # the operator's
        self._max_image_age_s = self.image_age_s = 0.0

    @property
    def num_frames(self) -> int:
        """Rows taken so far."""
        return self._writer.num_frames if self._opened else 0

    @property
    def skipped_ticks(self) -> int:
        """Control ticks without a row since the first one."""
        return self._matcher.skipped_ticks

    @property
    def buffer_fill(self) -> float:
        """How full the memory for rows on their way to the disk is, 0 … 1."""
        return self._writer.fill

    @property
    def is_ending(self) -> bool:
        """Whether it has ended, and the file may still be open."""
        return self._ending is not None

    @property
    def max_frames(self) -> int:
        """Rows after which it is full."""
        return self._limits.max_frames

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
        if seen.episode != self._episode or self._ending is not None:
            return None
        if seen.aborted:
            return self.break_off(Ending.INPUT_LOST, f"the simulator aborted: {seen.message}")
        self._success, self._held = seen.success, seen.held
        if seen.done:
            self._matcher.end(seen.stamp_ns)
        return None

    def advance(self, now_ns: int, now_s: float) -> Outcome | None:
        """Send every row that is whole by now; return the outcome if that ends the episode."""
        if self._ending is not None:
            return self.outcome()
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
        if self._ending is not None:
            return self.outcome()
        limits, waited_s = self._limits, now_s - self._row_at_s
        if waited_s <= (limits.input_s if self.num_frames else limits.start_s):
            return None
        ending = Ending.INPUT_LOST if self.num_frames else Ending.NOT_STARTED
        return self.break_off(ending, f"no row for {waited_s:.1f} s; waiting for {missing}")

    def waited_s(self, now_s: float) -> float:
        """Return the time since the last row, or since the goal."""
        return now_s - self._row_at_s

    def add(self, row: Row) -> None:
        """Send a row to the file; the first one creates it. Raises EpisodeError."""
        if not self._opened:
            self._opened = True
            self._writer.open(self._directory, self._meta, self._limits.jpeg_quality)
        if self._writer.append(row, wait=self._limits.lossless):
            self._frames.use(row.observation.image_stamps_ns)
        else:
            self._drop(TOO_SLOW)
        self._note_dropped()
        self.image_age_s = oldest_image_s(row.observation, row.time_ns)
        self._max_image_age_s = max(self._max_image_age_s, self.image_age_s)

    def _note_dropped(self) -> None:
        for reason in self._writer.take_dropped():
            self._drop(reason)

    def _drop(self, reason: str) -> None:
        self._matcher.drop(reason)
        self._warn(f"tick without a row: {reason}")

    def end(self, verdict: Verdict, *, discard: bool = False) -> Outcome | None:
        """End it early, with the operator's verdict, or drop it as the operator asks."""
        self._verdict = verdict
        if discard:
            return self._end(Ending.DISCARDED, "dropped as the operator asked", "discard")
        return self.complete()

    def complete(self, ending: Ending = Ending.SAVED) -> Outcome | None:
        """End it in good order: keep the file, or drop it if it has to be a success."""
        if not self._opened:
            return self._end(Ending.NOT_STARTED, "no row came", "")
        # On a robot, what nobody has judged may yet be one.
        failed = self._verdict == "failure" if self._verdict else self._meta.sim and not self._held
        if self._limits.only_successful and failed:
            dropped = Ending.DISCARDED if ending is Ending.SAVED else ending
            why = "judged a failure" if self._verdict else "success was not held"
            return self._end(dropped, f"{why}; dropped as asked", "discard")
        return self._end(ending, "", "finish")

    def break_off(self, ending: Ending, message: str) -> Outcome | None:
        """End it after a fault: what was written stays, marked as partial."""
        return self._end(ending, message, "keep")

    def _end(self, ending: Ending, message: str, how: str) -> Outcome | None:
        if self._ending is None:
            self._matcher.stop()
            self._matcher.assembler.on_image = lambda camera, stamp_ns: None
            self._ending, self._closing = (ending, message), how if self._opened else ""
        return self.outcome()

    def outcome(self) -> Outcome | None:
        """Return what became of it, once it has ended and the file is closed."""
        if self._ending is None:
            return None
        ending, message = self._ending
        path: Path | None | bool = None
        try:
            if self._closing and self._writer.idle:
                self._close()
            if self._opened:
                path = self._writer.ended()
        except EpisodeError as error:
            if ending is not Ending.WRITE_FAILED:
                ending, message = Ending.WRITE_FAILED, str(error)
            path = self._writer.partial_path
        if isinstance(path, bool):
            return None
        skipped = self._matcher.skipped_ticks
        if skipped and not message:
            message = f"{skipped} ticks have no row, most of them since "
            message += self._matcher.skipped_reason
        return Outcome(
            ending, message, path, self.num_frames,
            self._verdict == "success" if self._verdict else self._success, skipped,
            self._max_image_age_s, self._frames.counts(),
        )  # fmt: skip

    def _close(self) -> None:
        """Send what is to become of the file, now that all its rows are in."""
        self._note_dropped()
        how, self._closing = self._closing, ""
        if how == "discard":
            self._writer.discard()
        elif how == "keep":
            self._writer.keep_partial()
        else:
            known = {
                "skipped_ticks": self._matcher.skipped_ticks,
                "skipped_reason": self._matcher.skipped_reason,
            }
            if self._verdict:
                known |= {"verdict": self._verdict, "judge": "operator"}
            elif self._episode is not None:
                known |= {"verdict": "success" if self._success else "failure", "judge": "task"}
            self._writer.finish(known, self._frames.counts())

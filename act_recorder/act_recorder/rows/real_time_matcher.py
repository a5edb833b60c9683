# SPDX-License-Identifier: Apache-2.0
"""Rows of an episode in real time. No ROS."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from act_core.errors import ImageError
from act_core.observation import Missing, RawObservation
from act_core.streams.assembler import Decoder, ObservationAssembler, as_is
from act_core.streams.input_bounds import InputBounds
from act_recorder.rows.row_matcher import COMMANDS, NOT_BEGUN, GapError, Row

LATE = "the recorder was late"
# A quarter of a second of a fast camera; more would only take memory, 1 MB an image.
IMAGES_KEPT = 16


class RealTimeMatcher:
    """At each control tick the newest samples, none older than a bound.

    A slow camera's image is used again. A tick without a row is counted with its reason, also
    one that never came because the machine was busy.

    Args:
        cameras: names of the cameras.
        period_ns: from one tick to the next.
        bounds: how old a sample may be, and how far from the others.
        max_gap_ns: longest time between two rows; a longer one ends the episode.
        decode: turns a stored image into pixels.
    """

    def __init__(
        self,
        cameras: Sequence[str],
        period_ns: int,
        bounds: InputBounds,
        max_gap_ns: int,
        *,
        decode: Decoder = as_is,
    ) -> None:
        self.assembler = ObservationAssembler(
            cameras, max_age_ns=bounds.max_age_ns, max_skew_ns=bounds.max_skew_ns,
            capacity=IMAGES_KEPT, decode=decode,
        )  # fmt: skip
        self._command: tuple[int, NDArray[np.float64], str] | None = None
        self._period_ns = period_ns
        self._max_age_ns, self._max_gap_ns = bounds.max_age_ns, max_gap_ns
        self._running = self.over = False
        self._begun_ns = 0
        self._asked_ns: int | None = None
        self._first_ns: int | None = None
        self._row_ns: int | None = None
        self._num_rows = 0
        self._missed: Counter[str] = Counter()  # cause → ticks without a row

    def begin(self, stamp_ns: int) -> None:
        """Give rows from now on, none with a command of before `stamp_ns`: it is not executed."""
        self._begun_ns = stamp_ns
        self._running, self.over = True, False
        self._asked_ns = self._first_ns = self._row_ns = None
        self._num_rows = 0
        self._missed.clear()

    def end(self, stamp_ns: int) -> None:
        """Give no more rows."""
        del stamp_ns
        self.over = True

    def stop(self) -> None:
        """Give no row until the next `begin`."""
        self._running = self.over = False

    @property
    def skipped_ticks(self) -> int:
        """Control ticks without a row since the first row."""
        return self._missed.total() + self._late_ticks

    @property
    def skipped_reason(self) -> str:
        """What kept most of them from being rows."""
        causes = self._missed + Counter({LATE: self._late_ticks})
        return causes.most_common(1)[0][0] if causes else ""

    def add_command(self, stamp_ns: int, command: NDArray[np.float64], source: str = "") -> None:
        """Take the newest command (D,), and who sent it."""
        self.assembler.accept(COMMANDS)
        self._command = stamp_ns, command, source

    def drop(self, reason: str) -> None:
        """Count the last row as a tick without one."""
        self._num_rows -= 1
        self._missed[reason] += 1

    def next_row(self, now_ns: int) -> Row | Missing:
        """Return the row of the tick at `now_ns`, one for each, or what is missing."""
        if not self._running:
            return NOT_BEGUN
        if now_ns == self._asked_ns:
            return Missing("the next tick of the clock")
        self._asked_ns = now_ns
        row = self._row(now_ns)
        if self._row_ns is not None:
            self._check_gap(now_ns - self._row_ns, row)
        if isinstance(row, Missing):
            self._missed[row.cause] += self._first_ns is not None
            return row
        if self._first_ns is None:
            self._first_ns = now_ns
        self._row_ns = now_ns
        self._num_rows += 1
        return row

    def look(self, now_ns: int) -> RawObservation | Missing:
        """Return what a row of this moment would be made from, or what is missing."""
        if not self._running:
            return NOT_BEGUN
        raw = self.assembler.newest(now_ns)
        if isinstance(raw, Missing):
            return raw
        refusal = self.assembler.refusal(COMMANDS)
        if refusal and not self._command_is_fresh(now_ns):
            return Missing(refusal, f"{COMMANDS} refused")
        if self._command is None or self._command[0] < self._begun_ns:
            return Missing(f"{COMMANDS}: no command yet")
        if not self._command_is_fresh(now_ns):
            away_ns = now_ns - self._command[0]
            side = "old" if away_ns > 0 else "ahead of the clock"
            limit_ms = self._max_age_ns / 1e6
            text = f"newest is {abs(away_ns) / 1e6:.0f} ms {side} (limit {limit_ms:.0f} ms, "
            return Missing(f"{COMMANDS}: {text}max_age_s)", f"{COMMANDS} too old")
        return raw

    def _row(self, now_ns: int) -> Row | Missing:
        while not isinstance(raw := self.look(now_ns), Missing):
            try:
                whole = replace(raw, images=self.assembler.decoded(raw))
            except ImageError:
                continue  # it is forgotten, and the one before may do
            assert self._command is not None
            stamp_ns, command, source = self._command
            return Row(whole, command, stamp_ns, now_ns, source)
        return raw

    def _command_is_fresh(self, now_ns: int) -> bool:
        # A clock ahead says nothing of the age.
        return self._command is not None and abs(now_ns - self._command[0]) <= self._max_age_ns

    @property
    def _late_ticks(self) -> int:
        """Ticks between the first row and the last of which nobody asked for a row."""
        if self._first_ns is None or self._row_ns is None:
            return 0
        ticks = round((self._row_ns - self._first_ns) / self._period_ns) + 1
        return max(0, ticks - self._num_rows - self._missed.total())

    def _check_gap(self, gap_ns: int, row: Row | Missing) -> None:
        if 0 <= gap_ns <= self._max_gap_ns:
            return
        if gap_ns < 0:
            raise GapError(f"the clock was set back by {-gap_ns / 1e9:.2f} s")
        late = "this recorder, or the clock, was late"
        why = row.reason if isinstance(row, Missing) else late
        limit_s = self._max_gap_ns / 1e9
        raise GapError(f"no row for {gap_ns / 1e9:.2f} s (limit {limit_s:g} s, max_gap_s): {why}")

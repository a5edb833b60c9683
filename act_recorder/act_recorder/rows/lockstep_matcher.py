# SPDX-License-Identifier: Apache-2.0
"""Rows of an episode in lockstep. No ROS."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from act_core.observation import Missing, RawObservation
from act_core.streams.assembler import Decoder, ObservationAssembler, as_is
from act_recorder.rows.row_matcher import COMMANDS, NOT_BEGUN, GapError, Row


class LockstepMatcher:
    """Rows whose every part carries the same stamp, one per tick, none left out.

    Args:
        cameras: names of the cameras.
        period_ns: from one tick to the next.
        decode: turns a stored image into pixels.
        capacity: samples kept per stream.
    """

    def __init__(
        self,
        cameras: Sequence[str],
        period_ns: int,
        *,
        decode: Decoder = as_is,
        capacity: int = 1024,
    ) -> None:
        self.assembler = ObservationAssembler(cameras, capacity=capacity, decode=decode)
        self.skipped_ticks, self.skipped_reason = 0, ""
        self._commands: OrderedDict[int, tuple[NDArray[np.float64], str]] = OrderedDict()
        self._period_ns, self._capacity = period_ns, capacity
        self._next_ns: int | None = None
        self._end_ns: int | None = None

    def begin(self, stamp_ns: int) -> None:
        """Let the first row be the one of `stamp_ns`."""
        self._next_ns, self._end_ns = stamp_ns, None

    def end(self, stamp_ns: int) -> None:
        """Let the last row be the one before `stamp_ns`."""
        self._end_ns = stamp_ns

    def stop(self) -> None:
        """Give no row until the next `begin`."""
        self._next_ns = self._end_ns = None

    @property
    def over(self) -> bool:
        """Whether all rows up to the end were given."""
        if self._next_ns is None or self._end_ns is None:
            return False
        return self._next_ns >= self._end_ns

    def add_command(self, stamp_ns: int, command: NDArray[np.float64], source: str = "") -> None:
        """Take the command (D,) that answers the tick of `stamp_ns`, and who sent it."""
        self._commands[stamp_ns] = command, source
        while len(self._commands) > self._capacity:
            self._commands.popitem(last=False)

    def drop(self, reason: str) -> None:
        """Never happens: in lockstep all wait for the row."""
        raise GapError(f"a row was lost: {reason}")

    def next_row(self, now_ns: int) -> Row | Missing:
        """Return the next row, whenever it is, or which streams are out."""
        raw = self.look(now_ns)
        if isinstance(raw, Missing):
            return raw
        row = replace(raw, images=self.assembler.decoded(raw))
        self._next_ns = raw.stamp_ns + self._period_ns
        command, source = self._commands.pop(raw.stamp_ns)
        return Row(row, command, raw.stamp_ns, raw.stamp_ns, source)

    def look(self, now_ns: int) -> RawObservation | Missing:
        """Return what the next row would be made from, or which streams are out."""
        del now_ns
        if self._next_ns is None:
            return NOT_BEGUN
        raw = self.assembler.exact(self._next_ns)
        if self._next_ns in self._commands:
            return raw
        out = f"{raw.reason}, " if isinstance(raw, Missing) else ""
        return Missing(f"{out}{COMMANDS}")

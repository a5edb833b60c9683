# SPDX-License-Identifier: Apache-2.0
"""Which samples make a row of an episode: one interface, one matcher for each pace. No ROS."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from act_core.assembler import Decoder, ObservationAssembler, as_is
from act_core.errors import ActError
from act_core.observation import Missing, Observation, RawObservation

NOT_BEGUN = Missing("the first tick of an episode (task_state)")


class GapError(ActError):
    """What comes next would not continue the episode."""


@dataclass(frozen=True)
class Row:
    """An observation and the action (D,) that was commanded on it."""

    observation: Observation
    action: NDArray[np.float64]
    action_stamp_ns: int


class RowMatcher(Protocol):
    """Takes samples and commands, gives rows between `begin` and the end.

    Attributes:
        assembler: takes joint samples and images.
        skipped_ticks: control ticks of this episode that got no row.
    """

    assembler: ObservationAssembler
    skipped_ticks: int

    def begin(self, stamp_ns: int) -> None:
        """Give rows from `stamp_ns` on."""

    def end(self, stamp_ns: int) -> None:
        """Give no row of `stamp_ns` and later."""

    def stop(self) -> None:
        """Give no row until the next `begin`."""

    @property
    def over(self) -> bool:
        """Whether no row can come any more."""

    def add_command(self, stamp_ns: int, command: NDArray[np.float64]) -> None:
        """Take the command (D,) of `stamp_ns`."""

    def next_row(self, now_ns: int) -> Row | Missing:
        """Return the next row, or what keeps it from being whole.

        Raises:
            GapError: too much is missing for the episode to go on.
            ImageError: an image cannot be decoded.
        """

    def look(self, now_ns: int) -> RawObservation | Missing:
        """Return what the next row would be made from, or what it waits for; changes nothing."""


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
        self.skipped_ticks = 0
        self._commands: OrderedDict[int, NDArray[np.float64]] = OrderedDict()
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

    def add_command(self, stamp_ns: int, command: NDArray[np.float64]) -> None:
        """Take the command (D,) that answers the tick of `stamp_ns`."""
        self._commands[stamp_ns] = command
        while len(self._commands) > self._capacity:
            self._commands.popitem(last=False)

    def next_row(self, now_ns: int) -> Row | Missing:
        """Return the next row, whenever it is, or which streams are out."""
        raw = self.look(now_ns)
        if isinstance(raw, Missing):
            return raw
        observation = self.assembler.decode(raw)
        self._next_ns = raw.stamp_ns + self._period_ns
        return Row(observation, self._commands.pop(raw.stamp_ns), raw.stamp_ns)

    def look(self, now_ns: int) -> RawObservation | Missing:
        """Return what the next row would be made from, or which streams are out."""
        del now_ns
        if self._next_ns is None:
            return NOT_BEGUN
        raw = self.assembler.exact(self._next_ns)
        if self._next_ns in self._commands:
            return raw
        out = f"{raw.reason}, " if isinstance(raw, Missing) else ""
        return Missing(f"{out}joint_commands")


class RealTimeMatcher:
    """At each control tick the newest samples, none older than a bound.

    Args:
        cameras: names of the cameras.
        max_age_ns: oldest sample or command that a row may hold.
        max_gap_ns: longest time between two rows; what comes later would not continue the motion.
        decode: turns a stored image into pixels.
    """

    def __init__(
        self,
        cameras: Sequence[str],
        max_age_ns: int,
        max_gap_ns: int,
        *,
        decode: Decoder = as_is,
    ) -> None:
        self.assembler = ObservationAssembler(cameras, max_age_ns=max_age_ns, decode=decode)
        self.skipped_ticks = 0
        self._command: tuple[int, NDArray[np.float64]] | None = None
        self._max_age_ns, self._max_gap_ns = max_age_ns, max_gap_ns
        self._running = False
        self.over = False
        self._row_ns: int | None = None
        self._asked_ns: int | None = None

    def begin(self, stamp_ns: int) -> None:
        """Give rows from now on; the clock tells when."""
        del stamp_ns
        self._running, self.over = True, False
        self._row_ns = self._asked_ns = None
        self.skipped_ticks = 0

    def end(self, stamp_ns: int) -> None:
        """Give no more rows."""
        del stamp_ns
        self.over = True

    def stop(self) -> None:
        """Give no row until the next `begin`."""
        self._running = self.over = False

    def add_command(self, stamp_ns: int, command: NDArray[np.float64]) -> None:
        """Take the newest command (D,)."""
        self._command = stamp_ns, command

    def next_row(self, now_ns: int) -> Row | Missing:
        """Return the row of the tick at `now_ns`, one for each, or what is missing."""
        if not self._running:
            return NOT_BEGUN
        if now_ns == self._asked_ns:
            return Missing("the next tick of the clock")
        self._asked_ns = now_ns
        raw = self.look(now_ns)
        if self._row_ns is not None:
            self._check_gap(now_ns - self._row_ns, raw)
            self.skipped_ticks += isinstance(raw, Missing)
        if isinstance(raw, Missing):
            return raw
        assert self._command is not None
        stamp_ns, command = self._command
        row = Row(self.assembler.decode(raw), command, stamp_ns)
        self._row_ns = now_ns
        return row

    def look(self, now_ns: int) -> RawObservation | Missing:
        """Return what a row of this moment would be made from, or what is missing."""
        if not self._running:
            return NOT_BEGUN
        raw = self.assembler.newest(now_ns)
        if isinstance(raw, Missing):
            return raw
        if self._command is None:
            return Missing("joint_commands: no command yet")
        stamp_ns, _ = self._command
        if abs(now_ns - stamp_ns) > self._max_age_ns:  # a clock ahead says nothing of the age
            away_ms, limit_ms = abs(now_ns - stamp_ns) / 1e6, self._max_age_ns / 1e6
            side = "old" if now_ns > stamp_ns else "ahead of the clock"
            text = f"newest is {away_ms:.0f} ms {side} (limit {limit_ms:.0f} ms)"
            return Missing(f"joint_commands: {text}")
        return raw

    def _check_gap(self, gap_ns: int, raw: RawObservation | Missing) -> None:
        if 0 <= gap_ns <= self._max_gap_ns:
            return
        late = "this recorder, or the clock, was late"
        why = raw.reason if isinstance(raw, Missing) else late
        limit_s = self._max_gap_ns / 1e9
        raise GapError(f"no row for {gap_ns / 1e9:.2f} s (limit {limit_s:g} s): {why}")

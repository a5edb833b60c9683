# SPDX-License-Identifier: Apache-2.0
"""Which samples make a row of an episode. No ROS."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_core.assembler import Decoder, ObservationAssembler, as_is
from act_core.observation import Observation


@dataclass(frozen=True)
class Row:
    """An observation and the action (D,) that was commanded on it."""

    observation: Observation
    action: NDArray[np.float64]
    action_stamp_ns: int


class LockstepMatcher:
    """Rows whose every part carries the same stamp, one per tick, none left out."""

    def __init__(
        self,
        cameras: Sequence[str],
        period_ns: int,
        *,
        decode: Decoder = as_is,
        capacity: int = 1024,
    ) -> None:
        """Start empty; rows come from the stamp given to `begin` on."""
        self.assembler = ObservationAssembler(cameras, capacity=capacity, decode=decode)
        self._commands: OrderedDict[int, NDArray[np.float64]] = OrderedDict()
        self._period_ns, self._capacity = period_ns, capacity
        self.next_stamp_ns: int | None = None

    def begin(self, stamp_ns: int) -> None:
        """Let the first row be the one of `stamp_ns`."""
        self.next_stamp_ns = stamp_ns

    def add_command(self, stamp_ns: int, command: NDArray[np.float64]) -> None:
        """Take the command (D,) that answers the tick of `stamp_ns`."""
        self._commands[stamp_ns] = command
        while len(self._commands) > self._capacity:
            self._commands.popitem(last=False)

    def next_row(self) -> Row | None:
        """Return the next row if all of it is there."""
        stamp_ns = self.next_stamp_ns
        if stamp_ns is None or stamp_ns not in self._commands:
            return None
        observation = self.assembler.exact(stamp_ns)
        if observation is None:
            return None
        self.next_stamp_ns = stamp_ns + self._period_ns
        return Row(observation, self._commands.pop(stamp_ns), stamp_ns)

    def missing(self) -> list[str]:
        """Return which streams keep the next row from being whole."""
        if self.next_stamp_ns is None:
            return ["the first tick of an episode (task_state)"]
        streams = self.assembler.missing(self.next_stamp_ns)
        return streams + ([] if self.next_stamp_ns in self._commands else ["joint_commands"])


class RealTimeMatcher:
    """At each control tick the newest samples, none older than the assembler's bound."""

    def __init__(
        self, cameras: Sequence[str], max_age_ns: int, *, decode: Decoder = as_is
    ) -> None:
        """Start empty."""
        self.assembler = ObservationAssembler(cameras, max_age_ns=max_age_ns, decode=decode)
        self._command: tuple[int, NDArray[np.float64]] | None = None
        self._max_age_ns = max_age_ns

    def add_command(self, stamp_ns: int, command: NDArray[np.float64]) -> None:
        """Take the newest command (D,)."""
        self._command = stamp_ns, command

    def row_at(self, now_ns: int) -> Row | str:
        """Return the row of this moment, or in words what is missing."""
        observation = self.assembler.newest(now_ns)
        if isinstance(observation, str):
            return observation
        if self._command is None:
            return "joint_commands: no command yet"
        stamp_ns, command = self._command
        if abs(now_ns - stamp_ns) > self._max_age_ns:  # a clock ahead says nothing of the age
            away_ms, limit_ms = abs(now_ns - stamp_ns) / 1e6, self._max_age_ns / 1e6
            side = "old" if now_ns > stamp_ns else "ahead of the clock"
            return f"joint_commands: newest is {away_ms:.0f} ms {side} (limit {limit_ms:.0f} ms)"
        return Row(observation, command, stamp_ns)

# SPDX-License-Identifier: Apache-2.0
"""How streams come in: rate, age of the newest message, messages that never came. No ROS."""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

WINDOW_S = 2.0
# A step between stamps of more periods than this has swallowed messages.
LOST_PERIODS = 1.5
JUMP_S = 0.5


@dataclass(frozen=True)
class StreamReading:
    """One stream at one moment.

    Attributes:
        stream: its name, for people.
        rate_hz: messages a second over WINDOW_S, by arrival.
        age_s: of the newest message's stamp; infinite before the first.
        lost: messages that stamps say were sent and never came, since `restart`.
    """

    stream: str
    rate_hz: float = 0.0
    age_s: float = math.inf
    lost: int = 0


class StreamMeter:
    """Counts the messages of some streams.

    Args:
        streams: their names, in the order of the readings; others are not counted.
    """

    def __init__(self, streams: Iterable[str]) -> None:
        self._streams = {name: _Stream() for name in streams}

    def see(self, stream: str, stamp_ns: int, now_s: float) -> None:
        """Take the stamp of a message that came at the steady time `now_s`."""
        if stream in self._streams:
            self._streams[stream].see(stamp_ns, now_s)

    def restart(self) -> None:
        """Count losses from now on."""
        for stream in self._streams.values():
            stream.lost = 0

    def read(self, now_ns: int, now_s: float) -> list[StreamReading]:
        """Return how each stream is at the time `now_ns` of its stamps' clock."""
        return [s.read(name, now_ns, now_s) for name, s in self._streams.items()]


class _Stream:
    def __init__(self) -> None:
        self.lost = 0
        self._arrivals_s: deque[float] = deque()
        self._newest_ns: int | None = None
        self._steps_ns: deque[int] = deque(maxlen=100)
        self._unread_ns: list[int] = []

    def see(self, stamp_ns: int, now_s: float) -> None:
        since_s = now_s - self._arrivals_s[-1] if self._arrivals_s else now_s
        self._arrivals_s.append(now_s)
        self._forget(now_s)
        if self._newest_ns is not None:
            step_ns = stamp_ns - self._newest_ns
            # Further than time went on: the clock was set, as by a simulator's reset.
            if 0 < step_ns <= (2 * since_s + JUMP_S) * 1e9:
                self._unread_ns.append(step_ns)
        self._newest_ns = max(stamp_ns, self._newest_ns or stamp_ns)
        if len(self._unread_ns) >= (self._steps_ns.maxlen or 0):
            self._count()

    def read(self, name: str, now_ns: int, now_s: float) -> StreamReading:
        self._forget(now_s)
        self._count()
        age_s = math.inf if self._newest_ns is None else (now_ns - self._newest_ns) / 1e9
        return StreamReading(name, len(self._arrivals_s) / WINDOW_S, age_s, self.lost)

    def _forget(self, now_s: float) -> None:
        while self._arrivals_s and now_s - self._arrivals_s[0] > WINDOW_S:
            self._arrivals_s.popleft()

    def _count(self) -> None:
        """Take the steps since the last call against the usual one."""
        self._steps_ns.extend(self._unread_ns)
        if self._unread_ns:
            periods = np.array(self._unread_ns) / np.median(self._steps_ns)
            self.lost += int((np.round(periods[periods > LOST_PERIODS]) - 1).sum())
        self._unread_ns.clear()

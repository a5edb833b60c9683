# SPDX-License-Identifier: Apache-2.0
"""Keeps count of how well a loop follows the wall clock."""


class RealTimePace:
    """Measures a periodic loop against real time over a sliding window of one second."""

    def __init__(self, rate_hz: float, now_s: float) -> None:
        self._rate_hz = rate_hz
        self._window_start_s = now_s
        self._ticks = 0
        self.factor = self._before = 1.0

    @property
    def is_late(self) -> bool:
        """Whether the last two full windows were slower than 0.95 of real time.

        One alone is what a program costs that starts beside this one.
        """
        return max(self.factor, self._before) < 0.95

    def tick(self, now_s: float) -> None:
        """Count one tick."""
        self._ticks += 1
        elapsed_s = now_s - self._window_start_s
        if elapsed_s >= 1.0:
            self._before, self.factor = self.factor, self._ticks / (self._rate_hz * elapsed_s)
            self._window_start_s, self._ticks = now_s, 0

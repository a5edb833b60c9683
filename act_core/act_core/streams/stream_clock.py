# SPDX-License-Identifier: Apache-2.0
"""On which clock a stream is stamped, and by how much that differs from the receiver's."""

import math
from collections.abc import Callable

from act_core.streams.input_bounds import ClockBounds

# Nothing was recorded before; what is smaller does not count from 1970.
_YEAR_2000_NS = 946_684_800 * 10**9
_SAME_MACHINE_NS = 10 * 10**9
WINDOW_NS = 2 * 10**9


class StreamClock:
    """Measures one stream's stamps against the receiver's clock.

    A message arrives after its stamp by its latency plus the clocks' difference. Latency is never
    negative, so the smallest delay of a window is the difference as exactly as it can be known
    from one side: a stream that is ahead is on a clock that is wrong.

    Args:
        stream: its name, for people.
        bounds: `max_clock_offset_s` ahead and `max_age_s` behind are too much.
        simulated: whether the receiver's clock is a simulator's (use_sim_time).
        simulation_runs: tells whether a simulator's clock is published.
    """

    def __init__(
        self,
        stream: str,
        bounds: ClockBounds,
        *,
        simulated: bool = False,
        simulation_runs: Callable[[], bool] = lambda: False,
    ) -> None:
        self._stream, self._bounds = stream, bounds
        self._simulated, self._simulation_runs = simulated, simulation_runs
        self._least_ns = self._least_before_ns = math.inf
        self._since_ns: int | None = None
        self.settled = False

    @property
    def delay_s(self) -> float:
        """Smallest time from stamp to arrival of the last 2 to 4 s; infinite before the first."""
        return min(self._least_ns, self._least_before_ns) / 1e9

    def see(self, stamp_ns: int, now_ns: int, steady_ns: int) -> str:
        """Take the stamp of a message that has just come.

        Args:
            stamp_ns: of the message.
            now_ns: receiver's ROS clock.
            steady_ns: receiver's clock since boot, which also times the windows.

        Returns:
            What is wrong with the stream's clock and what to do about it; empty for nothing.
        """
        other = self._other_clock(stamp_ns, now_ns, steady_ns)
        if other:
            return f"{self._stream}: {other}"
        if self._since_ns is None or steady_ns - self._since_ns > WINDOW_NS:
            self.settled = self._since_ns is not None
            self._since_ns = steady_ns
            self._least_before_ns, self._least_ns = self._least_ns, math.inf
        self._least_ns = min(self._least_ns, now_ns - stamp_ns)
        # In simulated time all clocks are the simulator's, and arrive as late as messages do.
        fault = "" if self._simulated else self._offset_fault()
        return f"{self._stream}: {fault}" if fault else ""

    def _other_clock(self, stamp_ns: int, now_ns: int, steady_ns: int) -> str:
        """Say that stamps are of no clock, or of one that the receiver does not have."""
        if stamp_ns == 0 and not (self._simulated and now_ns == 0):
            return "stamps are 0: its driver sets none; let it fill in header.stamp"
        if self._simulated and now_ns == 0:
            return "this node's clock is 0: use_sim_time is set and nothing publishes /clock"
        if stamp_ns < _YEAR_2000_NS <= now_ns:
            if abs(steady_ns - stamp_ns) < _SAME_MACHINE_NS:
                return "stamps count from boot (monotonic clock): let its driver stamp in ROS time"
            if self._simulation_runs():
                return _FORGOTTEN
            return (
                f"stamps count from zero ({stamp_ns / 1e9:.0f} s), not from 1970: let its driver "
                "stamp in ROS time, or set use_sim_time where that is a simulator's time"
            )
        if self._simulated and now_ns < _YEAR_2000_NS <= stamp_ns:
            return (
                "stamps are wall time while this node runs in simulated time: set use_sim_time "
                "for its driver too, or for neither"
            )
        return ""

    def _offset_fault(self) -> str:
        limit_s, max_age_s = self._bounds.max_clock_offset_s, self._bounds.max_age_s
        if -limit_s <= self.delay_s <= max_age_s:
            return ""
        if self._simulation_runs():
            return _FORGOTTEN
        if self.delay_s < 0:
            return (
                f"stamps are {-self.delay_s:.3g} s ahead of this machine's clock (limit "
                f"{limit_s:g} s, max_clock_offset_s): synchronise the clocks with chrony"
            )
        return (
            f"stamps are at least {self.delay_s:.3g} s old when they arrive (limit "
            f"{max_age_s:g} s, max_age_s): synchronise the clocks with chrony; if they are, its "
            "driver or the network is too slow"
        )


_FORGOTTEN = "this node runs on wall time while the stream is in simulated time: set use_sim_time"

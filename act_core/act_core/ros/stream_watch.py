# SPDX-License-Identifier: Apache-2.0
"""What is looked at before a message is used: its clock, and whose it is."""

import math
import time
from collections.abc import Callable

from rclpy.node import Node

from act_core.errors import OtherJointsError
from act_core.ros.peers import has_publisher
from act_core.streams.input_bounds import ClockBounds
from act_core.streams.stream_clock import StreamClock

REPEAT_S = 1.0


class StreamWatch:
    """Refuses messages of streams that are on a wrong clock, and tells people what is refused.

    Args:
        node: whose clock and log it uses.
        bounds: of the clocks; None where stamps are counted and not compared with a clock.
        on_refused: gets a stream and why its message cannot be used.

    Attributes:
        bounds: as given.
        simulated: whether the node's clock is a simulator's (use_sim_time).
    """

    def __init__(
        self,
        node: Node,
        bounds: ClockBounds | None,
        on_refused: Callable[[str, str], object] = lambda *_: None,
    ) -> None:
        self._node, self.bounds, self._on_refused = node, bounds, on_refused
        self.simulated = bool(node.get_parameter("use_sim_time").value)
        self._clocks: dict[str, StreamClock] = {}
        self._said_s: dict[str, float] = {}
        self._wrong_since_s: dict[str, float] = {}  # infinite once it was said
        self._ignored: set[str] = set()

    def on_time(self, stream: str, stamp_ns: int) -> bool:
        """Take the stamp of a message that has just come; tell whether it can be used."""
        if self._clock_is_starting():
            return False
        fault = self._fault(stream, stamp_ns)
        if fault:
            self.refuse(stream, fault)
        return not fault

    def tell(self, stream: str, stamp_ns: int) -> None:
        """Take the stamp of a message that is used whatever its clock; say once what is wrong.

        It has to last: the first messages may have waited for this node.
        """
        fault = "" if self._clock_is_starting() else self._fault(stream, stamp_ns)
        now_s = time.monotonic()
        if not fault:
            self._wrong_since_s.pop(stream, None)
        elif now_s - self._wrong_since_s.setdefault(stream, now_s) > REPEAT_S:
            self._wrong_since_s[stream] = math.inf
            self._node.get_logger().warning(fault)

    def _clock_is_starting(self) -> bool:
        """Whether the first simulated time is on its way; nothing is wrong then."""
        if self.bounds is None or self._node.get_clock().now().nanoseconds:
            return False
        return self._simulation_runs()

    def _fault(self, stream: str, stamp_ns: int) -> str:
        if self.bounds is None:
            return ""
        clock = self._clocks.get(stream)
        if clock is None:
            clock = self._clocks[stream] = StreamClock(
                stream, self.bounds, simulated=self.simulated,
                simulation_runs=self._simulation_runs,
            )  # fmt: skip
        now_ns, settled = self._node.get_clock().now().nanoseconds, clock.settled
        fault = clock.see(stamp_ns, now_ns, time.monotonic_ns())
        if not fault and clock.settled and not settled:
            self._node.get_logger().info(
                f"{stream}: arrives {1000 * clock.delay_s:.0f} ms after its stamp at the earliest"
            )
        return fault

    def _simulation_runs(self) -> bool:
        return has_publisher(self._node, "/clock")

    def refuse(self, stream: str, reason: str) -> None:
        """Take note that a message of `stream` cannot be used, and say so."""
        self._on_refused(stream, reason)
        self.say(stream, reason)

    def say(self, stream: str, reason: str) -> None:
        """Tell people what is wrong with a message of `stream`, at most once a second."""
        now_s = time.monotonic()
        if now_s - self._said_s.get(stream, -REPEAT_S) >= REPEAT_S:
            self._said_s[stream] = now_s
            self._node.get_logger().error(reason)

    def ignore(self, stream: str, error: OtherJointsError) -> None:
        """Take note of a message of another device on the same topic; say so once."""
        if stream not in self._ignored:
            self._ignored.add(stream)
            text = f"{stream}: messages of another device are ignored: {error}"
            self._node.get_logger().info(text)

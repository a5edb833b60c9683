# SPDX-License-Identifier: Apache-2.0
"""What is looked at before a message is used: its clock, and whose it is."""

import time

from rclpy.node import Node

from act_core.assembler import ObservationAssembler
from act_core.errors import OtherJointsError
from act_core.input_bounds import InputBounds
from act_core.stream_clock import StreamClock

REPEAT_S = 1.0


class StreamWatch:
    """Refuses messages of streams that are on a wrong clock, and tells people what is refused.

    Args:
        node: whose clock and log it uses.
        assembler: remembers why samples of a stream are out.
        bounds: of the clocks; None where stamps are counted and not compared with a clock.
    """

    def __init__(
        self, node: Node, assembler: ObservationAssembler, bounds: InputBounds | None
    ) -> None:
        self._node, self._assembler, self._bounds = node, assembler, bounds
        self._simulated = bool(node.get_parameter("use_sim_time").value)
        self._clocks: dict[str, StreamClock] = {}
        self._said_s: dict[str, float] = {}
        self._ignored: set[str] = set()

    def on_time(self, stream: str, stamp_ns: int) -> bool:
        """Take the stamp of a message that has just come; tell whether it can be used."""
        if self._bounds is None:
            return True
        clock = self._clocks.get(stream)
        if clock is None:
            clock = self._clocks[stream] = StreamClock(
                stream, self._bounds, simulated=self._simulated,
                simulation_runs=self._simulation_runs,
            )  # fmt: skip
        now_ns, settled = self._node.get_clock().now().nanoseconds, clock.settled
        if not now_ns and self._simulation_runs():
            return False  # the first time is on its way; nothing is wrong
        fault = clock.see(stamp_ns, now_ns, time.monotonic_ns())
        if fault:
            self.refuse(stream, fault)
        elif clock.settled and not settled:
            self._node.get_logger().info(
                f"{stream}: arrives {1000 * clock.delay_s:.0f} ms after its stamp at the earliest"
            )
        return not fault

    def _simulation_runs(self) -> bool:
        return bool(self._node.count_publishers("/clock"))

    def refuse(self, stream: str, reason: str) -> None:
        """Take note that a message of `stream` cannot be used; say so once a second."""
        self._assembler.refuse(stream, reason)
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

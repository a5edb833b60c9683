# SPDX-License-Identifier: Apache-2.0
"""What the recorder node tells about itself."""

from collections.abc import Callable

from rclpy.node import Node

from act_core.ros.status_reporter import StatusReporter
from act_interfaces.msg import RecorderStatus
from act_recorder.episode_recording import Ending, Outcome


class RecorderReport(StatusReporter):
    """The recorder's status and its lines in the log.

    Args:
        node: whose status it is.
        missing: returns the inputs that nobody publishes.
    """

    def __init__(self, node: Node, missing: Callable[[], list[str]]) -> None:
        self._node, self._missing = node, missing
        super().__init__(node, RecorderStatus(), {})

    def recording(self, num_frames: int, message: str) -> None:
        """Say how far it is and what it waits for."""
        self.status.num_frames = num_frames
        if message:
            self._node.get_logger().warning(f"waiting for {message}", throttle_duration_sec=2.0)
        if not self.report(RecorderStatus.RECORDING, message):
            self.publish()

    def ended(self, outcome: Outcome) -> None:
        """Say what became of a recording."""
        self.status.path, self.status.num_frames = str(outcome.path or ""), outcome.num_frames
        self.report(RecorderStatus.IDLE, outcome.message)
        text = f"{outcome.path or 'no file'}: {outcome.ending.value}, {outcome.num_frames} rows"
        text += f": {outcome.message}" if outcome.message else ""
        if outcome.ending in (Ending.SAVED, Ending.DISCARDED):
            self._node.get_logger().info(text)
        else:
            self._node.get_logger().error(text)

    def publish(self) -> None:
        """Publish now."""
        self.status.header.stamp = self._node.get_clock().now().to_msg()
        self.status.missing = self._missing()
        super().publish()

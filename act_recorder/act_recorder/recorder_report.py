# SPDX-License-Identifier: Apache-2.0
"""What the recorder node tells about itself."""

from rclpy.node import Node

from act_core.ros.status_reporter import StatusReporter
from act_interfaces.msg import RecorderStatus
from act_recorder.episode_recording import Ending, EpisodeRecording, Outcome
from act_recorder.recorder_input import RecorderInput


class RecorderReport(StatusReporter):
    """The recorder's status and its lines in the log.

    Args:
        node: whose status it is.
        inputs: of the node.
    """

    def __init__(self, node: Node, inputs: RecorderInput) -> None:
        self._node, self._inputs = node, inputs
        super().__init__(node, RecorderStatus(), {})

    def recording(self, recording: EpisodeRecording, message: str) -> None:
        """Say how far it is and what it waits for."""
        self.status.num_frames = recording.num_frames
        self.status.skipped_ticks = recording.skipped_ticks
        self.status.image_age_s = recording.image_age_s
        self.status.buffer_fill = recording.buffer_fill
        if message:
            self._node.get_logger().warning(f"waiting for {message}", throttle_duration_sec=2.0)
        if not self.report(RecorderStatus.RECORDING, message):
            self.publish()

    def ended(self, outcome: Outcome) -> None:
        """Say what became of a recording."""
        self.status.path, self.status.num_frames = str(outcome.path or ""), outcome.num_frames
        self.status.skipped_ticks = outcome.skipped_ticks
        self.report(RecorderStatus.IDLE, outcome.message)
        text = f"{outcome.path or 'no file'}: {outcome.ending.value}, {outcome.num_frames} rows"
        text += f": {outcome.message}" if outcome.message else ""
        lost = {c: f.frames_lost for c, f in outcome.frames.items() if f.frames_lost}
        if lost:
            names = ", ".join(f"{count} of '{camera}'" for camera, count in lost.items())
            text += f"; frames that never came: {names}"
        if outcome.ending in (Ending.SAVED, Ending.DISCARDED):
            log = self._node.get_logger()
            _ = log.warning(text) if outcome.skipped_ticks else log.info(text)
        else:
            self._node.get_logger().error(text)

    def publish(self) -> None:
        """Publish now."""
        self.status.header.stamp = self._node.get_clock().now().to_msg()
        self.status.missing = self._inputs.without_publisher()
        self.status.refused = self._inputs.matcher.assembler.refused
        super().publish()

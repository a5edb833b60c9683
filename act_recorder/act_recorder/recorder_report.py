# SPDX-License-Identifier: Apache-2.0
"""What the recorder node tells about itself."""

import time

from rclpy.node import Node

from act_core.ros.status_reporter import StatusReporter
from act_interfaces.msg import RecorderStatus
from act_recorder.episode_recording import EpisodeRecording
from act_recorder.readiness import Readiness
from act_recorder.recorder_input import RecorderInput
from act_recorder.recording_types import Ending, Outcome


class RecorderReport(StatusReporter):
    """The recorder's status and its lines in the log.

    Args:
        node: whose status it is.
        inputs: of the node.
        readiness: of the node.
        rate_hz: of the robot.
    """

    def __init__(
        self, node: Node, inputs: RecorderInput, readiness: Readiness, rate_hz: float
    ) -> None:
        self._node, self._inputs = node, inputs
        self._readiness, self._rate_hz = readiness, rate_hz
        super().__init__(node, RecorderStatus(), {})

    def recording(self, recording: EpisodeRecording, message: str) -> None:
        """Say how far it is and what it waits for."""
        self.status.num_frames = recording.num_frames
        self.status.skipped_ticks = recording.skipped_ticks
        self.status.image_age_s = recording.image_age_s
        self.status.buffer_fill = recording.buffer_fill
        self.status.max_frames, self.status.not_ready = recording.max_frames, ""
        self._elapsed(recording.num_frames + recording.skipped_ticks)
        left = recording.max_frames - recording.num_frames
        self.status.left_s = left / self._rate_hz
        if message:
            self._node.get_logger().warning(f"waiting for {message}", throttle_duration_sec=2.0)
        if not self.report(RecorderStatus.RECORDING, message):
            self.publish()

    def warn(self, text: str) -> None:
        """Say what a running recording notices, once a second at most."""
        self._node.get_logger().warning(text, throttle_duration_sec=1.0)

    def ended(self, outcome: Outcome) -> None:
        """Say what became of a recording."""
        self.status.path, self.status.num_frames = str(outcome.path or ""), outcome.num_frames
        self.status.skipped_ticks = outcome.skipped_ticks
        self.status.max_frames, self.status.left_s = 0, 0.0
        self._elapsed(outcome.num_frames + outcome.skipped_ticks)
        if outcome.path is not None:
            self._readiness.disk.measure(outcome.path, self.status.elapsed_s)
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

    def _elapsed(self, ticks: int) -> None:
        self.status.elapsed_s = ticks / self._rate_hz

    def publish(self) -> None:
        """Publish now."""
        now_ns = self._node.get_clock().now().nanoseconds
        readings = self._inputs.meter.read(now_ns, time.monotonic())
        self.status.streams = [r.stream for r in readings]
        self.status.rates_hz = [r.rate_hz for r in readings]
        self.status.ages_s = [r.age_s for r in readings]
        self.status.lost = [r.lost for r in readings]
        self.status.free_bytes = self._readiness.disk.free_bytes
        self.status.bytes_per_s = float(self._readiness.disk.bytes_per_s)
        if self.status.state == RecorderStatus.IDLE:
            self.status.not_ready = self._readiness.reason()
        self.status.header.stamp = self._node.get_clock().now().to_msg()
        self.status.missing = self._inputs.without_publisher()
        self.status.refused = self._inputs.matcher.assembler.refused
        super().publish()

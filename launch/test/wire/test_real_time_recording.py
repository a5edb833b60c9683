# SPDX-License-Identifier: Apache-2.0
"""Recording a running robot: slow cameras keep a motion's speed, a bad folder is told at once."""

import math
import time
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from processes import Processes, wait_until
from rclpy.action import ActionClient
from sensor_msgs.msg import Image, JointState
from spun_node import SpunNode

from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.messages.images import write_image
from act_core.ros.messages.joints import write_vector
from act_core.ros.process.script import MUTUAL_S
from act_interfaces.action import RecordEpisode
from act_policy.samples.dataset import EpisodeDataset
from act_policy.samples.episode import Episode

SPEC = load_robot("aloha_sim")
SPEED_RAD_S = 0.3
NUM_ROWS, CHUNK_SIZE = 120, 50


class SlowRobot(SpunNode):
    """A robot at the control rate whose commands are a ramp and whose camera lags behind.

    Args:
        domain: ROS domain.
        camera_hz: frames per second.
        latency_s: from a frame's stamp to its arrival.
    """

    def __init__(self, domain: int, camera_hz: float, latency_s: float):
        super().__init__("robot", domain)
        self._joints = self.create_publisher(JointState, "joint_states", qos.NEWEST_ONLY)
        self._commands = self.create_publisher(JointState, "joint_commands", qos.COMMANDS)
        self._images = self.create_publisher(Image, "top/image_raw", qos.NEWEST_ONLY)
        self.client = ActionClient(self, RecordEpisode, "recorder/record_episode")
        self._pending: deque[tuple[float, Image]] = deque()
        self._latency_s, self._began_s = latency_s, math.inf
        self.create_timer(1 / SPEC.rate_hz, self._move)
        self.create_timer(1 / camera_hz, self._expose)
        self.create_timer(0.005, self._deliver)

    def _move(self) -> None:
        pose = SPEC.start.copy()
        pose[0] += SPEED_RAD_S * max(0.0, time.monotonic() - self._began_s)
        now_ns = self.get_clock().now().nanoseconds
        self._joints.publish(write_vector(pose, SPEC.state, now_ns))
        self._commands.publish(write_vector(pose, SPEC.command, now_ns))

    def _expose(self) -> None:
        pixels = np.zeros((120, 160, 3), np.uint8)
        image = write_image(pixels, self.get_clock().now().nanoseconds, "top")
        self._pending.append((time.monotonic() + self._latency_s, image))

    def _deliver(self) -> None:
        while self._pending and self._pending[0][0] <= time.monotonic():
            self._images.publish(self._pending.popleft()[1])

    def record(self) -> Any:
        """Move, and record it; return the result."""
        wait_until(self.client.server_is_ready, 20.0, "no recorder")
        time.sleep(MUTUAL_S)
        self._began_s = time.monotonic()
        sent = self.ask(
            lambda: self.client.send_goal_async(RecordEpisode.Goal(max_frames=NUM_ROWS))
        )
        wait_until(sent.done, 10.0, "no answer to the goal")
        ended = self.ask(sent.result().get_result_async)
        wait_until(ended.done, 30.0, "the episode does not end")
        return ended.result().result


def _speeds(path: Path) -> np.ndarray:
    """Return the speed of the first joint in every chunk of at least ten actions, rad/s."""
    data = EpisodeDataset([Episode.load(path)], CHUNK_SIZE)
    batch, speeds = data[range(len(data))], []
    for actions, is_pad in zip(batch.actions[..., 0].numpy(), batch.is_pad.numpy(), strict=True):
        real = actions[~is_pad]
        if len(real) >= 10:
            speeds.append(np.polyfit(np.arange(len(real)) / SPEC.rate_hz, real, 1)[0])
    return np.array(speeds)


@pytest.mark.ros
@pytest.mark.parametrize(
    ("camera_hz", "latency_s", "bounds"),
    [
        (30.0, 0.0, {}),
        (30.0, 0.045, {}),
        (30.0, 0.1, {}),
        (15.0, 0.15, {"max_age_s": 0.35, "max_skew_s": 0.35}),
        (15.0, 0.15, {"max_skew_s": 0.17}),  # too tight: ticks without a row
    ],
)
def test_a_motion_keeps_its_speed_in_what_training_learns(
    camera_hz: float, latency_s: float, bounds: dict[str, float], processes: Processes,
    domain: int, tmp_path: Path,
) -> None:  # fmt: skip
    recorder = processes.start(
        "act_recorder.recorder_node", pace="realtime", sim=False, dataset_dir=tmp_path / "data",
        **bounds,
    )  # fmt: skip
    robot = SlowRobot(domain, camera_hz, latency_s)
    robot.start()
    try:
        result = robot.record()
    finally:
        robot.close()
    assert result.code == RecordEpisode.Result.NONE, result.message + recorder.text
    assert result.max_image_age_s > latency_s
    speeds = _speeds(Path(result.path))
    assert len(speeds) > NUM_ROWS // 4
    np.testing.assert_allclose(speeds, SPEED_RAD_S, rtol=0.02)
    if bounds == {"max_skew_s": 0.17}:
        assert result.skipped_ticks > NUM_ROWS // 4
        assert "most of them since camera 'top' too far from joint_states" in result.message
        assert "tick without a row: camera 'top': " in recorder.text
    else:  # a busy machine may be late
        assert "camera" not in result.message
        assert result.skipped_ticks < NUM_ROWS // 4


@pytest.mark.ros
def test_a_folder_that_cannot_be_written_to_is_told_before_anybody_moves(
    processes: Processes, domain: int, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    processes.start(
        "act_recorder.recorder_node", pace="realtime", sim=False, dataset_dir=tmp_path / "file"
    )
    robot = SlowRobot(domain, 30.0, 0.0)
    robot.start()
    try:
        results = [robot.record() for _ in range(2)]  # and the recorder is free again
    finally:
        robot.close()
    for result in results:
        assert result.code == RecordEpisode.Result.WRITE_FAILED
        assert result.message.startswith(
            f"dataset folder {tmp_path / 'file'} cannot be written to"
        )

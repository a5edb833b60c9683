# SPDX-License-Identifier: Apache-2.0
"""What the recorder refuses before anybody moves, and an operator's word on an episode."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from processes import Process, Processes, wait_until
from rclpy.action import ActionClient
from rclpy.publisher import Publisher
from sensor_msgs.msg import CompressedImage, Image, JointState
from spun_node import SpunNode

from act_core.episode.reader import EpisodeReader
from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.messages.images import write_image
from act_core.ros.messages.joints import write_vector
from act_core.ros.process.script import MUTUAL_S
from act_interfaces.action import RecordEpisode
from act_interfaces.msg import RecorderStatus
from act_interfaces.srv import EndEpisode

pytestmark = [pytest.mark.ros, pytest.mark.timeout(120)]

SPEC = load_robot("aloha_sim")
Result = RecordEpisode.Result


class Robot(SpunNode):
    """A robot that stands still, with one camera, and the recorder's client."""

    def __init__(self, domain: int):
        super().__init__("robot", domain)
        self.size, self.encoding = (120, 160), "rgb8"
        self.status = RecorderStatus()
        self._joints = self.create_publisher(JointState, "joint_states", qos.JOINT_STATES)
        self._commands = self.create_publisher(JointState, "joint_commands", qos.COMMANDS)
        self.camera: Publisher | None = self.create_publisher(Image, "top/image_raw", qos.IMAGES)
        self._record = ActionClient(self, RecordEpisode, "recorder/record_episode")
        self._end = self.create_client(EndEpisode, "recorder/end_episode")
        self.create_subscription(RecorderStatus, "recorder/status", self._hear, qos.STATUS)
        self.create_timer(1 / SPEC.rate_hz, self._stand)
        self.create_timer(0.05, self._expose)
        self.start()

    def _hear(self, status: RecorderStatus) -> None:
        self.status = status

    def _stand(self) -> None:
        now_ns = self.get_clock().now().nanoseconds
        self._joints.publish(write_vector(SPEC.start, SPEC.state, now_ns))
        self._commands.publish(write_vector(SPEC.start, SPEC.command, now_ns))

    def _expose(self) -> None:
        if self.camera is not None:
            pixels = np.zeros((*self.size, 3), np.uint8)
            image = write_image(pixels, self.get_clock().now().nanoseconds, "top")
            image.encoding = self.encoding
            self.camera.publish(image)

    def begin(self, **goal: Any) -> Any:
        """Return what will be the result of a goal."""
        wait_until(self._record.server_is_ready, 30.0, "no recorder")
        time.sleep(MUTUAL_S)
        sent = self.ask(
            lambda: self._record.send_goal_async(RecordEpisode.Goal(task="fold", **goal))
        )
        wait_until(sent.done, 10.0, "no answer to the goal")
        return self.ask(sent.result().get_result_async)

    def result(self, ended: Any) -> Any:
        """Return a result that is due at once."""
        wait_until(ended.done, 10.0, "the episode does not end")
        return ended.result().result

    def end(self, **request: Any) -> Any:
        """Return the answer to a request to end or judge."""
        wait_until(self._end.service_is_ready, 30.0, "no service")
        answer = self.ask(lambda: self._end.call_async(EndEpisode.Request(**request)))
        wait_until(answer.done, 10.0, "no answer")
        return answer.result()

    def wait_for(self, text: str) -> None:
        """Wait until the recorder says why it is not ready."""
        wait_until(lambda: text in self.status.not_ready, 20.0, f"not '{text}'")

    def rows(self, count: int) -> None:
        """Wait for rows of an episode in progress."""
        wait_until(
            lambda: self.status.state == RecorderStatus.RECORDING
            and self.status.num_frames >= count, 20.0, "no rows",
        )  # fmt: skip


@pytest.fixture
def recorder(processes: Processes, tmp_path: Path) -> Process:
    return processes.start(
        "act_recorder.recorder_node", pace="realtime", sim=False, dataset_dir=tmp_path / "data",
        max_age_s=2.0, max_skew_s=2.0, max_gap_s=3.0, start_timeout_s=60.0,
    )  # fmt: skip


@pytest.fixture
def robot(recorder: Process, domain: int) -> Iterator[Robot]:
    del recorder  # is there
    node = Robot(domain)
    yield node
    node.close()


def test_an_episode_is_ended_early_and_judged_then_or_later(robot: Robot, tmp_path: Path) -> None:
    assert robot.end().message == "no episode is in progress"
    ended = robot.begin()
    robot.rows(5)
    assert robot.status.max_frames == 1000
    assert list(robot.status.streams) == ["joint_states", "joint_commands", "camera 'top'"]
    assert robot.end(verdict="good").message == (
        "verdict 'good', expected success, failure or nothing"
    )
    assert robot.end(verdict="success").code == EndEpisode.Response.NONE
    result = robot.result(ended)
    assert (result.code, result.success) == (Result.NONE, True)
    path = Path(result.path)
    with EpisodeReader(path) as episode:
        assert episode.num_frames == result.num_frames >= 5
        assert (episode.meta.verdict, episode.meta.judge) == ("success", "operator")
    assert robot.end(path=str(path), verdict="failure").kept
    with EpisodeReader(path) as episode:
        assert episode.meta.verdict == "failure"
    assert not robot.end(path=str(path), discard=True).kept
    assert not list((tmp_path / "data").iterdir())
    refused = robot.end(path=str(tmp_path / "mine.hdf5"), discard=True)
    assert refused.message.endswith("mine.hdf5: not recorded since this recorder started")


def test_an_episode_in_progress_does_not_keep_a_core_busy(robot: Robot, recorder: Process) -> None:
    robot.begin()
    robot.rows(5)
    process = psutil.Process(recorder.popen.pid)

    def cpu_s() -> float:
        times = process.cpu_times()
        return times.user + times.system

    begun_s, used_s = time.monotonic(), cpu_s()
    time.sleep(3.0)
    # 0.1 of a core; 1.0 where a goal's execution waits in rclpy's EventsExecutor.
    assert (cpu_s() - used_s) / (time.monotonic() - begun_s) < 0.5


def test_a_robot_keeps_what_the_operator_calls_a_success(robot: Robot, tmp_path: Path) -> None:
    ended = robot.begin(only_successful=True)
    robot.rows(1)
    robot.end(verdict="failure")
    result = robot.result(ended)
    assert (result.code, result.path) == (Result.DISCARDED, "")
    assert result.message == "judged a failure; dropped as asked"
    result = robot.result(robot.begin(only_successful=True, max_frames=5))  # unjudged: not yet
    assert Path(result.path).exists()
    assert robot.end(path=result.path, verdict="success").kept


def test_images_that_cannot_be_recorded_are_told_before_anybody_moves(robot: Robot) -> None:
    robot.encoding = "rgb9"
    robot.wait_for("camera 'top': encoding 'rgb9', accepted are rgb8, ")
    began_s = time.monotonic()
    result = robot.result(robot.begin())
    assert time.monotonic() - began_s < 10.0
    assert (result.code, result.num_frames) == (Result.NOT_STARTED, 0)
    assert result.message.startswith("camera 'top': encoding 'rgb9'")
    robot.encoding, robot.size = "rgb8", (60, 80)
    robot.wait_for("camera 'top': got 60x80, expected 120x160")
    robot.size = (120, 160)
    wait_until(lambda: not robot.status.not_ready, 20.0, "not ready again")
    ended = robot.begin()  # nobody is locked out
    robot.rows(1)
    robot.end(discard=True)
    result = robot.result(ended)
    assert (result.code, result.message) == (Result.DISCARDED, "dropped as the operator asked")


def test_another_type_of_message_is_named(robot: Robot, domain: int) -> None:
    assert robot.camera is not None
    robot.destroy_publisher(robot.camera)
    robot.camera = None
    other = SpunNode("camera_driver", domain)
    other.create_publisher(CompressedImage, "top/image_raw", qos.IMAGES)
    other.start()
    expected = "top/image_raw is published as sensor_msgs/msg/CompressedImage, expected "
    robot.wait_for(expected + "sensor_msgs/msg/Image; the robot file's topic and transport")
    assert robot.result(robot.begin()).message.startswith(expected)


def test_an_episode_that_the_disk_cannot_take_is_refused(robot: Robot) -> None:
    result = robot.result(robot.begin(max_frames=2**31))
    assert result.code == Result.WRITE_FAILED
    assert "MiB left, an episode of 42949673 s takes up to" in result.message

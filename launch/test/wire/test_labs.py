# SPDX-License-Identifier: Apache-2.0
"""Labs that the suite does not know, brought up with their robot file and no remapping."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from processes import Process, Processes, wait_until
from rclpy.action import ActionClient
from spun_node import SpunNode

from act_core.episode.reader import EpisodeReader
from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.process.script import MUTUAL_S
from act_interfaces.action import RecordEpisode
from act_policy.checkpoint.checkpoint import save_checkpoint
from act_policy.testing import make_checkpoint

pytestmark = [pytest.mark.ros, pytest.mark.slow, pytest.mark.timeout(300)]

ROBOTS = ["ros2_control_arm", "aloha_2", "trossen_ai"]
ROWS = 200


class Bystander(SpunNode):
    """Asks the recorder for an episode, and reads what the fake lab says of itself."""

    def __init__(self, domain: int):
        super().__init__("bystander", domain)
        self.commands = 0
        self.create_subscription(DiagnosticArray, "/diagnostics", self._hear, qos.DIAGNOSTICS)
        self._record = ActionClient(self, RecordEpisode, "recorder/record_episode")
        self.start()

    def _hear(self, message: DiagnosticArray) -> None:
        for status in message.status:
            values = {v.key: v.value for v in status.values}
            if status.name == "/fake_lab":
                self.commands = int(values["commands"])

    def record(self, rows: int) -> Any:
        """Return the result of a goal for `rows` rows."""
        assert self._record.wait_for_server(60.0)
        time.sleep(MUTUAL_S)
        sent = self.ask(
            lambda: self._record.send_goal_async(RecordEpisode.Goal(task="wave", max_frames=rows))
        )
        wait_until(sent.done, 20.0, "no answer to the goal")
        ended = self.ask(sent.result().get_result_async)
        wait_until(ended.done, 60.0, "the recording does not end")
        return ended.result().result

    def wait_for_commands(self, more: int, of: Process) -> None:
        """Wait until the lab's controllers have taken `more` commands of a process."""
        before = self.commands
        wait_until(lambda: self.commands >= before + more, 30.0, "no commands reach the lab", of)


@pytest.fixture
def bystander(domain: int) -> Iterator[Bystander]:
    node = Bystander(domain)
    yield node
    node.close()


def _lab(act: Processes, robot: str) -> None:
    lab = act.start(
        "act_teleop.rehearsal.fake_lab_node", robot_file=robot, camera_rate_hz=10.0,
        best_effort=True,
    )  # fmt: skip
    lab.wait_for("plays the lab")


def _patient(folder: Path, **policy: object) -> str:
    """Return a parameter file with which nodes bear that this machine is busy with other tests."""
    late = {"max_age_s": 5.0, "max_skew_s": 5.0}
    node = {"policy": {**late, **policy}} if policy else {
        "recorder": {**late, "max_gap_s": 5.0}, "teleop": {"input_timeout_s": 2.0},
    }  # fmt: skip
    path = folder / "params.yaml"
    path.write_text(json.dumps({f"/**/{n}": {"ros__parameters": p} for n, p in node.items()}))
    return str(path)


def _assert_followed(episode: EpisodeReader, period_ns: int) -> None:
    """Assert that the arm is where it was commanded to be five periods before, by the stamps."""
    later_ns = episode.action_stamps_ns + 5 * period_ns
    inside = later_ns <= episode.stamps_ns[-1]
    assert inside.sum() > ROWS / 2
    for commanded, measured in zip(episode.actions.T, episode.positions.T, strict=True):
        reached = np.interp(later_ns[inside], episode.stamps_ns, measured)
        np.testing.assert_allclose(reached, commanded[inside], atol=0.2)


@pytest.mark.parametrize("robot", ROBOTS)
def test_an_episode_is_recorded_and_the_controllers_are_commanded(
    robot: str, act: Processes, bystander: Bystander, tmp_path: Path
) -> None:
    _lab(act, robot)
    folder = tmp_path / "episodes"
    record = act.start(
        "act_bringup.cli.main", "record", "--sim", "false", "--robot", robot,
        "--dataset-dir", str(folder), "--params-file", _patient(tmp_path),
    )  # fmt: skip
    record.wait_for("following the leader")
    bystander.wait_for_commands(10, record)
    result = bystander.record(ROWS)
    assert result.code == result.NONE, f"{result.message}\n{record.text}"
    with EpisodeReader(Path(result.path)) as episode:
        spec = load_robot(robot)
        assert episode.num_frames == ROWS
        assert episode.cameras == tuple(sorted(c.name for c in spec.cameras))
        moved = np.ptp(episode.actions[:, ~spec.is_gripper], axis=0)
        assert moved.max() > 0.01  # the leader waves
        _assert_followed(episode, spec.period_ns)
    assert record.stop() == 130  # Ctrl-C


@pytest.mark.parametrize("robot", ROBOTS)
def test_a_policy_drives_the_labs_controllers(
    robot: str, act: Processes, bystander: Bystander, tmp_path: Path
) -> None:
    spec, folder = load_robot(robot), tmp_path / "checkpoint"
    rows = np.tile(spec.start, (4, 1)).astype(np.float32)
    rows[::2] += 0.01
    camera = spec.cameras[0]
    save_checkpoint(folder, make_checkpoint(
        rows, rows, robot_yaml=spec.yaml_text, chunk_size=100, rate_hz=spec.rate_hz,
        cameras=(camera.name,), image_height_px=camera.height_px, image_width_px=camera.width_px,
        state_names=spec.columns, action_names=spec.columns,
    ))  # fmt: skip
    _lab(act, robot)
    deploy = act.start(
        "act_bringup.cli.main", "deploy", "--sim", "false", "--robot", robot,
        "--checkpoint", str(folder), "--autostart", "true", "--query-interval-ticks", "0",
        "--params-file", _patient(tmp_path, resume="auto"),
    )  # fmt: skip
    deploy.wait_for("driving")
    bystander.wait_for_commands(50, deploy)
    assert deploy.stop() == 130


def test_without_the_labs_messages_the_bridge_says_which_package_to_build(
    processes: Processes,
) -> None:
    if "interbotix_xs_msgs" in sys.modules:
        pytest.fail("the stand-in must not leak into this process")
    bridge = processes.start("act_teleop.bridge.arm_bridge_node", robot_file="aloha_2")
    assert bridge.wait_for_exit() == 1
    assert "ROS package interbotix_xs_msgs is not installed" in bridge.text


def test_who_waits_for_topics_that_nobody_publishes_says_so(processes: Processes) -> None:
    recorder = processes.start(
        "act_recorder.recorder_node", robot_file="ros2_control_arm", pace="realtime", sim=False
    )
    recorder.wait_for(
        "nobody publishes /joint_states, /front/image_raw, /wrist/image_raw, which robot "
        "'ros2_control_arm' names; `act robot check` compares its file with what runs"
    )
    assert recorder.stop() == 0

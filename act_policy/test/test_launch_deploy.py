# SPDX-License-Identifier: Apache-2.0
"""deploy.launch.py brings up simulator and policy, which drives once an episode begins."""

import tempfile
import time
import unittest
from pathlib import Path

import pytest

REASON = "needs launch_ros and launch_testing, which an installed ROS 2 has and PyPI lacks"
launch_testing = pytest.importorskip("launch_testing", reason=REASON)
pytest.importorskip("launch_ros", reason=REASON)

import numpy as np  # noqa: E402
import rclpy  # noqa: E402
from launch import LaunchDescription  # noqa: E402
from launch.actions import IncludeLaunchDescription  # noqa: E402
from launch_ros.substitutions import FindPackageShare  # noqa: E402
from launch_testing.actions import ReadyToTest  # noqa: E402
from rclpy.executors import SingleThreadedExecutor  # noqa: E402
from sensor_msgs.msg import JointState  # noqa: E402

from act_core.robot.robot_file import load_robot  # noqa: E402
from act_core.ros import qos  # noqa: E402
from act_interfaces.msg import PolicyStatus  # noqa: E402
from act_interfaces.srv import ResetScene  # noqa: E402
from act_policy.checkpoint.checkpoint import save_checkpoint  # noqa: E402
from act_policy.testing import make_checkpoint  # noqa: E402

LIMIT_S = 90.0
FOLDER = tempfile.TemporaryDirectory(prefix="test_launch_deploy")


def untrained_checkpoint() -> Path:
    """Save a small network with random weights for the simulated robot."""
    spec = load_robot("aloha_sim")
    camera = spec.cameras[0]
    noise = np.random.default_rng(0).normal(scale=0.01, size=(20, spec.dim))
    rows = (spec.start + noise).astype(np.float32)
    checkpoint = make_checkpoint(
        rows, rows, robot_yaml=spec.yaml_text, chunk_size=10, rate_hz=spec.rate_hz,
        cameras=(camera.name,), image_height_px=camera.height_px, image_width_px=camera.width_px,
        state_names=spec.columns, action_names=spec.columns,
    )  # fmt: skip
    folder = Path(FOLDER.name) / "untrained"
    save_checkpoint(folder, checkpoint)
    return folder


@pytest.mark.launch
@pytest.mark.launch_test
def generate_test_description() -> LaunchDescription:
    """Start both in lockstep, which no machine is too slow for."""
    file = [FindPackageShare("act_policy"), "/launch/deploy.launch.py"]
    # Without the score: the test resets the scene itself.
    arguments = {"pace": "lockstep", "checkpoint": str(untrained_checkpoint()), "score": "false"}
    return LaunchDescription(
        [IncludeLaunchDescription(file, launch_arguments=arguments.items()), ReadyToTest()]
    )


class TestRunning(unittest.TestCase):
    def setUp(self):
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node("test_launch_deploy", context=self.context)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)

    def tearDown(self):
        self.executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)

    def wait_until(self, ready, what):
        end_s = time.monotonic() + LIMIT_S
        while not ready():
            assert time.monotonic() < end_s, f"{what}: not after {LIMIT_S:g} s"
            self.executor.spin_once(timeout_sec=0.1)

    def test_policy_answers_the_ticks_of_an_episode(self):
        states: list[int] = []
        stamps: list[tuple[int, int]] = []
        self.node.create_subscription(
            PolicyStatus, "policy/status", lambda m: states.append(m.state), qos.STATUS
        )
        self.node.create_subscription(
            JointState, "joint_commands",
            lambda m: stamps.append((m.header.stamp.sec, m.header.stamp.nanosec)), qos.LOCKSTEP,
        )  # fmt: skip
        reset = self.node.create_client(ResetScene, "sim/reset")
        self.wait_until(reset.service_is_ready, "service sim/reset")
        self.wait_until(lambda: PolicyStatus.INACTIVE not in states[-1:] and states, "activation")
        reply = reset.call_async(ResetScene.Request(task="transfer_cube", seed=1))
        self.wait_until(reply.done, "reset")
        first = reply.result().stamp
        self.wait_until(lambda: len(stamps) >= 5, "five commands")
        assert (first.sec, first.nanosec) in stamps
        self.wait_until(lambda: PolicyStatus.DRIVING in states, "status driving")


@launch_testing.post_shutdown_test()
class TestEnded(unittest.TestCase):
    def test_every_process_ended_cleanly(self, proc_info):
        launch_testing.asserts.assertExitCodes(proc_info)

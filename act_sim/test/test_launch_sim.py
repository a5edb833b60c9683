# SPDX-License-Identifier: Apache-2.0
"""sim.launch.py brings up a robot that publishes, in the namespace asked for, and ends cleanly."""

import time
import unittest

import pytest

REASON = "needs launch_ros and launch_testing, which an installed ROS 2 has and PyPI lacks"
launch_testing = pytest.importorskip("launch_testing", reason=REASON)
pytest.importorskip("launch_ros", reason=REASON)

import rclpy  # noqa: E402
from launch import LaunchDescription  # noqa: E402
from launch.actions import IncludeLaunchDescription  # noqa: E402
from launch_ros.substitutions import FindPackageShare  # noqa: E402
from launch_testing.actions import ReadyToTest  # noqa: E402
from rclpy.executors import SingleThreadedExecutor  # noqa: E402
from rosgraph_msgs.msg import Clock  # noqa: E402
from sensor_msgs.msg import Image, JointState  # noqa: E402

from act_core.ros import qos  # noqa: E402

LIMIT_S = 60.0


@pytest.mark.launch
@pytest.mark.launch_test
def generate_test_description() -> LaunchDescription:
    """Start the simulator in a namespace, with a camera of its own."""
    file = [FindPackageShare("act_sim"), "/launch/sim.launch.py"]
    arguments = {"namespace": "cell", "pace": "lockstep", "extra_cameras": "[angle:24x32]"}
    return LaunchDescription(
        [IncludeLaunchDescription(file, launch_arguments=arguments.items()), ReadyToTest()]
    )


class TestRunning(unittest.TestCase):
    def test_joints_cameras_and_clock_are_published(self):
        context = rclpy.Context()
        rclpy.init(context=context)
        node = rclpy.create_node("test_launch_sim", context=context)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)
        heard: dict[str, object] = {}
        for topic, kind, profile in (
            ("/cell/clock", Clock, qos.CLOCK),
            ("/cell/joint_states", JointState, qos.JOINT_STATES),
            ("/cell/top/image_raw", Image, qos.IMAGES),
            ("/cell/angle/image_raw", Image, qos.IMAGES),
        ):
            node.create_subscription(kind, topic, lambda m, t=topic: heard.update({t: m}), profile)
        end_s = time.monotonic() + LIMIT_S
        while len(heard) < 4 and time.monotonic() < end_s:
            executor.spin_once(timeout_sec=0.1)
        executor.shutdown()
        node.destroy_node()
        rclpy.shutdown(context=context)
        assert len(heard) == 4, f"after {LIMIT_S:g} s only {sorted(heard)}"
        assert heard["/cell/angle/image_raw"].height == 24
        assert "vx300s_left/waist" in heard["/cell/joint_states"].name


@launch_testing.post_shutdown_test()
class TestEnded(unittest.TestCase):
    def test_every_process_ended_cleanly(self, proc_info):
        launch_testing.asserts.assertExitCodes(proc_info)

# SPDX-License-Identifier: Apache-2.0
"""teleop.launch.py brings up a node that follows a leader, and ends cleanly."""

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
from sensor_msgs.msg import JointState  # noqa: E402

from act_core.robot.robot_file import load_robot  # noqa: E402
from act_core.ros import qos  # noqa: E402
from act_core.ros.messages.joints import write_vector  # noqa: E402

LIMIT_S = 60.0
ROBOT = "aloha_original"


@pytest.mark.launch
@pytest.mark.launch_test
def generate_test_description() -> LaunchDescription:
    """Start teleoperation for a robot with other names for leader and follower."""
    file = [FindPackageShare("act_teleop"), "/launch/teleop.launch.py"]
    arguments = {"robot": ROBOT, "engage": "auto"}
    return LaunchDescription(
        [IncludeLaunchDescription(file, launch_arguments=arguments.items()), ReadyToTest()]
    )


class TestRunning(unittest.TestCase):
    def test_leader_is_followed(self):
        spec = load_robot(ROBOT)
        context = rclpy.Context()
        rclpy.init(context=context)
        node = rclpy.create_node("test_launch_teleop", context=context)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)
        state_out = node.create_publisher(JointState, "joint_states", qos.JOINT_STATES)
        leader_out = node.create_publisher(JointState, "leader/joint_states", qos.JOINT_STATES)
        commands: list[JointState] = []
        node.create_subscription(JointState, "joint_commands", commands.append, qos.COMMANDS)
        end_s = time.monotonic() + LIMIT_S
        while not commands and time.monotonic() < end_s:
            now_ns = node.get_clock().now().nanoseconds
            state_out.publish(write_vector(spec.start, spec.state, now_ns))
            leader_out.publish(write_vector(spec.start, spec.leader, now_ns))
            executor.spin_once(timeout_sec=1 / spec.rate_hz)
        executor.shutdown()
        node.destroy_node()
        rclpy.shutdown(context=context)
        assert commands, f"no joint_commands in {LIMIT_S:g} s"
        assert list(commands[0].name) == list(spec.command.names)


@launch_testing.post_shutdown_test()
class TestEnded(unittest.TestCase):
    def test_every_process_ended_cleanly(self, proc_info):
        launch_testing.asserts.assertExitCodes(proc_info)

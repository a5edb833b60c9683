# SPDX-License-Identifier: Apache-2.0
import importlib.util

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: make shell")

from act_core.errors import ActError  # noqa: E402
from act_core.robot.robot_file import load_robot  # noqa: E402
from act_teleop.bridge.arm_controller import outlets  # noqa: E402
from act_teleop.bridge.command_formats import command_format  # noqa: E402

pytestmark = pytest.mark.ros
NAMES = ["joint_1", "joint_2"]
PERIOD_NS = 20_000_000


@pytest.mark.parametrize("kind", ["joint_state", "joint_trajectory", "float64_multi_array"])
def test_what_is_written_is_what_a_controller_reads(kind):
    fmt = command_format(kind, NAMES, "arm", PERIOD_NS)
    message = fmt.write([0.1, 0.2], 1_500_000_000)
    assert isinstance(message, fmt.message_type)
    assert list(fmt.read(message)) == [0.1, 0.2]


def test_a_trajectory_is_one_point_to_be_reached_in_one_period_from_now():
    message = command_format("joint_trajectory", NAMES, "arm", PERIOD_NS).write([0.1, 0.2], 5)
    (point,) = message.points
    assert message.joint_names == NAMES
    assert (point.time_from_start.sec, point.time_from_start.nanosec) == (0, PERIOD_NS)
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == (0, 0)


@pytest.mark.skipif(
    importlib.util.find_spec("interbotix_xs_msgs") is not None, reason="its messages are installed"
)
def test_messages_that_are_not_installed_are_named_with_the_remedy():
    with pytest.raises(ActError) as caught:
        outlets(load_robot("aloha_2").arms[0], PERIOD_NS)
    assert str(caught.value) == (
        "the robot file asks for Interbotix's JointGroupCommand, but ROS package "
        "interbotix_xs_msgs is not installed; build it from interbotix_ros_core and source its "
        "workspace"
    )


def test_an_arm_with_a_gripper_controller_has_two_outlets():
    arm, gripper = outlets(load_robot("ros2_control_arm").arms[0], PERIOD_NS)
    assert arm.topic == "joint_trajectory_controller/joint_trajectory"
    assert arm.names == tuple(f"joint_{i}" for i in range(1, 7))
    assert (gripper.names, gripper.kind) == (("finger_joint",), "float64_multi_array")
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    assert (values[arm.share], values[gripper.share]) == (values[:6], [7.0])


def test_without_one_the_gripper_is_a_joint_among_the_others():
    robot = load_robot("trossen_ai").arms[0]
    arm, gripper = outlets(robot, PERIOD_NS)
    assert arm.names[0] == "trossen_arm_1/joint_0"
    assert gripper.names == ("trossen_arm_1/left_carriage_joint",)

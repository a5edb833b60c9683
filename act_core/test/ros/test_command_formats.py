# SPDX-License-Identifier: Apache-2.0
import sys

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: make shell")

from act_core.errors import ActError, JointNamesError, JointValuesError  # noqa: E402
from act_core.robot.outlets import Outlet, outlets  # noqa: E402
from act_core.robot.robot_file import load_robot  # noqa: E402
from act_core.ros.messages.command_formats import (  # noqa: E402
    command_type,
    command_writer,
    read_command,
)

pytestmark = pytest.mark.ros
NAMES = ["joint_1", "joint_2"]
PERIOD_NS = 20_000_000


def outlet(kind):
    return Outlet("arm/commands", kind, tuple(NAMES), "arm", slice(2))


@pytest.mark.parametrize("kind", ["joint_state", "joint_trajectory", "float64_multi_array"])
def test_what_is_written_is_what_a_controller_reads(kind):
    message = command_writer(outlet(kind), PERIOD_NS)([0.1, 0.2], 1_500_000_000)
    assert isinstance(message, command_type(outlet(kind)))
    assert list(read_command(outlet(kind), message)) == [0.1, 0.2]


def test_a_trajectory_is_one_point_to_be_reached_in_one_period_from_now():
    message = command_writer(outlet("joint_trajectory"), PERIOD_NS)([0.1, 0.2], 5)
    (point,) = message.points
    assert message.joint_names == NAMES
    assert (point.time_from_start.sec, point.time_from_start.nanosec) == (0, PERIOD_NS)
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == (0, 0)


def test_joints_are_read_by_name_and_counted():
    message = command_writer(outlet("joint_state"), PERIOD_NS)([0.1, 0.2], 0)
    message.name, message.position = ["joint_2", "other", "joint_1"], [1.0, 2.0, 3.0]
    assert list(read_command(outlet("joint_state"), message)) == [3.0, 1.0]
    message.name = ["joint_2", "other", "third"]
    with pytest.raises(JointNamesError, match="^arm/commands: missing 'joint_1'"):
        read_command(outlet("joint_state"), message)
    message = command_writer(outlet("float64_multi_array"), PERIOD_NS)([0.1], 0)
    with pytest.raises(JointValuesError) as caught:
        read_command(outlet("float64_multi_array"), message)
    assert str(caught.value) == "arm/commands: 1 values, expected 2: joint_1, joint_2"


def test_messages_that_are_not_installed_are_named_with_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "interbotix_xs_msgs.msg", None)  # as where there are none
    with pytest.raises(ActError) as caught:
        command_type(outlets(load_robot("aloha_2").arms[0])[0])
    assert str(caught.value) == (
        "the robot file asks for Interbotix's JointGroupCommand, but ROS package "
        "interbotix_xs_msgs is not installed; build it from interbotix_ros_core and source its "
        "workspace"
    )


def test_an_arm_with_a_gripper_controller_has_two_outlets():
    arm, gripper = outlets(load_robot("ros2_control_arm").arms[0])
    assert arm.topic == "joint_trajectory_controller/joint_trajectory"
    assert arm.names == tuple(f"joint_{i}" for i in range(1, 7))
    assert (gripper.names, gripper.kind) == (("finger_joint",), "float64_multi_array")
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    assert (values[arm.share], values[gripper.share]) == (values[:6], [7.0])


def test_without_one_the_gripper_is_a_joint_among_the_others():
    robot = load_robot("trossen_ai").arms[0]
    arm, gripper = outlets(robot)
    assert arm.names[0] == "trossen_arm_1/joint_0"
    assert gripper.names == ("trossen_arm_1/left_carriage_joint",)

# SPDX-License-Identifier: Apache-2.0
"""The controllers of an arm: their topics, and which joints each of them takes. No ROS."""

from dataclasses import dataclass

from act_core.robot.arm_spec import ArmSpec

# Type of a controller's message, as the robot file names it and as ROS does.
MESSAGE_NAMES = {
    "joint_state": "sensor_msgs/msg/JointState",
    "joint_trajectory": "trajectory_msgs/msg/JointTrajectory",
    "float64_multi_array": "std_msgs/msg/Float64MultiArray",
    "joint_group_command": "interbotix_xs_msgs/msg/JointGroupCommand",
    "joint_single_command": "interbotix_xs_msgs/msg/JointSingleCommand",
}


@dataclass(frozen=True)
class Outlet:
    """A controller's topic, what goes there, and which of the arm's values.

    Attributes:
        topic: that it listens to.
        kind: of message; see `MESSAGE_NAMES`.
        names: its joints, in its order.
        group: Interbotix's name of the group, or of the single joint.
        share: of the arm's values, the gripper last.
    """

    topic: str
    kind: str
    names: tuple[str, ...]
    group: str
    share: slice


def outlets(arm: ArmSpec) -> list[Outlet]:
    """Return the controllers of an arm; none where its driver takes the suite's own commands."""
    command = arm.driver.command
    if command is None:
        return []
    names = tuple(command.prefix + joint.name for joint in arm.joints)
    gripper = command.prefix + arm.gripper.command.joint
    if command.gripper is None:
        every = (*names, gripper)
        return [Outlet(command.topic, command.type, every, command.group, slice(len(every)))]
    count, own = len(names), command.gripper
    return [
        Outlet(command.topic, command.type, names, command.group, slice(count)),
        Outlet(own.topic, own.type, (gripper,), gripper, slice(count, None)),
    ]

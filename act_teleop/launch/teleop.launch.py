# SPDX-License-Identifier: Apache-2.0
"""Leader-follower teleoperation: leader/joint_states in, joint_commands out.

    ros2 launch act_teleop teleop.launch.py robot:=aloha_2

Robot and leader arms, or a simulator, have to run already. It works when
`ros2 topic echo teleop/status` shows state 1 (following).
"""

from launch import LaunchDescription

from act_core.ros.process.launching import describe
from act_teleop.teleop_system import TELEOPERATION


def generate_launch_description() -> LaunchDescription:
    """Describe the system; its processes and arguments are in act_teleop.teleop_system."""
    return describe(TELEOPERATION)

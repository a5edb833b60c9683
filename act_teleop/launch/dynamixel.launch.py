# SPDX-License-Identifier: Apache-2.0
"""Dynamixel arms: joint_states out and joint_commands in, leader/joint_states out.

    ros2 launch act_teleop dynamixel.launch.py robot:=aloha_original

It works when `ros2 topic hz joint_states` shows the robot's rate. Before the first start:
docs/how_to/connect_dynamixel_arms.md.
"""

from launch import LaunchDescription

from act_core.ros.process.launching import describe
from act_teleop.dynamixel.dynamixel_system import DYNAMIXEL


def generate_launch_description() -> LaunchDescription:
    """Describe the system; its processes and arguments are in dynamixel_system."""
    return describe(DYNAMIXEL)

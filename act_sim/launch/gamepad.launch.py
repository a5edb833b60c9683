# SPDX-License-Identifier: Apache-2.0
"""A gamepad as leader arms: joy in, leader/joint_states out.

    ros2 launch act_sim gamepad.launch.py joy_node:=true

It works when `ros2 topic hz leader/joint_states` shows the robot's rate.
"""

from launch import LaunchDescription

from act_core.ros.process.launching import describe
from act_sim.leaders.leader_systems import GAMEPAD


def generate_launch_description() -> LaunchDescription:
    """Describe the system; its processes and arguments are in act_sim.leaders.leader_systems."""
    return describe(GAMEPAD)

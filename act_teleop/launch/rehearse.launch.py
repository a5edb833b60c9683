# SPDX-License-Identifier: Apache-2.0
"""Plays the arms, controllers, leaders and cameras that a robot file names.

    ros2 launch act_teleop rehearse.launch.py robot:=trossen_ai

In another terminal then, as on the robot: record.launch.py sim:=false robot:=trossen_ai.
"""

from launch import LaunchDescription

from act_core.ros.process.launching import describe
from act_teleop.rehearsal.rehearsal_system import REHEARSAL


def generate_launch_description() -> LaunchDescription:
    """Describe the system; its arguments are in act_teleop.rehearsal.rehearsal_system."""
    return describe(REHEARSAL)

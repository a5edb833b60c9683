# SPDX-License-Identifier: Apache-2.0
"""Teleoperation of the simulated robot without leader arms.

ros2 launch act_bringup practice.launch.py joy_node:=true
"""

from launch import LaunchDescription

from act_bringup.systems import PRACTICE
from act_core.ros.process.launching import describe


def generate_launch_description() -> LaunchDescription:
    """Describe the system; its processes and arguments are in act_bringup.systems."""
    return describe(PRACTICE)

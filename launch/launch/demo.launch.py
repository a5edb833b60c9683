# SPDX-License-Identifier: Apache-2.0
"""The shipped policy drives the simulated robot: three filmed rollouts and a table of successes.

ros2 launch act_bringup demo.launch.py
"""

from launch import LaunchDescription

from act_bringup.systems import DEMONSTRATION
from act_core.ros.process.launching import describe


def generate_launch_description() -> LaunchDescription:
    """Describe the system; its processes and arguments are in act_bringup.systems."""
    return describe(DEMONSTRATION)

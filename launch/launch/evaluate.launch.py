# SPDX-License-Identifier: Apache-2.0
"""Seeded rollouts of a policy in the simulated cell, in lockstep; ends with a table of successes.

ros2 launch act_bringup evaluate.launch.py checkpoint:=PATH episodes:=100
"""

from launch import LaunchDescription

from act_bringup.systems import EVALUATION
from act_core.ros.process.launching import describe


def generate_launch_description() -> LaunchDescription:
    """Describe the system; its processes and arguments are in act_bringup.systems."""
    return describe(EVALUATION)

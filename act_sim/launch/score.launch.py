# SPDX-License-Identifier: Apache-2.0
"""Keeps the score of whoever drives a simulated robot that runs already.

    ros2 launch act_sim score.launch.py episodes:=10

It works when a line for each episode appears, and a table at the end.
"""

from launch import LaunchDescription

from act_core.ros.process.launching import describe
from act_sim.evaluation.score_system import SCORING


def generate_launch_description() -> LaunchDescription:
    """Describe the system; its processes and arguments are in act_sim.evaluation."""
    return describe(SCORING)

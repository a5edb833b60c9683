# SPDX-License-Identifier: Apache-2.0
"""RViz with camera, markers and frames and, for the simulated robot, its model.

Included by the other launch files with rviz:=true. Alone, beside a running simulator:
    ros2 launch act_sim rviz.launch.py
"""

from launch import LaunchDescription

from act_core.ros.process.launching import describe
from act_sim.sim_system import RVIZ


def generate_launch_description() -> LaunchDescription:
    """Describe the system; its processes and arguments are in act_sim.sim_system."""
    return describe(RVIZ)

# SPDX-License-Identifier: Apache-2.0
"""The simulated robot: joint states, camera images and a clock out, joint commands in.

    ros2 launch act_sim sim.launch.py rviz:=true

It works when `ros2 topic hz joint_states` shows the robot's rate.
"""

from launch import LaunchDescription

from act_core.ros.process.launching import describe
from act_sim.sim_system import SIMULATOR


def generate_launch_description() -> LaunchDescription:
    """Describe the system; its processes and arguments are in act_sim.sim_system."""
    return describe(SIMULATOR)

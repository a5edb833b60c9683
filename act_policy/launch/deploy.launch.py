# SPDX-License-Identifier: Apache-2.0
"""A policy drives the robot: the simulated one or, with sim:=false, whichever is running.

    ros2 launch act_policy deploy.launch.py rviz:=true
    ros2 launch act_policy deploy.launch.py sim:=false robot:=aloha_2 checkpoint:=PATH

A real robot stays still until `ros2 lifecycle set policy configure`, then `activate`; with
pace:=lockstep the simulator waits for `ros2 run act_sim evaluate` or a call of sim/reset. It works
when `ros2 topic echo policy/status` shows state 2 (driving).
"""

from launch import LaunchDescription

from act_core.ros.process.launching import describe
from act_policy.deploy_system import DEPLOYMENT


def generate_launch_description() -> LaunchDescription:
    """Describe the system; its processes and arguments are in act_policy.deploy_system."""
    return describe(DEPLOYMENT)

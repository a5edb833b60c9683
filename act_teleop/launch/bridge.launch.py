# SPDX-License-Identifier: Apache-2.0
"""The arm bridge, for robots whose arms have drivers with topics of their own.

    ros2 launch act_teleop bridge.launch.py robot:=aloha_2

record.launch.py and deploy.launch.py start it by themselves where the robot file asks for it.
"""

from launch import LaunchDescription

from act_core.ros.process.launching import describe
from act_teleop.bridge.bridge_system import ARM_BRIDGE


def generate_launch_description() -> LaunchDescription:
    """Describe the system; its processes and arguments are in act_teleop.bridge.bridge_system."""
    return describe(ARM_BRIDGE)

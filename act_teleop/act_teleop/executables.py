# SPDX-License-Identifier: Apache-2.0
"""The executables of this package, by the names that `ros2 run` knows."""

from act_core.executable import executable

fake_lab_node = executable("act_teleop.rehearsal.fake_lab_node")
robot_check = executable("act_teleop.robot_check.robot_check_node")
dynamixel = executable("act_teleop.dynamixel.dynamixel_tool")
dynamixel_node = executable("act_teleop.dynamixel.dynamixel_node")
teleop_node = executable("act_teleop.teleop_node")
arm_bridge = executable("act_teleop.bridge.arm_bridge_node")
replay_node = executable("act_teleop.leaders.replay_node")

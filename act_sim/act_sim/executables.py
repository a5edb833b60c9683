# SPDX-License-Identifier: Apache-2.0
"""The executables of this package, by the names that `ros2 run` knows."""

from act_core.executable import executable

sim_node = executable("act_sim.sim_node")
demonstrator_node = executable("act_sim.demonstrator_node")
evaluate = executable("act_sim.evaluation.evaluate")
gamepad_node = executable("act_sim.leaders.gamepad_node")
keyboard_node = executable("act_sim.leaders.keyboard_node")

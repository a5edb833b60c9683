# SPDX-License-Identifier: Apache-2.0
"""The gamepad, and the keyboard that stands for one, as systems."""

from act_core.system.declaration import Declaration
from act_core.system.system import Process, System, argument
from act_sim.leaders.gamepad_params import GamepadParams
from act_sim.leaders.keyboard_params import KeyboardParams

GAMEPAD = System(
    name="gamepad",
    summary="A gamepad as leader arms: joy in, leader/joint_states out",
    arguments=(
        argument(GamepadParams, "robot_file", name="robot"),
        argument(GamepadParams, "tool_speed_m_s"),
        argument(GamepadParams, "tool_turn_rad_s"),
        Declaration(
            "joy_node",
            "Start joy_node of the ROS package joy, which reads a gamepad; false: joy comes from "
            "elsewhere, for example from act keyboard.",
            False,
            bool,
        ),
    ),
    processes=(
        Process("joy", "joy_node", "joy_node", when="joy_node"),
        Process("act_sim", "gamepad_node", "gamepad", GamepadParams,
                lambda values: {"robot_file": values["robot"]}),
    ),
)  # fmt: skip

# No launch file: launch gives no process a terminal.
KEYBOARD = System(
    name="keyboard",
    summary="The keys of this terminal as a gamepad, beside act practice or act gamepad",
    arguments=(argument(KeyboardParams, "hold_s"), argument(KeyboardParams, "deflection")),
    processes=(Process("act_sim", "keyboard_node", "keyboard", KeyboardParams),),
)

# SPDX-License-Identifier: Apache-2.0
"""Parameters of the gamepad leader; the defaults of the indices are those of an Xbox gamepad."""

from dataclasses import dataclass

from act_core.system.declaration import param
from act_sim.leaders.tool_step import ToolLimits


@dataclass(frozen=True)
class GamepadParams:
    """See each field's description; `docs/reference/parameters.md` lists them."""

    robot_file: str = param("aloha_sim", "Shipped robot's name, or path of a robot YAML file.")
    tool_speed_m_s: float = param(
        0.15, "Largest speed of the fingertips, m/s.", low=0.005, high=1.0
    )
    tool_turn_rad_s: float = param(
        1.0, "Largest turning speed of the gripper, rad/s.", low=0.02, high=6.0
    )
    gripper_speed_per_s: float = param(
        2.0, "Speed of the gripper, whose range is 0 closed … 1 open.", low=0.05, high=20.0
    )
    min_height_m: float = param(
        0.005, "The fingertips are not led below this height, m.", low=-1.0, high=2.0
    )
    joy_timeout_s: float = param(
        0.5, "Without a joy message for this long nothing moves, s.", low=0.05, high=10.0
    )
    deadzone: float = param(
        0.1, "Part of a stick's way around its middle that counts as none.", low=0.0, high=0.9
    )
    axis_x: int = param(0, "Axis of joy that moves along x, left positive.", low=0, high=63)
    axis_y: int = param(1, "Axis that moves along y, forward positive.", low=0, high=63)
    axis_z: int = param(4, "Axis that moves up, forward positive.", low=0, high=63)
    axis_roll: int = param(3, "Axis that rolls the gripper, left positive.", low=0, high=63)
    axis_pitch: int = param(7, "Axis that tips the gripper up, forward positive.", low=0, high=63)
    axis_yaw: int = param(6, "Axis that turns the gripper left, left positive.", low=0, high=63)
    button_close: int = param(0, "Button of joy that closes the gripper.", low=0, high=63)
    button_open: int = param(1, "Button that opens the gripper.", low=0, high=63)
    button_arm: int = param(3, "Button that goes over to the next arm.", low=0, high=63)
    button_deadman: int = param(5, "Button without which nothing moves.", low=0, high=63)

    @property
    def tool(self) -> ToolLimits:
        """How a tool may be moved."""
        return ToolLimits(
            self.tool_speed_m_s, self.tool_turn_rad_s, self.gripper_speed_per_s, self.min_height_m
        )

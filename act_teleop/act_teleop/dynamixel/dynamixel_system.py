# SPDX-License-Identifier: Apache-2.0
"""Dynamixel arms as a system: followers, leaders, or both."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from act_core.system.declaration import Declaration
from act_core.system.system import Process, System, Values, argument
from act_teleop.dynamixel.dynamixel_params import DynamixelParams


def _given(role: str) -> Callable[[Values], dict[str, Any]]:
    return lambda values: {
        "robot_file": values["robot"], "role": role, "buses": values[f"{role}_buses"],
        **({"torque": values["leader_torque"]} if role == "leader" else {}),
    }  # fmt: skip


DYNAMIXEL = System(
    name="dynamixel",
    summary="Drives Dynamixel arms: followers and leaders; also scan, calibrate, reboot, release",
    arguments=(
        argument(DynamixelParams, "robot_file", name="robot", default=None),
        Declaration("followers", "Drive the robot's arms.", True, bool),
        Declaration("leaders", "Drive the leader arms.", True, bool),
        replace(argument(DynamixelParams, "buses"), name="follower_buses"),
        replace(argument(DynamixelParams, "buses"), name="leader_buses"),
        replace(argument(DynamixelParams, "torque"), name="leader_torque"),
        argument(DynamixelParams, "calibration_dir"),
        argument(DynamixelParams, "rate_hz"),
        argument(DynamixelParams, "release_on_exit"),
    ),
    processes=(
        Process("act_teleop", "dynamixel_node", "followers", DynamixelParams, _given("follower"),
                when="followers"),
        Process("act_teleop", "dynamixel_node", "leaders", DynamixelParams, _given("leader"),
                when="leaders"),
    ),
)  # fmt: skip

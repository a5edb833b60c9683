# SPDX-License-Identifier: Apache-2.0
"""Teleoperation as a system."""

from dataclasses import replace
from typing import Any

from act_core.system.arguments import PACE, USE_SIM_TIME
from act_core.system.declaration import declarations
from act_core.system.system import Process, System, Values, argument
from act_teleop.teleop_params import TeleopParams

# On the wall clock: a tick of lockstep may take long, and a busy machine hurts nobody.
LOCKSTEP_TIMEOUT_S, SIMULATED_TIMEOUT_S = 2.0, 0.5


_PARAMETER = declarations(TeleopParams)["engage"]
ENGAGE = replace(
    _PARAMETER,
    description=f"{_PARAMETER.description} default: auto in simulated time, else grippers.",
    default="default",
    choices=("default", *_PARAMETER.choices),
)


def _given(values: Values) -> dict[str, Any]:
    given = {"robot_file": values["robot"], "use_sim_time": values["use_sim_time"]}
    if values["engage"] == "default":
        given["engage"] = "auto" if values["use_sim_time"] else _PARAMETER.default
    if values["use_sim_time"]:
        lockstep = values["pace"] == "lockstep"
        given["input_timeout_s"] = LOCKSTEP_TIMEOUT_S if lockstep else SIMULATED_TIMEOUT_S
    return given


TELEOPERATION = System(
    name="teleop",
    summary="Leader arms drive the robot: leader/joint_states in, joint_commands out",
    arguments=(
        argument(TeleopParams, "robot_file", name="robot", default=None),
        PACE,
        ENGAGE,
        argument(TeleopParams, "align_within_rad"),
        argument(TeleopParams, "engage_button"),
        argument(TeleopParams, "deadman_button"),
        argument(TeleopParams, "active_leaders"),
        argument(TeleopParams, "park_on_exit"),
        replace(USE_SIM_TIME, default=False, same_as=""),
    ),
    processes=(Process("act_teleop", "teleop_node", "teleop", TeleopParams, _given),),
)

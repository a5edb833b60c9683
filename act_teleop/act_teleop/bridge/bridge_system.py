# SPDX-License-Identifier: Apache-2.0
"""The arm bridge as a system."""

from dataclasses import replace

from act_core.system.arguments import ROBOT, USE_SIM_TIME
from act_core.system.system import Process, System, argument
from act_teleop.bridge.arm_bridge_params import ArmBridgeParams

ARM_BRIDGE = System(
    name="bridge",
    summary="Joins the arms' own topics to the suite's, and splits commands to their controllers",
    arguments=(
        replace(ROBOT, default=None),
        argument(ArmBridgeParams, "max_arm_skew_s"),
        argument(ArmBridgeParams, "max_command_age_s"),
        replace(USE_SIM_TIME, default=False, same_as=""),
    ),
    processes=(
        Process("act_teleop", "arm_bridge", "arm_bridge", ArmBridgeParams, lambda values: {
            "robot_file": values["robot"], "use_sim_time": values["use_sim_time"],
        }),
    ),
)  # fmt: skip

# SPDX-License-Identifier: Apache-2.0
"""Deployment as a system: a policy drives the robot, and in simulation its score is kept."""

from typing import Any

from act_core.system.arguments import (
    BRIDGE,
    PACE,
    SIM,
    USE_SIM_TIME,
    robot_and_pace,
    robot_argument,
)
from act_core.system.declaration import Declaration
from act_core.system.system import Include, Process, System, Values, argument
from act_policy.checkpoint.compatibility import robot_of
from act_policy.errors import CheckpointError
from act_policy.session.policy_params import PolicyParams

SCORE = Declaration(
    "score",
    "Reset the scene episode after episode, print a line for each and a table at the end. An "
    "episode begins with the policy's first command.",
    value_type=bool,
    same_as="sim",
)


def _derived(values: Values) -> dict[str, Any]:
    if values["sim"] and not values["robot"]:
        values = {**values, "robot": _checkpoints_robot(values["checkpoint"], values["task"])}
    # Beside a policy, teleoperation waits until it is asked to take over.
    derived = {**robot_and_pace(values), "engage": "call", "take_over": values["teleop"]}
    # In lockstep, and where the score is kept, somebody calls sim/reset.
    realtime = derived.get("pace", values["pace"]) == "realtime"
    return {**derived, "reset_on_start": realtime and not values["score"]}


def _checkpoints_robot(checkpoint: str, task: str) -> str:
    try:
        return robot_of(checkpoint)
    except CheckpointError as error:
        if checkpoint != task:
            raise
        raise CheckpointError(
            f"no policy for task '{task}' is shipped; name a checkpoint ({error})"
        ) from error


DEPLOYMENT = System(
    name="deploy",
    summary="A policy drives the simulated robot or, without it, whichever robot is running",
    arguments=(
        SIM,
        robot_argument("the checkpoint's"),
        BRIDGE,
        Declaration(
            "teleop",
            "Start teleoperation as well, with which an operator can take over and hand back.",
            False,
            bool,
        ),
        Declaration("task", "Task of the simulated scene.", "transfer_cube"),
        argument(PolicyParams, "checkpoint", default=None, same_as="task"),
        PACE,
        argument(PolicyParams, "autostart", default=None, same_as="sim"),
        USE_SIM_TIME,
        argument(PolicyParams, "ensemble"),
        argument(PolicyParams, "ensemble_coefficient"),
        argument(PolicyParams, "query_interval_ticks"),
        argument(PolicyParams, "device"),
        argument(PolicyParams, "engine"),
        argument(PolicyParams, "inference_threads"),
        argument(PolicyParams, "run_report_file"),
        argument(PolicyParams, "max_age_s"),
        argument(PolicyParams, "max_skew_s"),
        SCORE,
    ),
    derive=_derived,
    includes=(
        Include("act_sim", "sim", when="sim"),
        Include("act_sim", "score", when="score"),
        Include("act_teleop", "bridge", when="with_bridge"),
        Include("act_teleop", "teleop", when="teleop"),
    ),
    processes=(
        Process("act_policy", "policy_node", "policy", PolicyParams, lambda values: {
            "robot_file": values["robot"],
            # Nobody stands beside a simulated robot.
            "resume": "auto" if values["sim"] else "manual",
            "use_sim_time": values["use_sim_time"],
        }),
    ),
)  # fmt: skip

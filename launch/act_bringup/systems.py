# SPDX-License-Identifier: Apache-2.0
"""The systems that the workers compose, and every system of the suite by name."""

from dataclasses import replace
from typing import Any

from act_core.system.arguments import PACE
from act_core.system.declaration import Declaration
from act_core.system.system import Include, System, Values, argument
from act_policy.deploy_system import DEPLOYMENT, SCORE
from act_recorder.record_system import RECORDING
from act_sim.evaluation.evaluate_params import EvaluateParams
from act_sim.evaluation.score_system import SCORING
from act_sim.leaders.leader_systems import GAMEPAD
from act_sim.sim_params import SimParams
from act_sim.sim_system import RVIZ, SIMULATOR
from act_teleop.bridge.bridge_system import ARM_BRIDGE
from act_teleop.dynamixel.dynamixel_system import DYNAMIXEL
from act_teleop.leaders.replay_params import ReplayParams
from act_teleop.leaders.replay_system import REPLAY
from act_teleop.rehearsal.rehearsal_system import REHEARSAL
from act_teleop.teleop_system import TELEOPERATION

FILMED_CAMERA = "angle:240x320"
_DEPLOYED = (Include("act_policy", "deploy"),)
_SCORED = replace(SCORE, default=True, same_as="")


def _all_filmed(values: Values) -> dict[str, Any]:
    return {"video_episodes": values["episodes"]}


EVALUATION = System(
    name="evaluate",
    summary="Seeded rollouts of a policy in the simulated cell, with a table of successes",
    arguments=(
        argument(EvaluateParams, "episodes"),
        argument(EvaluateParams, "output_dir"),
        argument(EvaluateParams, "wait_s"),
        argument(EvaluateParams, "episode_timeout_s"),
        replace(PACE, default="lockstep"),
        _SCORED,
    ),
    includes=_DEPLOYED,
)

DEMONSTRATION = System(
    name="demo",
    summary="The shipped policy drives the simulated robot: filmed rollouts and a table",
    arguments=(
        argument(EvaluateParams, "episodes", default=3),
        argument(EvaluateParams, "output_dir", default="runs/demo"),
        argument(EvaluateParams, "video_camera", default=FILMED_CAMERA),
        argument(SimParams, "extra_cameras", default=[FILMED_CAMERA]),
        argument(EvaluateParams, "wait_s"),
        argument(EvaluateParams, "episode_timeout_s"),
        replace(PACE, default="lockstep"),
        _SCORED,
    ),
    derive=_all_filmed,
    includes=_DEPLOYED,
)

LEADERS = ("gamepad", "replay")


def _practised(values: Values) -> dict[str, Any]:
    chosen = {leader: values["leader"] == leader for leader in LEADERS}
    return {**chosen, "use_sim_time": True}


PRACTICE = System(
    name="practice",
    summary="Teleoperation of the simulated robot without leader arms",
    arguments=(
        argument(SimParams, "robot_file", name="robot"),
        argument(SimParams, "reset_on_start", default=True),
        Declaration(
            "leader",
            "gamepad: joy, from a gamepad or from act keyboard in another terminal. replay: a "
            "recorded episode.",
            "gamepad",
            choices=LEADERS,
        ),
        argument(ReplayParams, "episode"),
    ),
    derive=_practised,
    includes=(
        Include("act_sim", "sim"),
        Include("act_teleop", "teleop"),
        Include("act_sim", "gamepad", when="gamepad"),
        Include("act_teleop", "replay", when="replay"),
    ),
)

SYSTEMS = {
    system.name: system
    for system in (
        DEMONSTRATION, SIMULATOR, RVIZ, PRACTICE, TELEOPERATION, ARM_BRIDGE, DYNAMIXEL, REHEARSAL,
        GAMEPAD, REPLAY, RECORDING, DEPLOYMENT, SCORING, EVALUATION,
    )
}  # fmt: skip

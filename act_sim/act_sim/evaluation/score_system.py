# SPDX-License-Identifier: Apache-2.0
"""Keeping the score as a system: whoever drives the simulated robot, episode after episode."""

from act_core.system.system import Process, System, argument
from act_sim.evaluation.evaluate_params import EvaluateParams

A_DAY_S = 86400.0  # as long as somebody wants to look on

SCORING = System(
    name="score",
    summary="Episode after episode in the simulated cell, and how each ended, whoever drives",
    arguments=(
        argument(EvaluateParams, "robot_file", name="robot"),
        argument(EvaluateParams, "task"),
        argument(EvaluateParams, "episodes", default=0),
        argument(EvaluateParams, "first_seed"),
        argument(EvaluateParams, "disturbance"),
        argument(EvaluateParams, "output_dir", default="runs/deploy"),
        argument(EvaluateParams, "video_camera"),
        argument(EvaluateParams, "video_episodes", default=0),
        argument(EvaluateParams, "take_over"),
        argument(EvaluateParams, "wait_s", default=A_DAY_S),
        argument(EvaluateParams, "episode_timeout_s", default=A_DAY_S),
    ),
    processes=(
        Process("act_sim", "evaluate", "evaluate", EvaluateParams,
                lambda values: {"robot_file": values["robot"]}),
    ),
)  # fmt: skip

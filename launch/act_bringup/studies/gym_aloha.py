# SPDX-License-Identifier: Apache-2.0
"""Judges the simulator: the same policy on the same cubes in gym-aloha's environment.

    act study judge [--results runs/evaluation/results.json]

With the results of an evaluation: drives the same seeds in gym-aloha, in one process, with that
evaluation's policy parameters, and counts on how many rollouts both agree. Without: does so for a
few rollouts of its own in this process.
"""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from act_core.paths import user_path
from act_core.robot.robot_file import load_robot
from act_core.robot.robot_spec import RobotSpec
from act_core.system.command_line import CommandLine
from act_policy.checkpoint.find_checkpoint import find_checkpoint
from act_policy.driving.local_policy import LocalPolicy
from act_sim.cell.session import SimSession
from act_sim.evaluation.gym_aloha_judge import GymAlohaTransferCube
from act_sim.evaluation.local_rollout import roll_out
from act_sim.tasks import TASKS
from act_sim.tasks.task import SUCCESS_REWARD

OWN_SEEDS = range(100000, 100005)
OWN_POLICY: dict[str, Any] = {
    "checkpoint": "transfer_cube",
    "robot_file": "aloha_sim",
    "ensemble": "none",
    "ensemble_coefficient": 0.0,
    "query_interval_ticks": 0,
}


def own_rollouts(policy: LocalPolicy, spec: RobotSpec) -> list[dict[str, Any]]:
    """Return seed, success and ticks of some rollouts in this process."""
    session = SimSession(spec, "transfer_cube", start_ns=0)
    rollouts = []
    for seed in OWN_SEEDS:
        done = roll_out(session, policy, task="transfer_cube", seed=seed)
        rollouts.append({"seed": seed, "success": done.success, "ticks": done.ticks})
    session.close()
    return rollouts


def main(words: Sequence[str] | None = None) -> int:
    """Compare verdicts; the exit status tells whether all agree."""
    line = CommandLine("act study judge", "The same policy and cubes in gym-aloha's environment.")
    line.add_argument("--results", type=user_path, help="results.json of an evaluation")
    line.add_argument("--threads", type=int, default=1, help="torch threads")
    args = line.parse(words)
    results: dict[str, Any] = {"policy": OWN_POLICY}
    if args.results:
        results = json.loads(args.results.read_text())
    told = results["policy"]
    spec = load_robot(told["robot_file"])
    policy = LocalPolicy.load(
        find_checkpoint(told["checkpoint"]),
        spec,
        ensemble=told["ensemble"],
        coefficient=told["ensemble_coefficient"],
        query_interval_ticks=told["query_interval_ticks"],
        num_threads=args.threads,
    )
    rollouts = results.get("rollouts") or own_rollouts(policy, spec)
    judge = GymAlohaTransferCube(spec)
    differing = []
    for number, rollout in enumerate(rollouts, 1):
        pose = TASKS["transfer_cube"].sample(np.random.default_rng(rollout["seed"]))
        success = max(judge.roll_out(policy, pose, rollout["ticks"])) == SUCCESS_REWARD
        if success != rollout["success"]:
            differing.append(rollout["seed"])
        print(f"\r{number}/{len(rollouts)} compared, {len(differing)} differ", end="", flush=True)
    judge.close()
    print(f"\nseeds on which the verdicts differ: {differing or 'none'}")
    return 1 if differing else 0

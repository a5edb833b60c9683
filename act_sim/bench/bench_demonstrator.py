# SPDX-License-Identifier: Apache-2.0
"""How often the scripted demonstrator succeeds, over the whole published region.

    python3 act_sim/bench/bench_demonstrator.py [--episodes 200] [--robot aloha_sim]

In one process and without images; over topics the joints move identically.
"""

import argparse
import time

import numpy as np

from act_core.robot.robot_file import load_robot
from act_sim.cell.hold_judge import HoldJudge
from act_sim.cell.world import World
from act_sim.demonstrator.demonstration import Demonstration
from act_sim.demonstrator.demonstrator import Demonstrator
from act_sim.errors import PlanError
from act_sim.evaluation.results import wilson_interval
from act_sim.tasks import TASKS
from act_sim.tasks.task import SUCCESS_REWARD

HOLD_TICKS = 75  # 1.5 s at 50 Hz, as the simulator node's success_hold_s


def demonstrate(world: World, plan: Demonstration) -> tuple[bool, bool]:
    """Play a demonstration; return whether it succeeded, and whether it was held."""
    hold = HoldJudge(HOLD_TICKS)
    for tick in range(world.task.max_ticks):
        world.step(plan.command(tick, world.object_poses()))
        if hold.see(world.reward() == SUCCESS_REWARD):
            return True, True
    return world.stage == SUCCESS_REWARD, False


def main() -> None:
    """Print success per task with its 95 % Wilson interval."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=50)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--disturbance", type=float, default=0.0)
    parser.add_argument("--robot", default="aloha_sim")
    parser.add_argument(
        "--tasks", nargs="*", default=["transfer_cube", "insertion"], choices=list(TASKS)
    )
    args = parser.parse_args()
    spec = load_robot(args.robot)
    for task in args.tasks:
        world, demonstrator = World(spec, task), Demonstrator(spec, task)
        outcomes, failed, fastest = [], [], np.zeros(spec.dim)
        started_s = time.monotonic()
        for seed in range(args.first_seed, args.first_seed + args.episodes):
            world.reset(seed, args.disturbance)
            try:
                plan = demonstrator.begin(world.object_poses())
            except PlanError as error:
                failed.append(f"{seed}: {error}")
                outcomes.append((False, False))
                continue
            fastest = np.maximum(fastest, np.abs(np.diff(plan.plan, axis=0)).max(0) * spec.rate_hz)
            outcomes.append(demonstrate(world, plan))
            if not outcomes[-1][0]:
                failed.append(f"{seed}: stage {world.stage}")
        total, success = len(outcomes), sum(s for s, _ in outcomes)
        low, high = wilson_interval(success, total)
        print(
            f"{task}, disturbance {args.disturbance:g}: success {success}/{total} "
            f"({low:.3f} … {high:.3f}), held {sum(h for _, h in outcomes)}/{total}, fastest joint "
            f"{np.max(fastest / spec.max_velocity):.2f} of its limit, "
            f"{time.monotonic() - started_s:.0f} s"
        )
        for line in failed:
            print(f"  seed {line}")


if __name__ == "__main__":
    main()

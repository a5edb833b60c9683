# SPDX-License-Identifier: Apache-2.0
"""Two checkpoints on the same seeds: which is better, and whether so many seeds can tell.

act study compare FIRST SECOND [--episodes 50]
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from act_bringup.studies.fan_out import Driver, Outcome, roll_outs
from act_core.system.command_line import CommandLine
from act_policy.checkpoint.find_checkpoint import find_checkpoint
from act_policy.inference.engine_names import AUTO, ENGINES
from act_sim.evaluation.paired import PairedComparison
from act_sim.evaluation.results import wilson_interval

HEAD = """| checkpoint | success | 95 % interval | held | ticks | jerk, rad/s³ | path, rad |
|---|---|---|---|---|---|---|
"""


def main(words: Sequence[str] | None = None) -> int:
    """Roll both out, print a row for each and what the pairs say."""
    line = CommandLine("act study compare", "Two checkpoints on the same seeds.")
    line.add_argument("first", help="checkpoint folder, or shipped name")
    line.add_argument("second", help="the other")
    line.add_argument("--robot", default="aloha_sim", help="shipped name, or YAML file")
    line.add_argument("--task", default="transfer_cube", help="task of the scene")
    line.add_argument("--episodes", type=int, default=50, help="rollouts of each")
    line.add_argument("--first-seed", type=int, default=100000, help="seed of the first rollout")
    line.add_argument("--engine", default=AUTO, choices=ENGINES, help="what runs the network")
    line.add_argument(
        "--processes", type=int, default=-1, help="to spread over; -1: one on each core"
    )
    args = line.parse(words)
    seeds = range(args.first_seed, args.first_seed + args.episodes)
    names = _names(args.first, args.second)
    results = []
    for name, checkpoint in zip(names, (args.first, args.second), strict=True):
        driver = Driver(find_checkpoint(checkpoint), args.robot, args.task, engine=args.engine)
        results.append(_counted(name, driver, seeds, args.processes))
    sys.stdout.write(HEAD)
    for name, outcomes in zip(names, results, strict=True):
        sys.stdout.write(_row(name, outcomes))
    compared = PairedComparison.of(*([o.success for o in outcomes] for outcomes in results))
    sys.stdout.write("\n" + "".join(f"{said}\n" for said in compared.in_words(*names)))
    return 0


def _names(first: str, second: str) -> tuple[str, str]:
    """Return short names that tell the two apart."""
    one, two = Path(first).parts, Path(second).parts
    for depth in range(1, 1 + max(len(one), len(two))):
        short = "/".join(one[-depth:]), "/".join(two[-depth:])
        if short[0] != short[1]:
            return short
    return f"{first} (1)", f"{second} (2)"


def _counted(name: str, driver: Driver, seeds: range, processes: int) -> list[Outcome]:
    """Roll out, with a line that counts."""
    done: list[Outcome] = []

    def tell(outcome: Outcome) -> None:
        done.append(outcome)
        successes = sum(o.success for o in done)
        sys.stderr.write(f"\r{name}: {successes}/{len(done)} of {len(seeds)}")

    outcomes = roll_outs(driver, seeds, processes, tell)
    sys.stderr.write("\n")
    return outcomes


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    successes, total = sum(o.success for o in outcomes), len(outcomes)
    low, high = wilson_interval(successes, total)
    return (
        f"| {name} | {successes}/{total} | {low:.3f} … {high:.3f} | "
        f"{sum(o.held for o in outcomes)} | {fmean(o.ticks for o in outcomes):.0f} | "
        f"{fmean(o.jerk_rad_s3 for o in outcomes):.0f} | "
        f"{fmean(o.path_rad for o in outcomes):.1f} |\n"
    )

# SPDX-License-Identifier: Apache-2.0
"""Two checkpoints on the same seeds: which is better, and whether so many seeds can tell.

act study compare FIRST SECOND [--episodes 50]
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from act_bringup.rollouts.options import add_options, driver_of, rolled_out
from act_bringup.rollouts.outcome import Outcome
from act_core.system.command_line import CommandLine
from act_policy.checkpoint.find_checkpoint import find_checkpoint
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
    add_options(line, 50)
    args = line.parse(words)
    names = _names(args.first, args.second)
    results = [
        rolled_out(args, driver_of(args, find_checkpoint(checkpoint)), name)
        for name, checkpoint in zip(names, (args.first, args.second), strict=True)
    ]
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


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    successes, total = sum(o.success for o in outcomes), len(outcomes)
    low, high = wilson_interval(successes, total)
    return (
        f"| {name} | {successes}/{total} | {low:.3f} … {high:.3f} | "
        f"{sum(o.held for o in outcomes)} | {fmean(o.ticks for o in outcomes):.0f} | "
        f"{fmean(o.jerk_rad_s3 for o in outcomes):.0f} | "
        f"{fmean(o.path_rad for o in outcomes):.1f} |\n"
    )

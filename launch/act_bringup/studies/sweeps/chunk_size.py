# SPDX-License-Identifier: Apache-2.0
"""What the size of the chunk makes of error, consistency and success.

    act study chunk_size --dataset data/blocks --runs runs/chunk_size [--plot chunk_size.png]

Each network drives with the paper's ensembling at every tick. Consistency: how far predictions of
one tick and the next differ about the same moment; of single actions there is none.
"""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from act_bringup.rollouts.options import CHOOSING_SEED, add_options, driver_of, rolled_out
from act_bringup.rollouts.outcome import tally
from act_bringup.studies.open_loop import held_out, predicted, predicted_rows
from act_bringup.studies.plots.chunk_size import draw
from act_bringup.studies.sweeps import sweep
from act_bringup.studies.sweeps.sweep import Variant
from act_core.system.command_line import CommandLine
from act_policy.inference.engine_names import AUTO
from act_policy.inference.network_policy import NetworkPolicy

SIZES = (1, 4, 10, 16, 50, 64, 100)
HEAD = """| chunk | first, rad | whole, rad | ticks differ, rad | success | 95 % interval | jerk |
|---|---|---|---|---|---|---|
"""


def main(words: Sequence[str] | None = None) -> int:
    """Train, judge, roll out, print the table, draw."""
    args = _options(words)
    variants = [Variant(f"chunk_{n}", (f"model.chunk_size={n}",)) for n in args.sizes]
    checkpoints = sweep.trained(args, variants)
    rows = [
        {"chunk": size, **open_loop(checkpoint, args.samples), **driven(args, checkpoint)}
        for size, checkpoint in zip(args.sizes, checkpoints.values(), strict=True)
    ]
    sys.stdout.write(HEAD + "".join(map(_line, rows)))
    if args.plot:
        draw(rows, args.plot)
    return 0


def open_loop(checkpoint: Path, samples: int) -> dict[str, Any]:
    """Return errors over all columns, and the difference of successive predictions, rad."""
    policy = NetworkPolicy.load(checkpoint, engine=AUTO)
    paths = held_out(policy.checkpoint)
    spread = predicted(policy, paths, samples)
    first, whole = spread.error[0], spread.error
    return {
        "first_rad": float(np.nanmean(first)),
        "whole_rad": float(np.nanmean(whole)),
        "differ_rad": _difference(policy, paths, samples // 2),
    }


def _difference(policy: NetworkPolicy, paths: Sequence[Path], pairs: int) -> float | None:
    """Return how far predictions of one tick and the next differ about the same moments."""
    if policy.config.chunk_size == 1:
        return None
    found = predicted_rows(policy, paths, lambda count: _pairs(count, pairs))
    earlier, later = found.predicted[0::2, 1:], found.predicted[1::2, :-1]
    # The last row of an episode has the first one of the next behind it.
    within = ~found.is_pad[0::2, 1]
    return float(np.abs(earlier - later)[within].mean())


def _pairs(count: int, pairs: int) -> list[int]:
    first = np.unique(np.linspace(0, count - 2, pairs).astype(int))
    return [int(row) for pick in first for row in (pick, pick + 1)]


def driven(args: Namespace, checkpoint: Path) -> dict[str, Any]:
    """Return what becomes of the rollouts."""
    return tally(rolled_out(args, driver_of(args, checkpoint), checkpoint.parent.name))


def _line(row: dict[str, Any]) -> str:
    low, high = row["wilson_95"]
    differ = "–" if row["differ_rad"] is None else f"{row['differ_rad']:.4f}"
    return (
        f"| {row['chunk']} | {row['first_rad']:.4f} | {row['whole_rad']:.4f} | {differ} "
        f"| {row['successes']}/{row['rollouts']} | {low:.3f} … {high:.3f} "
        f"| {row['mean_abs_jerk_rad_s3']:.0f} |\n"
    )


def _options(words: Sequence[str] | None) -> Namespace:
    line = CommandLine("act study chunk_size", "What the size of the chunk makes of a policy.")
    sweep.add_options(line)
    line.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="of the chunks")
    add_options(line, 20, task="place_block", first_seed=CHOOSING_SEED)
    return line.parse(words)

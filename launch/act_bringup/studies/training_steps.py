# SPDX-License-Identifier: Apache-2.0
"""Success over the steps of a training run, and which of its checkpoints drives best.

    act study steps RUN [--episodes 50] [--plot steps.png] [--out FILE.json]

The seeds are for choosing: a checkpoint's success is to be told by others. Rows already in the
output file are kept, so that an interrupted study goes on.
"""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from act_bringup.rollouts.options import (
    CHOOSING_SEED,
    add_options,
    driver_of,
    rolled_out,
    subject_of,
)
from act_bringup.rollouts.outcome import tally
from act_bringup.studies.kept_rows import KeptRows
from act_bringup.studies.plots.training_steps import draw
from act_core.errors import ActError
from act_core.paths import user_path
from act_core.system.command_line import CommandLine
from act_policy.checkpoint.description import read_description
from act_policy.checkpoint.run_folder import BY_ROLLOUTS, checkpoints_of, mark_best

HEAD = """| step | held-out L1 | success | 95 % interval | held | stages reached | ticks |
|---|---|---|---|---|---|---|
"""


def main(words: Sequence[str] | None = None) -> int:
    """Roll every checkpoint out, print the table, draw the curve, mark the best."""
    args = _options(words)
    run = user_path(args.run)
    checkpoints = checkpoints_of(run)
    if not checkpoints:
        raise ActError(f"'{args.run}' has no step_<n> in it, expected a run folder of act train")
    kept = KeptRows(args.out, subject_of(args, run), lambda row: row["step"])
    for step, checkpoint in checkpoints.items():
        if step % args.every == 0 and step not in [row["step"] for row in kept.rows]:
            kept.add(_rolled_out(args, step, checkpoint))
    rows = kept.rows
    if not rows:
        raise ActError(
            f"--every {args.every} leaves none of the steps {', '.join(map(str, checkpoints))}"
        )
    sys.stdout.write(HEAD + "".join(map(_line, rows)))
    if args.plot:
        draw(rows, args.plot)
    best = best_row(rows)
    mark_best(checkpoints[best["step"]], BY_ROLLOUTS)
    sys.stdout.write(
        f"\nbest: step {best['step']}, {best['successes']}/{best['rollouts']}; "
        f"{run / BY_ROLLOUTS} leads there, and --checkpoint {args.run} takes it\n"
    )
    return 0


def best_row(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the row of most successes; of equal ones by those held, then the later."""
    return max(rows, key=lambda row: (row["successes"], row["held"], row["step"]))


def _rolled_out(args: Namespace, step: int, checkpoint: Path) -> dict[str, Any]:
    outcomes = rolled_out(args, driver_of(args, checkpoint), f"step {step}")
    validation = read_description(checkpoint).provenance.get("validation", {})
    return {
        "step": step,
        "held_out_l1": validation.get("l1"),
        **tally(outcomes),
    }


def _line(row: dict[str, Any]) -> str:
    low, high = row["wilson_95"]
    l1 = "–" if row["held_out_l1"] is None else f"{row['held_out_l1']:.4f}"
    return (
        f"| {row['step']} | {l1} | {row['successes']}/{row['rollouts']} | {low:.3f} … {high:.3f} "
        f"| {row['held']} | {' '.join(map(str, row['stages_reached']))} "
        f"| {row['mean_ticks']:.0f} |\n"
    )


def _options(words: Sequence[str] | None) -> Namespace:
    line = CommandLine("act study steps", "Success over the steps of a training run.")
    line.add_argument("run", help="run folder of act train")
    add_options(line, 50, first_seed=CHOOSING_SEED)
    line.add_argument("--every", type=int, default=1, help="only steps that this divides")
    line.add_argument("--plot", type=user_path, help="PNG to draw")
    line.add_argument("--out", type=user_path, help="JSON file to write, and to go on with")
    return line.parse(words)

# SPDX-License-Identifier: Apache-2.0
"""Success over the steps of a training run, and which of its checkpoints drives best.

    act study steps RUN [--episodes 50] [--plot steps.png] [--out FILE.json]

The seeds are for choosing: a checkpoint's success is to be told by others. Rows already in the
output file are kept, so that an interrupted study goes on.
"""

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from act_bringup.studies.fan_out import Driver, Outcome, roll_outs, tally
from act_bringup.studies.plots.training_steps import draw
from act_core.errors import ActError
from act_core.paths import user_path
from act_core.system.command_line import CommandLine
from act_policy.checkpoint.description import read_description
from act_policy.checkpoint.run_folder import BY_ROLLOUTS, checkpoints_of, mark_best
from act_policy.inference.engine_names import AUTO, ENGINES

# Neither of those that demonstrations begin with, nor of those that `act evaluate` tells by.
FIRST_SEED = 200_000
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
    rows = json.loads(args.out.read_text()) if args.out and args.out.exists() else []
    for step, checkpoint in checkpoints.items():
        if step % args.every or step in [row["step"] for row in rows]:
            continue
        rows = sorted([*rows, _rolled_out(args, step, checkpoint)], key=lambda row: row["step"])
        if args.out:
            args.out.parent.mkdir(parents=True, exist_ok=True)
            args.out.write_text(json.dumps(rows, indent=1) + "\n")
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
    driver = Driver(checkpoint, args.robot, args.task, engine=args.engine)
    done: list[Outcome] = []

    def tell(outcome: Outcome) -> None:
        done.append(outcome)
        successes = sum(o.success for o in done)
        sys.stderr.write(f"\rstep {step}: {successes}/{len(done)} of {args.episodes}")

    seeds = range(args.first_seed, args.first_seed + args.episodes)
    outcomes = roll_outs(driver, seeds, args.processes, tell)
    sys.stderr.write("\n")
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
    line.add_argument("--robot", default="aloha_sim", help="shipped name, or YAML file")
    line.add_argument("--task", default="transfer_cube", help="task of the scene")
    line.add_argument("--episodes", type=int, default=50, help="rollouts of each checkpoint")
    line.add_argument("--first-seed", type=int, default=FIRST_SEED, help="of the rollouts")
    line.add_argument("--every", type=int, default=1, help="only steps that this divides")
    line.add_argument("--engine", default=AUTO, choices=ENGINES, help="what runs the network")
    line.add_argument("--processes", type=int, default=-1, help="-1: one on each core")
    line.add_argument("--plot", type=user_path, help="PNG to draw")
    line.add_argument("--out", type=user_path, help="JSON file to write, and to go on with")
    return line.parse(words)

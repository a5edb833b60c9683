# SPDX-License-Identifier: Apache-2.0
"""Success of one checkpoint under each way of executing its chunks, over the same seeds.

    act study modes --checkpoint CHECKPOINT [--episodes 20] [--out FILE.json] [--plot FILE.png]

Rows already in the output file are kept, so that an interrupted study goes on.
"""

import time
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from act_bringup.rollouts.fan_out import Driver, drive
from act_bringup.rollouts.options import (
    add_checkpoint,
    add_options,
    checkpoint_of,
    driver_of,
    rolled_out,
    subject_of,
)
from act_bringup.rollouts.outcome import tally
from act_bringup.studies.kept_rows import KeptRows
from act_bringup.studies.plots.execution_modes import draw
from act_core.paths import user_path
from act_core.robot.robot_file import load_robot
from act_core.system.command_line import CommandLine
from act_policy.inference.engine_names import ENGINES, EXACT

HEAD = """| mode | engine | success | 95 % interval | held | ticks | lag | path | jerk, rad/s³ |
|---|---|---|---|---|---|---|---|---|
"""
# name → (ensemble mode, coefficient m, ticks between queries; 0 = whole chunk)
MODES: dict[str, tuple[str, float, int]] = {
    "whole chunk": ("none", 0.0, 0),
    "replan every 50": ("none", 0.0, 50),
    "replan every 25": ("none", 0.0, 25),
    "replan every 10": ("none", 0.0, 10),
    "replan every tick": ("none", 0.0, 1),
    "paper m=0.01, every tick": ("paper", 0.01, 1),
    "paper m=0.01, every 10": ("paper", 0.01, 10),
    "paper m=0.1, every tick": ("paper", 0.1, 1),
    "newest first m=0.01, every tick": ("newest_first", 0.01, 1),
    "newest first m=0.1, every tick": ("newest_first", 0.1, 1),
    "uniform, every tick": ("uniform", 0.0, 1),
}


# Those whose motion is drawn.
DRAWN = ("whole chunk", "replan every tick", "paper m=0.01, every tick",
         "newest first m=0.1, every tick")  # fmt: skip


def _driver(args: Namespace, name: str) -> Driver:
    mode, coefficient, interval = MODES[name]
    return driver_of(
        args, checkpoint_of(args), ensemble=mode, coefficient=coefficient,
        query_interval_ticks=interval, threads=args.threads,
    )  # fmt: skip


def study(args: Namespace, name: str) -> dict[str, Any]:
    """Roll out one mode on the engine asked for."""
    started_s = time.monotonic()
    outcomes = rolled_out(args, _driver(args, name), name)
    return {
        "mode": name,
        "engine": args.engine,
        **tally(outcomes),
        "wall_s": time.monotonic() - started_s,
    }


def _options(words: Sequence[str] | None) -> Namespace:
    line = CommandLine("act study modes", "Success under each way of executing a policy's chunks.")
    add_checkpoint(line)
    add_options(line, 5, engine=EXACT)
    line.add_argument("--threads", type=int, default=1, help="of the engine")
    line.add_argument(
        "--modes", nargs="*", default=list(MODES), choices=list(MODES), help="modes to compare"
    )
    line.add_argument("--plot", type=user_path, help="PNG to draw")
    line.add_argument("--out", type=user_path, help="JSON file to write, and to go on with")
    return line.parse(words)


def main(words: Sequence[str] | None = None) -> int:
    """Run the study and print it as a Markdown table."""
    args = _options(words)
    kept = KeptRows(
        args.out, subject_of(args, checkpoint_of(args)),
        lambda r: (list(MODES).index(r["mode"]), ENGINES.index(r["engine"])),
    )  # fmt: skip
    for name in args.modes:
        if (name, args.engine) not in [(r["mode"], r["engine"]) for r in kept.rows]:
            kept.add(study(args, name))
    print(HEAD + "\n".join(map(_line, kept.rows)))
    if args.plot:
        drawn = [name for name in DRAWN if name in args.modes]
        motions = {n: drive(_driver(args, n), args.first_seed)[0].positions for n in drawn}
        draw(kept.rows, motions, load_robot(_driver(args, next(iter(MODES))).robot), args.plot)
    return 0


def _line(row: dict[str, Any]) -> str:
    low, high = row["wilson_95"]
    return (
        f"| {row['mode']} | {row['engine']} | {row['successes']}/{row['rollouts']} | "
        f"{low:.3f} … {high:.3f} | {row['held']} | {row['mean_ticks']:.0f} | "
        f"{row['mean_lag_ticks']:.1f} | {row['mean_path_rad']:.1f} | "
        f"{row['mean_abs_jerk_rad_s3']:.0f} |"
    )

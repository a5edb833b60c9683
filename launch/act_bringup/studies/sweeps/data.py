# SPDX-License-Identifier: Apache-2.0
"""What the demonstrations make of a policy: how many, which, and what is seen of them.

    act study data --runs runs/data_study [--plot data.png] [--out FILE.json]

Everything differs from the first row in one thing. The demonstrations are made by the study. Rows
already in the output file are kept, so that an interrupted study goes on.
"""

import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from act_bringup.demonstrations import command as demonstrate
from act_bringup.rollouts.options import CHOOSING_SEED, add_options, driver_of, rolled_out
from act_bringup.rollouts.outcome import tally
from act_bringup.studies.kept_rows import KeptRows
from act_bringup.studies.plots.data import draw
from act_bringup.studies.sweeps import sweep
from act_bringup.studies.sweeps.sweep import Variant
from act_core.errors import ActError
from act_core.paths import user_path
from act_core.system.command_line import CommandLine, choose

HEAD = """| demonstrations | success | 95 % interval | held | stages reached | jerk, rad/s³ |
|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Difference:
    """Demonstrations, and what the network sees of them.

    Attributes:
        text: for the table; {} is the number of demonstrations.
        share: of the number that is asked for.
        even: starts lie evenly, instead of one seed after another.
        disturbance: of the arms.
        settings: of the training.
    """

    text: str
    share: float = 1.0
    even: bool = True
    disturbance: float = 1.0
    settings: tuple[str, ...] = ()


DIFFERENCES = {
    "as_it_is": Difference("{}, even starts, disturbed"),
    "quarter": Difference("{}", share=0.25),
    "half": Difference("{}", share=0.5),
    "double": Difference("{}", share=2.0),
    "random": Difference("starts at random", even=False),
    "undisturbed": Difference("not disturbed", disturbance=0.0),
    "front": Difference("front camera", settings=("cameras=[front]",)),
    "both": Difference("both cameras", settings=("cameras=[top, front]",)),
    "small": Difference("30x40 pixels", settings=("image_size_px=[30, 40]",)),
}


def main(words: Sequence[str] | None = None) -> int:
    """Demonstrate, train, roll out, print the table, draw."""
    args = _options(words)
    if args.task != "place_block" or args.robot not in ("", "desk_arm"):
        raise ActError("act study data is of task place_block and robot desk_arm alone")
    for name in args.only:
        choose(name, DIFFERENCES, "difference")
    order = list(DIFFERENCES)
    subject = {name: getattr(args, name) for name in (
        "runs", "demonstrations", "config", "set", "episodes", "first_seed",
    )}  # fmt: skip
    kept = KeptRows(args.out, subject, lambda row: order.index(row["name"]))
    for name in sorted(args.only, key=order.index):
        if name not in [row["name"] for row in kept.rows]:
            kept.add(_row(args, name))
    sys.stdout.write(HEAD + "".join(map(_line, kept.rows)))
    if args.plot:
        draw(kept.rows, args.plot)
    return 0


def _row(args: Namespace, name: str) -> dict[str, Any]:
    difference = DIFFERENCES[name]
    count = max(2, round(args.demonstrations * difference.share))
    dataset = _demonstrated(args, difference, count)
    variant = Variant(name, difference.settings, dataset)
    checkpoint = sweep.trained(args, [variant])[name]
    outcomes = rolled_out(args, driver_of(args, checkpoint), name)
    return {"name": name, "text": difference.text.format(count), **tally(outcomes)}


def _demonstrated(args: Namespace, difference: Difference, count: int) -> Path:
    """Make the demonstrations that are not there yet; return their folder."""
    kind = "even" if difference.even else "random"
    folder: Path = args.runs / "episodes" / f"{count}_{kind}_{difference.disturbance:g}"
    even = max(2000, 2 * count) if difference.even else 0
    demonstrate.main([
        "--robot", "desk_arm", "--task", args.task, "--episodes", str(count),
        "--even", str(even), "--disturbance", str(difference.disturbance),
        "--dataset-dir", str(folder), "--processes", str(args.processes),
    ])  # fmt: skip
    return folder


def _line(row: dict[str, Any]) -> str:
    low, high = row["wilson_95"]
    return (
        f"| {row['text']} | {row['successes']}/{row['rollouts']} | {low:.3f} … {high:.3f} "
        f"| {row['held']} | {' '.join(map(str, row['stages_reached']))} "
        f"| {row['mean_abs_jerk_rad_s3']:.0f} |\n"
    )


def _options(words: Sequence[str] | None) -> Namespace:
    line = CommandLine("act study data", "What the demonstrations make of a policy.")
    sweep.add_options(line, dataset=False)
    line.add_argument("--demonstrations", type=int, default=40, help="of the first row")
    line.add_argument(
        "--only", nargs="+", default=list(DIFFERENCES), metavar="NAME",
        help=f"some of {', '.join(DIFFERENCES)}",
    )  # fmt: skip
    line.add_argument("--out", type=user_path, help="JSON file to write, and to go on with")
    add_options(line, 50, task="place_block", first_seed=CHOOSING_SEED)
    return line.parse(words)

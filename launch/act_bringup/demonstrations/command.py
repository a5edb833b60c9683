# SPDX-License-Identifier: Apache-2.0
"""Verb `demonstrate`: scripted demonstrations on all cores, or corrections of a policy.

act demonstrate --task insertion --episodes 400 --dataset-dir data/insertion
act demonstrate --task insertion --checkpoint runs/a/step_008000 --dataset-dir data/corrections
"""

import argparse
import atexit
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path

from act_bringup.demonstrations.correction import (
    DONE_BEFORE,
    TAKE_OVER_TICKS,
    Demonstrated,
    DemonstrationCell,
)
from act_bringup.rollouts.process_pool import spread
from act_core.episode.recorded_seeds import recorded_seeds
from act_core.episode.writer import check_folder
from act_core.errors import ActError
from act_core.paths import user_path
from act_core.robot.robot_file import load_robot
from act_core.system.command_line import CommandLine
from act_sim.cell.session import SimSession
from act_sim.demonstrator.demonstrator import Demonstrator
from act_sim.tasks import TASKS
from act_sim.tasks.even_seeds import even_seeds

# Where so many in a row give nothing, something else is wrong than the seeds.
MOST_DROPPED = 50
# Whose policy succeeds in so many in a row needs no corrections.
MOST_DONE = 500
_cells: dict[tuple[str, str, str, tuple[int, ...]], DemonstrationCell] = {}


def main(words: Sequence[str] | None = None) -> int:
    """Record until the episodes are there; a line for each, and one at the end."""
    args = _arguments(words)
    folder = user_path(args.dataset_dir)
    check_folder(folder)
    load_robot(args.robot)
    _check_take_over(args)
    present = recorded_seeds(folder, args.task)
    kept, started_s = len(present), time.monotonic()
    dropped = in_a_row = done_before = 0
    seeds = (s for s in _seeds(args) if s not in present)
    while kept < args.episodes:
        wanted = list(islice(seeds, args.episodes - kept))
        if not wanted:
            raise ActError(
                f"all {args.even} seeds of --even were tried, {kept} are kept; name more"
            )
        for done in spread(_demonstrate, [(args, folder, s) for s in wanted], args.processes):
            kept, dropped = kept + (done.path is not None), dropped + (done.path is None)
            in_a_row = 0 if done.path else in_a_row + (done.said != DONE_BEFORE)
            done_before = done_before + 1 if done.said == DONE_BEFORE else 0
            minutes = (time.monotonic() - started_s) / 60
            sys.stdout.write(_line(done, kept, args.episodes, dropped, minutes, len(present)))
            sys.stdout.flush()
        if in_a_row >= MOST_DROPPED:
            raise ActError(f"{in_a_row} in a row were dropped; the last lines say why")
        if done_before >= MOST_DONE:
            raise ActError(f"{done_before} in a row were done before the take-over; name others")
    sys.stdout.write(
        f"{kept - len(present)} episodes recorded into {folder.resolve()}, {len(present)} were "
        f"there, {dropped} dropped\n"
    )
    return 0


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    line = CommandLine("act demonstrate", "Scripted demonstrations without topics, on all cores.")
    line.add_argument("--task", default="transfer_cube", choices=list(TASKS), help="of the scene")
    line.add_argument("--robot", default="aloha_sim", help="shipped name, or YAML file")
    line.add_argument("--episodes", type=int, default=50, help="to have; those there count")
    line.add_argument("--dataset-dir", default="data/episodes", help="folder of the episodes")
    line.add_argument("--first-seed", type=int, default=0, help="seed of the first scene")
    line.add_argument(
        "--even", type=int, default=0, metavar="N",
        help="choose the seeds among the N first so that starts lie evenly; 0: one after another",
    )  # fmt: skip
    line.add_argument("--disturbance", type=float, default=0.0, help="random motion; 1: usual")
    line.add_argument("--checkpoint", default="", help="policy to take over from (DAgger)")
    line.add_argument(
        "--take-over", type=int, nargs=2, metavar="TICK",
        help=f"first and last tick at which it is taken over, drawn for each seed; where it has "
        f"succeeded before there is no episode (default: {TAKE_OVER_TICKS[0]} "
        f"{TAKE_OVER_TICKS[1]})",
    )  # fmt: skip
    line.add_argument("--processes", type=int, default=-1, help="-1: one on each core")
    return line.parse(words)


def _check_take_over(args: argparse.Namespace) -> None:
    """Fill in at which ticks to take over, where nobody says; refuse what cannot be."""
    latest = TASKS[args.task].max_ticks - 1
    if args.take_over is None:
        args.take_over = TAKE_OVER_TICKS[0], min(TAKE_OVER_TICKS[1], latest)
        return
    if not args.checkpoint:
        raise ActError("--take-over is for a policy; name it, --checkpoint")
    first, last = args.take_over
    if not 1 <= first <= last <= latest:
        raise ActError(
            f"--take-over {first} {last}: expected two ticks of 1 … {latest}, the earlier first"
        )


def _seeds(args: argparse.Namespace) -> Iterator[int]:
    if not args.even:
        return count(args.first_seed)
    if args.even < 2 * args.episodes:
        raise ActError(
            f"--even {args.even}: expected at least twice the episodes, {2 * args.episodes}, to "
            "choose among"
        )
    return even_seeds(TASKS[args.task], args.first_seed, args.even)


def _demonstrate(args: argparse.Namespace, folder: Path, seed: int) -> Demonstrated:
    key = args.robot, args.task, args.checkpoint, tuple(args.take_over)
    if key not in _cells:  # this process's own, the same for all seeds
        _cells[key] = _open(args)
        atexit.register(_cells[key].session.close)  # ahead of MuJoCo's own: OpenGL is there still
    return _cells[key].demonstrate(folder, seed, args.disturbance)


def _open(args: argparse.Namespace) -> DemonstrationCell:
    spec = load_robot(args.robot)
    session = SimSession(spec, args.task, start_ns=0)
    demonstrator = Demonstrator(spec, args.task)
    if not args.checkpoint:
        return DemonstrationCell(session, demonstrator, args.task)
    from act_policy.checkpoint.find_checkpoint import find_checkpoint  # noqa: PLC0415 (torch)
    from act_policy.driving.local_policy import LocalPolicy  # noqa: PLC0415
    from act_policy.inference.engine_names import AUTO  # noqa: PLC0415

    checkpoint = find_checkpoint(args.checkpoint)
    policy = LocalPolicy.load(checkpoint, spec, engine=AUTO)
    return DemonstrationCell(
        session, demonstrator, args.task, policy, str(checkpoint), tuple(args.take_over)
    )


def _line(
    done: Demonstrated, kept: int, wanted: int, dropped: int, minutes: float, before: int
) -> str:
    what = f"{done.path} ({done.rows} rows, {done.said})" if done.path else f"dropped, {done.said}"
    rate = (kept - before + dropped) / minutes
    return (
        f"seed {done.seed}: {what} · {kept}/{wanted} kept, {dropped} dropped · {rate:.0f} a "
        "minute\n"
    )


if __name__ == "__main__":
    sys.exit(main())

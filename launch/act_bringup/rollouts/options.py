# SPDX-License-Identifier: Apache-2.0
"""What the command line of every study with rollouts can be told about them."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from act_bringup.rollouts.fan_out import Driver, roll_outs
from act_bringup.rollouts.outcome import Outcome
from act_core.system.command_line import CommandLine
from act_policy.checkpoint.compatibility import robot_of
from act_policy.checkpoint.find_checkpoint import find_checkpoint
from act_policy.inference.engine_names import AUTO, ENGINES
from act_sim.evaluation.evaluate_params import EvaluateParams
from act_sim.tasks import TASKS

# Of rollouts by which something is chosen: neither those that demonstrations begin with, nor those
# by which `act evaluate` tells how good it is.
CHOOSING_SEED = 200_000
TELLING_SEED = EvaluateParams().first_seed


def add_options(
    line: CommandLine, episodes: int, *, task: str = "transfer_cube",
    first_seed: int = TELLING_SEED, engine: str = AUTO, processes: bool = True,
) -> None:  # fmt: skip
    """Declare where, on which seeds and with what to roll out, and the defaults of these.

    Without `processes` the rollouts cannot be spread.
    """
    line.add_argument(
        "--robot", default="", help="shipped name, or YAML file; empty: the checkpoint's"
    )
    line.add_argument("--task", default=task, choices=list(TASKS), help="of the scene")
    line.add_argument("--episodes", type=int, default=episodes, help="rollouts of each")
    line.add_argument("--first-seed", type=int, default=first_seed, help="of the rollouts")
    line.add_argument("--engine", default=engine, choices=ENGINES, help="what runs the network")
    if processes:
        line.add_argument(
            "--processes",
            type=int,
            default=-1,
            help="to spread over; -1: one on each core, with Ray of all its machines",
        )


def add_checkpoint(line: CommandLine) -> None:
    """Declare which policy drives."""
    line.add_argument(
        "--checkpoint", default="",
        help="folder, or shipped name; empty: the shipped policy of the task",
    )  # fmt: skip


def checkpoint_of(args: Namespace) -> Path:
    """Return the folder of the policy that drives; raises CheckpointError."""
    return find_checkpoint(args.checkpoint or args.task)


def subject_of(args: Namespace, checkpoint: Path) -> dict[str, Any]:
    """Return what rollouts are of, for `KeptRows`."""
    return {
        "checkpoint": checkpoint.resolve(), "robot": args.robot, "task": args.task,
        "episodes": args.episodes, "first_seed": args.first_seed,
    }  # fmt: skip


def driver_of(args: Namespace, checkpoint: Path, **execution: Any) -> Driver:
    """Return what drives: `checkpoint` as `args` say, with `execution` of its chunks."""
    robot = args.robot or robot_of(str(checkpoint))
    return Driver(checkpoint, robot, args.task, engine=args.engine, **execution)


def rolled_out(args: Namespace, driver: Driver, label: str) -> list[Outcome]:
    """Roll out the seeds that `args` name, with a line that counts."""
    seeds = range(args.first_seed, args.first_seed + args.episodes)
    return roll_outs(driver, seeds, args.processes, label)

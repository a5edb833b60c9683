# SPDX-License-Identifier: Apache-2.0
"""Trainings that differ in one setting, each in a run folder; an interrupted one goes on."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from act_core.errors import ActError
from act_core.paths import user_path
from act_core.system.command_line import CommandLine
from act_policy.checkpoint.run_folder import checkpoints_of
from act_policy.samples.dataset_folder import DatasetFolder
from act_policy.train import find_config
from act_policy.training.trainer import Trainer
from act_policy.training.training_config import TrainingConfig


@dataclass(frozen=True)
class Variant:
    """One of the trainings.

    Attributes:
        name: for tables, and of its run folder.
        settings: `key=value`, over those that all have in common.
        dataset: folder of its episodes; None for the one that all have in common.
    """

    name: str
    settings: tuple[str, ...] = ()
    dataset: Path | None = None


def add_options(line: CommandLine, *, dataset: bool = True) -> None:
    """Declare what every sweep can be told; `dataset`: whether one is common to all."""
    if dataset:
        line.add_argument("--dataset", default="data/episodes", help="folder of episodes")
    line.add_argument("--config", default="desk_arm", help="training configuration of all")
    line.add_argument("--runs", type=user_path, required=True, help="folder for the run folders")
    line.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="setting of all trainings"
    )
    line.add_argument("--plot", type=user_path, help="PNG to draw")
    line.add_argument("--samples", type=int, default=300, help="held-out observations to judge by")


def trained(args: Namespace, variants: Sequence[Variant]) -> dict[str, Path]:
    """Train what is not trained yet; return each variant's last checkpoint by its name.

    Raises:
        ActError: a run folder is of other settings, or there is nothing to train on.
    """
    checkpoints = {}
    for variant in variants:
        file = find_config(args.config)
        config = TrainingConfig.load(file, [*args.set, *variant.settings])
        run = args.runs / variant.name
        done = checkpoints_of(run)
        if config.steps not in done:
            sys.stderr.write(f"training {variant.name}\n")
            folder = DatasetFolder.parse(str(variant.dataset or args.dataset))
            Trainer(config, [folder], run, resume=run.is_dir()).train()
            done = checkpoints_of(run)
        if config.steps not in done:
            raise ActError(f"'{run}' ended at step {max(done)} of {config.steps}")
        checkpoints[variant.name] = done[config.steps]
    return checkpoints

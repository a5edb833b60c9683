# SPDX-License-Identifier: Apache-2.0
"""Command `act train`: train a policy on folders of episodes.

    act train --dataset DATA --out RUN [--config CONFIG] [--set key=value ...]
    act train --dataset DATA --dataset CORRECTIONS=3 --out RUN
    act train --dataset DATA --out RUN --weights CHECKPOINT
    act train --out RUN --resume [--set steps=N] [--dataset DATA --dataset MORE]
    torchrun --nproc-per-node 8 -m act_policy.train --dataset DATA --out RUN --set device=cuda

The first Ctrl-C saves and stops; `--resume` goes on from there, with the run's own settings and
episodes, and those that came since. A finished run goes on for more steps.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from ament_index_python.packages import get_package_share_directory

from act_core.errors import ActError, suggestion
from act_core.paths import user_path
from act_core.system.command_line import CommandLine
from act_policy.checkpoint.find_checkpoint import find_checkpoint
from act_policy.errors import ConfigError
from act_policy.samples.dataset_folder import DatasetFolder

if TYPE_CHECKING:
    from act_policy.training.trainer import Trainer
    from act_policy.training.training_config import TrainingConfig

_DATASET = "data/episodes"
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = _command_line().parse(arguments)
    from act_policy.training.trainer import Trainer  # torch: not for --help

    try:
        config, folders = _config(options), _folders(options)
        weights = find_checkpoint(options.weights) if options.weights else None
        trainer = Trainer(config, folders, options.out, resume=options.resume, weights=weights)
        for note in trainer.data.notes if trainer.fabric.is_global_zero else []:
            print(note)
        _stop_on_signals(trainer)
        trainer.train()
    except (ActError, OSError) as error:
        print(f"act train{_process()}: error: {error}", file=sys.stderr)
        return 1
    return _summary(trainer, options.out)


def _summary(trainer: "Trainer", out: Path) -> int:
    """Say how it ended, in the first process; return the exit status."""
    over = trainer.step >= trainer.config.steps
    if not trainer.fabric.is_global_zero:
        return 0 if over else _INTERRUPTED
    figures = "".join(f", held-out {n} {v:.4g}" for n, v in trainer.validation.items())
    print(f"step {trainer.step} of {trainer.config.steps}{figures}")
    print(f"checkpoint {trainer.checkpoint_folder}")
    if over:
        return 0
    print(f"to go on: act train --out {out} --resume")
    return _INTERRUPTED


def _process() -> str:
    """Return which of torchrun's processes this is, if it is not the first."""
    rank = os.environ.get("RANK", "0")
    return "" if rank == "0" else f" (process {rank})"


def find_config(name_or_path: str) -> Path:
    """Return the file of a shipped configuration by its name, or of any by its path.

    Raises:
        ConfigError: neither; lists those there are.
    """
    path = user_path(name_or_path)
    if path.suffix in (".yaml", ".yml"):
        return path
    folder = Path(get_package_share_directory("act_policy")) / "config"
    shipped = {p.stem.removeprefix("train_"): p for p in folder.glob("train_*.yaml")}
    if name_or_path not in shipped:
        raise ConfigError(
            f"no training configuration '{name_or_path}'{suggestion(name_or_path, shipped)}; or "
            "give the path of a .yaml file"
        )
    return shipped[name_or_path]


def _config(options: argparse.Namespace) -> "TrainingConfig":
    from act_policy.training.run_history import CONFIG_FILE
    from act_policy.training.training_config import TrainingConfig

    if options.resume and "config" not in options:
        file = options.out / CONFIG_FILE
    else:
        file = find_config(vars(options).get("config", "aloha_sim"))
    config = TrainingConfig.load(file, options.set)
    return replace(config, robot=options.robot) if "robot" in options else config


def _folders(options: argparse.Namespace) -> list[DatasetFolder]:
    from act_policy.training.training_state import read_progress

    if options.resume and "dataset" not in options:
        known = read_progress(options.out)["dataset"]["folders"]
        return [DatasetFolder(Path(folder["path"]), folder["weight"]) for folder in known]
    return [DatasetFolder.parse(text) for text in vars(options).get("dataset", [_DATASET])]


def _command_line() -> CommandLine:
    line = CommandLine("act train", "Train a policy on folders of episodes.")
    line.add_argument(
        "--config", default=argparse.SUPPRESS,
        help="training configuration: aloha_sim (small, for a CPU), desk_arm (smaller still), "
        "aloha (as published), or the path of a YAML file (default: aloha_sim, or the resumed "
        "run's own)",
    )  # fmt: skip
    line.add_argument(
        "--dataset", action="append", metavar="DIR[=WEIGHT]", default=argparse.SUPPRESS,
        help="folder of episodes; may be repeated. A frame of DIR=3 is drawn three times as often "
        f"as one of DIR (default: {_DATASET}, or the resumed run's own)",
    )  # fmt: skip
    line.add_argument(
        "--robot", default=argparse.SUPPRESS,
        help="name or file of the robot of episodes that do not name it, as the original ALOHA "
        "code writes them",
    )  # fmt: skip
    line.add_argument(
        "--out", type=user_path, default=Path("runs/train"), help="run folder to write"
    )
    start = line.add_mutually_exclusive_group()
    start.add_argument("--resume", action="store_true", help="go on with the run in --out")
    start.add_argument(
        "--weights", default="", metavar="CHECKPOINT",
        help="checkpoint to start from, a folder or a shipped name, instead of random weights",
    )  # fmt: skip
    line.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a setting, e.g. model.dim_model=128; may be repeated",
    )
    return line


def _stop_on_signals(trainer: "Trainer") -> None:
    def stop(number: int, _frame: FrameType | None) -> None:
        trainer.stop()
        # A second signal ends the process at once.
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


if __name__ == "__main__":
    sys.exit(main())

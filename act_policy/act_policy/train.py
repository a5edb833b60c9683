# SPDX-License-Identifier: Apache-2.0
"""Command `act train`: train a policy on a folder of episodes.

    act train --dataset DATA --out RUN [--config CONFIG] [--set key=value ...]
    act train --out RUN --resume

The first Ctrl-C saves and stops; `--resume` goes on from there, with the run's own settings and
episodes.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from ament_index_python.packages import get_package_share_directory

from act_core.errors import ActError, suggestion
from act_core.paths import user_path
from act_core.system.command_line import CommandLine
from act_policy.errors import ConfigError

if TYPE_CHECKING:
    from act_policy.training.trainer import Trainer

_DATASET = Path("data/episodes")
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = _command_line().parse(arguments)
    from act_policy.training.trainer import CONFIG_FILE, Trainer  # torch: not for --help
    from act_policy.training.training_config import TrainingConfig
    from act_policy.training.training_state import read_progress

    try:
        given = vars(options)
        file = find_config(given.get("config", "aloha_sim"))
        dataset = given.get("dataset", _DATASET)
        if options.resume and "config" not in given:
            file = options.out / CONFIG_FILE
        if options.resume and "dataset" not in given:
            dataset = Path(read_progress(options.out)["dataset"]["path"])
        config = TrainingConfig.load(file, options.set)
        trainer = Trainer(config, dataset, options.out, resume=options.resume)
        _stop_on_signals(trainer)
        trainer.train()
    except (ActError, OSError) as error:
        print(f"act train: error: {error}", file=sys.stderr)
        return 1
    figures = "".join(f", held-out {n} {v:.4g}" for n, v in trainer.validation.items())
    print(f"step {trainer.step} of {config.steps}{figures}")
    print(f"checkpoint {trainer.checkpoint_folder}")
    if trainer.step >= config.steps:
        return 0
    print(f"to go on: act train --out {options.out} --resume")
    return _INTERRUPTED


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


def _command_line() -> CommandLine:
    line = CommandLine("act train", "Train a policy on a folder of episodes.")
    line.add_argument(
        "--config", default=argparse.SUPPRESS,
        help="training configuration: aloha_sim (small, for a CPU), aloha (as published), or the "
        "path of a YAML file (default: aloha_sim, or the resumed run's own)",
    )  # fmt: skip
    line.add_argument(
        "--dataset", type=user_path, default=argparse.SUPPRESS,
        help=f"folder of episodes (default: {_DATASET}, or the resumed run's own)",
    )  # fmt: skip
    line.add_argument(
        "--out", type=user_path, default=Path("runs/train"), help="run folder to write"
    )
    line.add_argument("--resume", action="store_true", help="go on with the run in --out")
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

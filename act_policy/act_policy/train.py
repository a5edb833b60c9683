# SPDX-License-Identifier: Apache-2.0
"""Command `train`: train a policy on a folder of episodes.

    python3 -m act_policy.train --config CONFIG.yaml --dataset DATA --out RUN [--resume]
        [--set key=value ...]

The first Ctrl-C saves and stops; `--resume` goes on from there.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from act_core.errors import ActError
from act_policy.training.trainer import Trainer
from act_policy.training.training_config import TrainingConfig

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        config = TrainingConfig.load(options.config, options.set)
        trainer = Trainer(config, options.dataset, options.out, resume=options.resume)
        _stop_on_signals(trainer)
        trainer.train()
    except (ActError, OSError) as error:
        print(f"train: {error}", file=sys.stderr)
        return 1
    print(f"{options.out}: step {trainer.step} of {config.steps}, {trainer.validation}")
    return 0 if trainer.step >= config.steps else _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="train", description="Train a policy on episodes.")
    parser.add_argument("--config", type=Path, required=True, help="training configuration, YAML")
    parser.add_argument("--dataset", type=Path, required=True, help="folder of episodes")
    parser.add_argument("--out", type=Path, required=True, help="run folder to write")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a setting, e.g. model.dim_model=128; may be repeated",
    )
    return parser


def _stop_on_signals(trainer: Trainer) -> None:
    def stop(number: int, _frame: FrameType | None) -> None:
        trainer.stop()
        # A second signal ends the process at once.
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


if __name__ == "__main__":
    sys.exit(main())

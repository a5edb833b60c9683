# SPDX-License-Identifier: Apache-2.0
"""Time a training step of the small network: python3 act_policy/bench/bench_train_step.py.

Batch sizes take turns, so that what else the machine does meets all alike.
"""

import argparse
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch

from act_core.testing import make_episode
from act_policy.samples.dataset_folder import DatasetFolder
from act_policy.training.trainer import Trainer
from act_policy.training.training_config import TrainingConfig

CONFIG = Path(__file__).parents[1] / "config" / "train_aloha_sim.yaml"


def main() -> None:
    """Print the median, fastest and 90th percentile step of each batch size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[8, 16])
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--steps-per-round", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    base = TrainingConfig.load(CONFIG, options.set)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        for seed in range(2):
            make_episode(data, num_frames=120, image_shape=(120, 160), seed=seed)
        trainers = {
            size: Trainer(
                replace(base, batch_size=size, num_threads=options.threads),
                [DatasetFolder(data)],
                Path(folder) / f"run_{size}",
            )
            for size in options.batch_sizes
        }
        times_ms: dict[int, list[float]] = {size: [] for size in trainers}
        for number in range(options.rounds + 1):
            for size, trainer in trainers.items():
                measured = _time_steps(trainer, size, options.steps_per_round)
                # The first round warms up.
                times_ms[size] += measured if number else []
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {base.precision}")
    for size, values in times_ms.items():
        ninth = statistics.quantiles(values, n=10)[-1]
        print(
            f"batch {size:3}: median {statistics.median(values):.0f} ms, "
            f"min {min(values):.0f}, p90 {ninth:.0f}"
        )


def _time_steps(trainer: Trainer, batch_size: int, steps: int) -> list[float]:
    times_ms = []
    for step in range(steps):
        started = time.perf_counter()
        trainer.learner.train_step(trainer.data.training[range(step, step + batch_size)], step)
        times_ms.append(1e3 * (time.perf_counter() - started))
    return times_ms


if __name__ == "__main__":
    main()

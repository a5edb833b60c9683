# SPDX-License-Identifier: Apache-2.0
"""How long one prediction takes in each engine, from pixels to actions, at ACT's published size.

    python3 act_policy/bench/bench_engines.py [--rounds 15] [--device cuda] [--lerobot PYTHON]

Random weights. The engines take turns, one prediction each, so that a slow minute of the machine
is everybody's; ratios are of medians to torch's, or, with --lerobot, the Python of an environment
with `pip install lerobot`, to LeRobot's.
"""

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import torch

from act_policy.checkpoint.checkpoint import Checkpoint
from act_policy.errors import EngineError
from act_policy.inference.driving_network import DrivingNetwork
from act_policy.inference.engine_names import CALIBRATED, COMPILED, EXACT, ON_GPU, ON_PROCESSOR
from act_policy.inference.int8_calibration import calibrate
from act_policy.inference.network_policy import NetworkPolicy
from act_policy.testing import make_checkpoint

PEER = Path(__file__).with_name("lerobot_latency_peer.py")
DIM = 14
# ACT's, LeRobot's default (arxiv.org/abs/2304.13705, table III).
PUBLISHED = {
    "chunk_size": 100, "dim_model": 512, "n_heads": 8, "dim_feedforward": 3200,
    "n_encoder_layers": 4, "n_vae_encoder_layers": 4, "rate_hz": 50.0,
}  # fmt: skip
SETTINGS = [  # cameras, height and width in pixels, threads
    (1, 480, 640, 1), (1, 480, 640, 2), (4, 480, 640, 1), (4, 480, 640, 2),
    (1, 120, 160, 1), (1, 120, 160, 2),
]  # fmt: skip

Predict = Callable[[], float]


def timed(policy: NetworkPolicy) -> Predict:
    """Return a function that predicts once and returns how long it took, s."""
    positions, images = policy.example_observation()

    def predict() -> float:
        started_s = time.perf_counter()
        policy.predict_chunk(positions, images)
        return time.perf_counter() - started_s

    return predict


def noise(checkpoint: Checkpoint) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return observations to calibrate on; how fast it gets does not depend on what they show."""
    rng, config = np.random.default_rng(0), checkpoint.config
    shape = (len(config.cameras), config.image_height_px, config.image_width_px, 3)
    return [
        (rng.normal(size=DIM).astype(np.float32), rng.integers(0, 256, shape, dtype=np.uint8))
        for _ in range(4)
    ]


def engines(
    cameras: int, height: int, width: int, threads: int, device: str
) -> dict[str, Predict]:
    """Return engine → a function that predicts once, for every engine that runs here."""
    rows = np.random.default_rng(0).normal(size=(9, DIM)).astype(np.float32)
    checkpoint = make_checkpoint(
        rows, rows, cameras=tuple(f"c{i}" for i in range(cameras)), image_height_px=height,
        image_width_px=width, **PUBLISHED,
    )  # fmt: skip
    torch.set_num_threads(threads)
    network = DrivingNetwork(checkpoint, torch.device(device)).eval()
    found = {}
    for engine in (EXACT, COMPILED, *(ON_PROCESSOR if device == "cpu" else ON_GPU)):
        try:
            if engine == CALIBRATED:
                calibrate(network, noise(checkpoint))
            found[engine] = timed(NetworkPolicy(checkpoint, device, engine, threads))
        except EngineError as error:
            print(f"{error}")
    return found


def compare(setting: tuple[int, int, int, int], rounds: int, device: str, lerobot: str) -> None:
    """Print a row of the table for each engine."""
    cameras, height, width, threads = setting
    predictors, peer = engines(*setting, device), None
    if lerobot:
        peer = subprocess.Popen(
            [lerobot, str(PEER), *(str(word) for word in setting)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert peer.stdin is not None
        assert peer.stdout is not None
        ask, answers = peer.stdin, peer.stdout
        answers.readline()
        predictors = {
            "LeRobot": lambda: float((ask.write("\n"), ask.flush(), answers.readline())[2])
        } | predictors
    times_s: dict[str, list[float]] = {name: [] for name in predictors}
    for turn in range(rounds + 2):
        for name, predict in predictors.items():
            taken_s = predict()
            if turn > 1:  # the first ones warm up
                times_s[name].append(taken_s)
    if peer:
        peer.kill()
    base_s = median(next(iter(times_s.values())))
    for name, taken in times_s.items():
        low, high = np.percentile(taken, [0, 90])
        print(
            f"| {cameras} × {height}x{width} | {threads} | {name} | {1e3 * median(taken):.1f} | "
            f"{1e3 * low:.1f} … {1e3 * high:.1f} | {base_s / median(taken):.2f} |",
            flush=True,
        )


def main() -> None:
    """Compare at every setting."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--lerobot", default="", metavar="PYTHON", help="of its environment")
    options = parser.parse_args()
    print("| cameras | threads | engine | median, ms | least … 90 %, ms | times as fast |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ACT_CACHE_DIR"] = folder  # random weights are not worth keeping
        for setting in SETTINGS:
            if options.device == "cpu" or setting[-1] == 1:  # threads are the processor's
                compare(setting, options.rounds, options.device, options.lerobot)


if __name__ == "__main__":
    main()

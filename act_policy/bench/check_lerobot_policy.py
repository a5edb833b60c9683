# SPDX-License-Identifier: Apache-2.0
"""Whether an ACT policy that LeRobot saved predicts here what it predicts there, and back.

    python3 act_policy/bench/check_lerobot_policy.py LEROBOT_PYTHON

LEROBOT_PYTHON is the Python of an environment with `pip install lerobot`. Ends with status 1 where
a chunk differs by more than 1e-5.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from act_core.robot.robot_file import parse_robot, shipped_robots
from act_core.robot.robot_spec import RobotSpec
from act_policy.checkpoint.checkpoint import Checkpoint
from act_policy.checkpoint.lerobot import read_lerobot
from act_policy.checkpoint.lerobot_writer import write_lerobot
from act_policy.model.normalization import Normalizer

PEER = Path(__file__).with_name("lerobot_policy_peer.py")
BOUND = 1e-5


def robot() -> RobotSpec:
    """Return the simulated one with the cameras of the peer."""
    text, _, _ = shipped_robots()["aloha_sim"].partition("\ncameras:")
    lines = [f"  - {{name: {c}, height_px: 480, width_px: 640}}"
             for c in ("top", "left", "right", "front")]  # fmt: skip
    return parse_robot("\n".join([text, "cameras:", *lines, ""]), "of the check")


def difference(checkpoint: Checkpoint, golden_file: Path) -> tuple[float, float]:
    """Return the largest difference between the two chunks, and the largest value."""
    model = checkpoint.build_model(torch.device("cpu"))
    normalizer = Normalizer(checkpoint.statistics, torch.device("cpu"))
    with np.load(golden_file) as golden, torch.inference_mode():
        state = normalizer.state(torch.from_numpy(golden["state"])[None])
        images = normalizer.images(torch.from_numpy(golden["images"])[None])
        chunk = normalizer.physical_actions(model(state, images).actions, state)[0].numpy()
        return float(np.abs(chunk - golden["chunk"]).max()), float(np.abs(chunk).max())


def main(python: str) -> int:
    """Compare small networks of two normalisations, and one of the published size."""
    worst = 0.0
    for size in ("small", "min_max", "full"):
        with TemporaryDirectory() as folder:
            golden, exported = Path(folder, "golden.npz"), Path(folder, "exported")
            subprocess.run([python, str(PEER), "write", folder, size], check=True)
            checkpoint = read_lerobot(Path(folder), robot())
            there, largest = difference(checkpoint, golden)
            write_lerobot(exported, checkpoint)
            subprocess.run([python, str(PEER), "predict", str(exported), str(golden)], check=True)
            back, _ = difference(checkpoint, golden)
        print(
            f"{size}: chunks differ by {there:.1e} at most, and by {back:.1e} from what LeRobot "
            f"predicts with our export; the largest action is {largest:.2f}"
        )
        worst = max(worst, there, back)
    return int(worst > BOUND)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

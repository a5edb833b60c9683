# SPDX-License-Identifier: Apache-2.0
"""Whether a policy of the original code predicts here what it predicts there, and back.

    python3 act_policy/bench/check_original_policy.py PYTHON ACT_CHECKOUT

ACT_CHECKOUT is a clone of github.com/tonyzhaozh/act; PYTHON one with torch and torchvision. Ends
with status 1 where a chunk differs by more than 1e-5.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from check_lerobot_policy import BOUND, difference, robot

from act_policy.checkpoint.checkpoint import Checkpoint
from act_policy.checkpoint.original_act import Untold, read_original
from act_policy.checkpoint.original_writer import write_original

PEER = Path(__file__).with_name("original_policy_peer.py")


def read(folder: Path) -> Checkpoint:
    """Import the policy with the cameras of the observation beside it."""
    with np.load(folder / "golden.npz") as golden:
        num_cameras, height_px, width_px, _ = golden["images"].shape
    cameras = [camera.name for camera in robot().cameras][:num_cameras]
    return read_original(
        folder / "policy_best.ckpt", robot(), Untold(cameras, (height_px, width_px))
    )


def main(python: str, checkout: str) -> int:
    """Compare a small network and one of the published size."""
    worst = 0.0
    for size in ("small", "full"):
        with TemporaryDirectory() as name:
            folder, golden = Path(name), Path(name, "golden.npz")
            subprocess.run([python, str(PEER), "write", checkout, name, size], check=True)
            checkpoint = read(folder)
            there, largest = difference(checkpoint, golden)
            write_original(folder / "exported", checkpoint)
            subprocess.run([python, str(PEER), "predict", checkout, name, size], check=True)
            back, _ = difference(checkpoint, golden)
        print(
            f"{size}: chunks differ by {there:.1e} at most, and by {back:.1e} from what the "
            f"original predicts with our export; the largest action is {largest:.2f}"
        )
        worst = max(worst, there, back)
    return int(worst > BOUND)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

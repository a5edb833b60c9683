# SPDX-License-Identifier: Apache-2.0
"""Whether a policy of the original code predicts here what it predicts there.

    python3 act_policy/bench/check_original_policy.py PYTHON ACT_CHECKOUT

ACT_CHECKOUT is a clone of github.com/tonyzhaozh/act; PYTHON one with torch and torchvision. Ends
with status 1 where a chunk differs by more than 1e-5.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from check_lerobot_policy import BOUND, robot

from act_policy.checkpoint.original_act import Untold, read_original
from act_policy.model.normalization import Normalizer

PEER = Path(__file__).with_name("original_policy_peer.py")


def difference(folder: Path) -> tuple[float, float]:
    """Return the largest difference between the two chunks, and the largest value."""
    with np.load(folder / "golden.npz") as golden, torch.inference_mode():
        num_cameras, height_px, width_px, _ = golden["images"].shape
        cameras = [camera.name for camera in robot().cameras][:num_cameras]
        untold = Untold(cameras, (height_px, width_px))
        checkpoint = read_original(folder / "policy_best.ckpt", robot(), untold)
        model = checkpoint.build_model(torch.device("cpu"))
        normalizer = Normalizer(checkpoint.statistics, torch.device("cpu"))
        state = normalizer.state(torch.from_numpy(golden["state"])[None])
        images = normalizer.images(torch.from_numpy(golden["images"])[None])
        chunk = normalizer.physical_actions(model(state, images).actions)[0].numpy()
        return float(np.abs(chunk - golden["chunk"]).max()), float(np.abs(chunk).max())


def main(python: str, checkout: str) -> int:
    """Compare a small network and one of the published size."""
    worst = 0.0
    for size in ("small", "full"):
        with TemporaryDirectory() as folder:
            subprocess.run([python, str(PEER), checkout, folder, size], check=True)
            found, largest = difference(Path(folder))
        print(f"{size}: chunks differ by {found:.1e} at most, the largest action is {largest:.2f}")
        worst = max(worst, found)
    return int(worst > BOUND)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

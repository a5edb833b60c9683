# SPDX-License-Identifier: Apache-2.0
"""What LeRobot and the original code predict, stored with weights that can be drawn again.

`bench/lerobot_policy_peer.py golden` (LeRobot 0.6.1) and `bench/original_policy_peer.py golden`
(tonyzhaozh/act) wrote the folders in `golden/`.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from golden.drawn_weights import drawn
from safetensors.torch import save_file

from act_core.robot.robot_file import parse_robot, shipped_robots
from act_policy.checkpoint.checkpoint import Checkpoint
from act_policy.checkpoint.lerobot import read_lerobot
from act_policy.checkpoint.original_act import Untold, read_original
from act_policy.inference.network_policy import NetworkPolicy

GOLDEN = Path(__file__).with_name("golden")
BOUND = 1e-5
CAMERAS = ("top", "left")
ROBOT = parse_robot(
    shipped_robots()["aloha_sim"].partition("\ncameras:")[0] + "\ncameras:\n"
    "  - {name: top, height_px: 48, width_px: 64}\n"
    "  - {name: left, height_px: 48, width_px: 64}\n",
    "of the test",
)


def _weights(folder: Path) -> dict[str, torch.Tensor]:
    shapes = json.loads((folder / "shapes.json").read_text())
    return {name: torch.from_numpy(drawn(name, shape)) for name, shape in shapes.items()}


def _lerobot(folder: Path) -> Checkpoint:
    save_file(_weights(folder), folder / "model.safetensors")
    return read_lerobot(folder, ROBOT)


def _original(folder: Path) -> Checkpoint:
    torch.save(_weights(folder), folder / "policy_best.ckpt")
    return read_original(folder / "policy_best.ckpt", ROBOT, Untold(CAMERAS, (48, 64)))


@pytest.mark.parametrize(
    ("name", "read"),
    [("lerobot_small", _lerobot), ("lerobot_min_max", _lerobot), ("original_small", _original)],
)
def test_predicts_what_the_other_code_predicted(name, read, tmp_path):
    folder = shutil.copytree(GOLDEN / name, tmp_path / name)
    policy = NetworkPolicy(read(folder))
    with np.load(folder / "golden.npz") as golden:
        images = dict(zip(CAMERAS, golden["images"], strict=True))
        chunk = policy.predict_chunk(golden["state"], images)
        np.testing.assert_allclose(chunk, golden["chunk"], rtol=0, atol=BOUND)
        assert np.ptp(golden["chunk"]) > 0.1  # something to get wrong
        other = policy.predict_chunk(golden["state"] + 0.1, images)
        assert np.abs(other - chunk).max() > 100 * BOUND

# SPDX-License-Identifier: Apache-2.0
"""The half of check_original_policy.py that imports the original network.

python original_policy_peer.py ACT_CHECKOUT FOLDER small|full

Writes policy_best.ckpt with random weights, dataset_stats.pkl, and golden.npz: an observation, and
the chunk that the original predicts for it.
"""

import pickle
import sys
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from torchvision import models, transforms

DIM = 14
PUBLISHED = {
    "hidden_dim": 512, "dim_feedforward": 3200, "enc_layers": 4, "dec_layers": 7, "nheads": 8,
    "num_queries": 100, "camera_names": ["top", "left", "right", "front"], "pre_norm": False,
    "dropout": 0.1, "backbone": "resnet18", "dilation": False, "masks": False,
    "position_embedding": "sine", "lr_backbone": 1e-5,
}  # fmt: skip
SMALL = {"hidden_dim": 64, "dim_feedforward": 128, "enc_layers": 2, "num_queries": 10,
         "camera_names": ["top", "left"]}  # fmt: skip
SIZES = {"small": (PUBLISHED | SMALL, (48, 64)), "full": (PUBLISHED, (480, 640))}


def network(checkout: str, settings: dict) -> torch.nn.Module:
    """Return the original's network with random weights."""
    sys.modules["IPython"] = SimpleNamespace(embed=None)  # it imports a debugger
    resnet = models.resnet18
    models.resnet18 = lambda *args, pretrained, **more: resnet(*args, weights=None, **more)
    sys.path[:0] = [checkout, f"{checkout}/detr"]
    from models.detr_vae import build  # of the checkout

    return build(Namespace(**settings)).eval()


def main(checkout: str, folder: Path, size: str) -> None:
    """Write policy, statistics and prediction."""
    settings, (height, width) = SIZES[size]
    torch.manual_seed(0)
    random = torch.Generator().manual_seed(1)
    model = network(checkout, settings)
    for name, value in model.named_buffers():  # as of a backbone that was trained
        if name.endswith(("running_mean", "running_var")):
            value += 0.1 * torch.rand(value.shape, generator=random)
    weights = {f"model.{name}": value for name, value in model.state_dict().items()}
    torch.save(weights, folder / "policy_best.ckpt")
    stats = {f"{what}_{which}": 0.1 + 0.4 * torch.rand(DIM, generator=random)
             for what in ("qpos", "action") for which in ("mean", "std")}  # fmt: skip
    with (folder / "dataset_stats.pkl").open("wb") as file:
        pickle.dump({key: value.numpy() for key, value in stats.items()}, file)
    state = torch.rand(DIM, generator=random)
    pixels = torch.randint(
        0, 256, (len(settings["camera_names"]), height, width, 3), generator=random
    )
    normalize = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    images = normalize(pixels.permute(0, 3, 1, 2).float() / 255)
    z_state = (state - stats["qpos_mean"]) / stats["qpos_std"]
    with torch.no_grad():
        chunk = model(z_state[None], images[None], None)[0][0]
    chunk = chunk * stats["action_std"] + stats["action_mean"]
    np.savez(folder / "golden.npz", state=state.numpy(), chunk=chunk.numpy(),
             images=pixels.numpy().astype(np.uint8))  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])

# SPDX-License-Identifier: Apache-2.0
"""The half of check_original_policy.py that imports the original network.

python original_policy_peer.py write ACT_CHECKOUT FOLDER small|full
python original_policy_peer.py golden ACT_CHECKOUT FOLDER small
python original_policy_peer.py predict ACT_CHECKOUT FOLDER small|full

`write` makes policy_best.ckpt with random weights, dataset_stats.pkl, and golden.npz: an
observation, and the chunk that the original predicts for it. `golden` does the same with weights
that anybody can draw again, whose names and shapes it writes in their place. `predict` loads the
two files in FOLDER/exported and puts into golden.npz what the original predicts with them.
"""

import json
import pickle
import sys
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor
from torchvision import models, transforms

sys.path.insert(0, str(Path(__file__).parents[1] / "test/checkpoint/golden"))
from drawn_weights import drawn  # noqa: E402

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


def predicted(model: torch.nn.Module, stats: dict, state: Tensor, pixels: Tensor) -> np.ndarray:
    """Return the chunk as its eval_bc does."""
    normalize = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    images = normalize(pixels.permute(0, 3, 1, 2).float() / 255)
    z_state = (state - stats["qpos_mean"]) / stats["qpos_std"]
    with torch.no_grad():
        chunk = model(z_state[None], images[None], None)[0][0]
    return (chunk * stats["action_std"] + stats["action_mean"]).numpy()


def golden(checkout: str, folder: Path, size: str) -> None:
    """As `write`, with the weights' names and shapes in place of the weights."""
    folder.mkdir(parents=True)
    write(checkout, folder, size, drawing=True)
    weights = torch.load(folder / "policy_best.ckpt", weights_only=True)
    shapes = {name: list(value.shape) for name, value in weights.items()}
    (folder / "policy_best.ckpt").unlink()
    (folder / "shapes.json").write_text(json.dumps(shapes, indent=0) + "\n")


def write(checkout: str, folder: Path, size: str, *, drawing: bool = False) -> None:
    """Write policy, statistics and prediction."""
    settings, (height, width) = SIZES[size]
    torch.manual_seed(0)
    random = torch.Generator().manual_seed(1)
    model = network(checkout, settings)
    for name, value in model.named_buffers():  # as of a backbone that was trained
        if name.endswith(("running_mean", "running_var")):
            value += 0.1 * torch.rand(value.shape, generator=random)
    if drawing:
        model.load_state_dict({
            name: torch.from_numpy(drawn(f"model.{name}", value.shape))
            for name, value in model.state_dict().items()
        })  # fmt: skip
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
    np.savez(folder / "golden.npz", state=state.numpy(), images=pixels.numpy().astype(np.uint8),
             chunk=predicted(model, stats, state, pixels))  # fmt: skip


def predict(checkout: str, folder: Path, size: str) -> None:
    """Load what was exported, strictly, and replace the golden chunk."""
    model = network(checkout, SIZES[size][0])
    weights = torch.load(folder / "exported/policy_best.ckpt", weights_only=True)
    model.load_state_dict({name.removeprefix("model."): t for name, t in weights.items()})
    with (folder / "exported/dataset_stats.pkl").open("rb") as file:
        loaded = pickle.load(file)  # noqa: S301 - as the original does; the file is our own
    stats = {key: torch.from_numpy(value) for key, value in loaded.items()}
    with np.load(folder / "golden.npz") as file:
        known = dict(file)
    state, pixels = (torch.from_numpy(known[name]) for name in ("state", "images"))
    np.savez(folder / "golden.npz", **(known | {"chunk": predicted(model, stats, state, pixels)}))


if __name__ == "__main__":
    {"write": write, "golden": golden, "predict": predict}[sys.argv[1]](
        sys.argv[2], Path(sys.argv[3]), sys.argv[4]
    )

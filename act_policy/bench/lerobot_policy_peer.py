# SPDX-License-Identifier: Apache-2.0
"""The half of check_lerobot_policy.py that runs where LeRobot is installed.

python lerobot_policy_peer.py write FOLDER small|min_max|full
python lerobot_policy_peer.py golden FOLDER small|min_max
python lerobot_policy_peer.py predict FOLDER golden.npz

`write` makes a policy of random weights as LeRobot saves it, and golden.npz: an observation, and
the chunk that LeRobot predicts for it. `golden` does the same with weights that anybody can draw
again, whose names and shapes it writes in their place: what CI compares with. `predict` puts into
golden.npz what LeRobot predicts with the policy in FOLDER.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from lerobot.configs.types import FeatureType, NormalizationMode, PolicyFeature
from lerobot.policies.act.configuration_act import ACTConfig
from lerobot.policies.act.modeling_act import ACTPolicy
from lerobot.policies.factory import make_pre_post_processors

sys.path.insert(0, str(Path(__file__).parents[1] / "test/checkpoint/golden"))
from drawn_weights import drawn  # noqa: E402

DIM = 14
SMALL = {
    "chunk_size": 10, "n_action_steps": 10, "dim_model": 64, "n_heads": 4,
    "dim_feedforward": 128, "n_encoder_layers": 2, "n_vae_encoder_layers": 2,
}  # fmt: skip
MIN_MAX = dict.fromkeys(("VISUAL", "STATE", "ACTION"), NormalizationMode.MIN_MAX)
SIZES = {
    "small": (("top", "left"), (48, 64), SMALL),
    "min_max": (("top", "left"), (48, 64), SMALL | {"normalization_mapping": MIN_MAX}),
    "full": (("top", "left", "right", "front"), (480, 640), {}),
}  # fmt: skip


def statistics(cameras: tuple[str, ...], random: torch.Generator) -> dict:
    """Return what LeRobot keeps of a dataset, of no dataset."""
    shapes = {"observation.state": (DIM,), "action": (DIM,)}
    shapes |= {f"observation.images.{camera}": (3, 1, 1) for camera in cameras}
    return {
        key: {"mean": 0.4 * torch.rand(shape, generator=random),
              "std": 0.1 + torch.rand(shape, generator=random),
              "min": -torch.rand(shape, generator=random),
              "max": 0.5 + torch.rand(shape, generator=random)}
        for key, shape in shapes.items()
    }  # fmt: skip


def draw(policy: ACTPolicy) -> dict[str, list[int]]:
    """Draw all weights by their names; return name → shape."""
    shapes = {name: list(value.shape) for name, value in policy.state_dict().items()}
    weights = {name: torch.from_numpy(drawn(name, shape)) for name, shape in shapes.items()}
    policy.load_state_dict(weights)
    return shapes


def golden(folder: Path, size: str) -> None:
    """Write policy and prediction, with the weights' names and shapes in place of the weights."""
    folder.mkdir(parents=True)
    shapes = write(folder, size, drawing=True)
    (folder / "model.safetensors").unlink()
    (folder / "shapes.json").write_text(json.dumps(shapes, indent=0) + "\n")


def write(folder: Path, size: str, *, drawing: bool = False) -> dict[str, list[int]]:
    """Write policy and prediction; return the shapes of drawn weights, if they are."""
    cameras, (height, width), network = SIZES[size]
    random = torch.Generator().manual_seed(1)
    torch.manual_seed(0)
    images = {f"observation.images.{camera}": PolicyFeature(FeatureType.VISUAL, (3, height, width))
              for camera in cameras}  # fmt: skip
    config = ACTConfig(
        input_features={"observation.state": PolicyFeature(FeatureType.STATE, (DIM,)), **images},
        output_features={"action": PolicyFeature(FeatureType.ACTION, (DIM,))},
        pretrained_backbone_weights=None, device="cpu", **network,
    )  # fmt: skip
    policy = ACTPolicy(config).eval()
    for name, value in policy.named_buffers():  # as of a backbone that was trained
        if name.endswith(("running_mean", "running_var")):
            value += 0.1 * torch.rand(value.shape, generator=random)
    shapes = draw(policy) if drawing else {}
    before, after = make_pre_post_processors(config, dataset_stats=statistics(cameras, random))
    for part in (policy, before, after):
        part.save_pretrained(folder)
    state = torch.rand(DIM, generator=random)
    pixels = torch.randint(0, 256, (len(cameras), height, width, 3), generator=random)
    seen = {key: image.permute(2, 0, 1).float() / 255
            for key, image in zip(images, pixels, strict=True)}  # fmt: skip
    with torch.no_grad():
        chunk = after(policy.predict_action_chunk(before({"observation.state": state, **seen})))
    np.savez(folder / "golden.npz", state=state.numpy(), chunk=chunk[0].numpy(),
             images=pixels.numpy().astype(np.uint8))  # fmt: skip
    return shapes


def predict(folder: Path, golden: str) -> None:
    """Load a policy as LeRobot's own programs do, and replace the golden chunk."""
    policy = ACTPolicy.from_pretrained(folder).eval()
    before, after = make_pre_post_processors(policy.config, pretrained_path=str(folder))
    with np.load(golden) as file:
        known = dict(file)
    images = {
        key: torch.from_numpy(image).permute(2, 0, 1).float() / 255
        for key, image in zip(policy.config.image_features, known["images"], strict=True)
    }
    state = torch.from_numpy(known["state"])
    with torch.no_grad():
        chunk = after(policy.predict_action_chunk(before({"observation.state": state, **images})))
    np.savez(golden, **(known | {"chunk": chunk[0].numpy()}))


if __name__ == "__main__":
    {"write": write, "golden": golden, "predict": predict}[sys.argv[1]](
        Path(sys.argv[2]), sys.argv[3]
    )

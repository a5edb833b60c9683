# SPDX-License-Identifier: Apache-2.0
"""Reads policies of the original code: policy_best.ckpt and, beside it, dataset_stats.pkl.

The file has neither a configuration nor the names and sizes of cameras; what the shapes of the
weights do not tell has to be said.

Source: github.com/tonyzhaozh/act, detr/models/detr_vae.py, transformer.py, policy.py, utils.py.
"""

import pickle
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from act_core.robot.robot_spec import RobotSpec
from act_policy.checkpoint.array_pickle import read_arrays
from act_policy.checkpoint.checkpoint import Checkpoint
from act_policy.checkpoint.compatibility import check_brought
from act_policy.errors import CheckpointError, ConfigError
from act_policy.model.act_config import ACTConfig
from act_policy.model.statistics import Statistics

POLICY_FILE, STATISTICS_FILE = "policy_best.ckpt", "dataset_stats.pkl"
STATISTICS = ("qpos_mean", "qpos_std", "action_mean", "action_std")
# How names begin there, behind `model.`, and here.
PREFIXES = (
    ("transformer.encoder.", "encoder."),
    ("transformer.decoder.", "decoder."),
    ("encoder.", "vae_encoder."),
    ("backbones.0.0.body.", "backbone."),
    ("query_embed.", "decoder_pos_embed."),
    ("input_proj.", "encoder_img_feat_input_proj."),
    ("input_proj_robot_state.", "encoder_robot_state_input_proj."),
    ("cls_embed.", "vae_encoder_cls_embed."),
    ("encoder_action_proj.", "vae_encoder_action_input_proj."),
    ("encoder_joint_proj.", "vae_encoder_robot_state_input_proj."),
    ("latent_proj.", "vae_encoder_latent_output_proj."),
    ("latent_out_proj.", "encoder_latent_input_proj."),
    ("additional_pos_embed.", "encoder_1d_feature_pos_embed."),
    ("action_head.", "action_head."),
)
# Six of its seven decoder layers are computed and thrown away (tonyzhaozh/act, issue 25).
_UNUSED = re.compile(r"transformer\.decoder\.layers\.[1-9]|is_pad_head\.|pos_table$")


@dataclass(frozen=True)
class Untold:
    """What the files do not tell.

    Attributes:
        cameras: by the robot's names, in the order of the training's `camera_names`.
        image_size_px: (height, width) of all their images.
        n_heads: attention heads; the published code has 8.
        statistics: path of dataset_stats.pkl; None for the one beside the policy.
    """

    cameras: Sequence[str]
    image_size_px: tuple[int, int] = (480, 640)
    n_heads: int = 8
    statistics: Path | None = None


def read_original(path: Path, robot: RobotSpec, untold: Untold) -> Checkpoint:
    """Return a policy of the original code as a checkpoint for `robot`.

    Args:
        path: the .ckpt file.
        robot: whose columns state and action are, in this order and in its units.
        untold: see there.

    Raises:
        CheckpointError: it is damaged, no ACT policy, holds more than weights, or does not fit.
    """
    weights = _renamed(path, _load(path))
    statistics = _statistics(untold.statistics or path.with_name(STATISTICS_FILE))
    config = _config(path, weights, robot, untold)
    check_brought(config, statistics, robot)
    provenance = {"original_policy": str(path.resolve())}
    checkpoint = Checkpoint(config, statistics, robot.yaml_text, provenance, weights)
    checkpoint.build_model(torch.device("cpu"))
    return checkpoint


def _load(path: Path) -> Mapping[str, Tensor]:
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"'{path}' holds more than weights, or is damaged; nothing of it was executed"
        ) from error
    except (OSError, RuntimeError, EOFError, ValueError) as error:
        text = str(error).splitlines()[0] if str(error) else "damaged"
        raise CheckpointError(f"'{path}' cannot be read: {text}") from error
    if not isinstance(stored, dict) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in stored.items()
    ):
        raise CheckpointError(f"'{path}' is no state dict")
    return stored


def _renamed(path: Path, stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    weights = {}
    for full, tensor in stored.items():
        name = full.removeprefix("model.")
        if _UNUSED.match(name) or name.endswith("num_batches_tracked"):
            continue
        for theirs, ours in PREFIXES:
            if name.startswith(theirs):
                weights[ours + name.removeprefix(theirs)] = tensor.float()
                break
        else:
            raise CheckpointError(f"'{path}' is no ACT policy of the original code: it has {full}")
    return weights


def _config(
    path: Path, weights: Mapping[str, Tensor], robot: RobotSpec, untold: Untold
) -> ACTConfig:
    try:
        num_actions, dim = weights["action_head.weight"].shape
        num_states = weights["encoder_robot_state_input_proj.weight"].shape[1]
        shapes = {
            "chunk_size": weights["decoder_pos_embed.weight"].shape[0],
            "dim_model": dim,
            "dim_feedforward": weights["encoder.layers.0.linear1.weight"].shape[0],
            "latent_dim": weights["encoder_latent_input_proj.weight"].shape[1],
        }
    except KeyError as error:
        raise CheckpointError(f"'{path}' is no ACT policy: it has no {error.args[0]}") from error
    except (IndexError, ValueError) as error:
        raise CheckpointError(f"'{path}' is no ACT policy: weights of odd shapes") from error
    for what, count in (("actions", num_actions), ("states", num_states)):
        if count != robot.dim:
            raise CheckpointError(
                f"'{path}' has {what} of {count} columns, robot '{robot.name}' has {robot.dim}: "
                f"{', '.join(robot.columns)}"
            )
    height_px, width_px = untold.image_size_px
    try:
        return ACTConfig.from_dict({
            **shapes, "vision_backbone": _backbone(weights), "n_heads": untold.n_heads,
            "n_encoder_layers": _count_layers(weights, "encoder"),
            "n_vae_encoder_layers": _count_layers(weights, "vae_encoder"), "n_decoder_layers": 1,
            "cameras": list(untold.cameras), "image_height_px": height_px,
            "image_width_px": width_px, "state_names": list(robot.columns),
            "action_names": list(robot.columns), "rate_hz": robot.rate_hz,
        })  # fmt: skip
    except ConfigError as error:
        raise CheckpointError(f"'{path}': {error}") from error


def _count_layers(weights: Mapping[str, Tensor], of: str) -> int:
    found = (re.match(rf"{of}\.layers\.(\d+)\.", name) for name in weights)
    return len({match.group(1) for match in found if match})


def _backbone(weights: Mapping[str, Tensor]) -> str:
    if "backbone.layer1.0.conv3.weight" in weights:
        return "resnet50"
    return "resnet34" if "backbone.layer3.5.conv1.weight" in weights else "resnet18"


def _statistics(path: Path) -> Statistics:
    arrays = read_arrays(path)
    missing = [name for name in STATISTICS if name not in arrays]
    if missing:
        raise CheckpointError(f"'{path}' has no {', '.join(missing)}")
    try:
        return Statistics(*(arrays[name].reshape(-1).astype(np.float32) for name in STATISTICS))
    except ValueError as error:
        raise CheckpointError(f"'{path}': {error}") from error

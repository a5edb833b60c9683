# SPDX-License-Identifier: Apache-2.0
"""Writes checkpoints as ACT policies of LeRobot, in the layout it has since 0.4; see `lerobot`."""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from act_policy.checkpoint.atomic_folder import atomic_folder
from act_policy.checkpoint.checkpoint import Checkpoint
from act_policy.checkpoint.description import WEIGHTS_FILE
from act_policy.checkpoint.lerobot import (
    ACTION,
    CONFIG,
    EPS,
    IMAGES,
    POSTPROCESSOR,
    PREPROCESSOR,
    STATE,
)
from act_policy.errors import CheckpointError
from act_policy.model.act_config import ACTHyperparameters
from act_policy.model.normalization import IMAGENET_MEAN, IMAGENET_STD

_MODES = {"VISUAL": "MEAN_STD", "STATE": "MEAN_STD", "ACTION": "MEAN_STD"}
_BEFORE = "policy_preprocessor_step_3_normalizer_processor.safetensors"
_AFTER = "policy_postprocessor_step_0_unnormalizer_processor.safetensors"
# What it has no setting for.
_ONLY = {"backbone_norm": "frozen_batch", "delta_actions": False, "prefix_size": 0}


def write_lerobot(folder: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint as a folder `pretrained_model`, which appears when it is whole.

    Raises:
        CheckpointError: LeRobot has no such network.
    """
    config = checkpoint.config
    own = {name: getattr(config, name) for name in _ONLY}
    others = [f"{n} {own[n]}, only {only}" for n, only in _ONLY.items() if own[n] != only]
    if others:
        raise CheckpointError(f"LeRobot's ACT has no {'; no '.join(others)}")
    inputs = {STATE: {"type": "STATE", "shape": [config.state_dim]}}
    shape = [3, config.image_height_px, config.image_width_px]
    inputs |= {IMAGES + camera: {"type": "VISUAL", "shape": shape} for camera in config.cameras}
    outputs = {ACTION: {"type": "ACTION", "shape": [config.action_dim]}}
    common = {f.name for f in fields(ACTHyperparameters)} - _ONLY.keys()
    values = {
        "type": "act", "n_obs_steps": 1, "n_action_steps": config.chunk_size,
        "input_features": inputs, "output_features": outputs, "normalization_mapping": _MODES,
        "device": "cpu", "pretrained_backbone_weights": None,
        **{name: value for name, value in asdict(config).items() if name in common},
    }  # fmt: skip
    with atomic_folder(folder) as partial:
        _write_json(partial / CONFIG, values)
        _write_json(partial / PREPROCESSOR, _pipeline("policy_preprocessor", [
            ("rename_observations_processor", {"rename_map": {}}, ""),
            ("to_batch_processor", {}, ""),
            ("device_processor", {"device": "cpu", "float_dtype": None}, ""),
            ("normalizer_processor", _scaling(inputs | outputs), _BEFORE),
        ]))  # fmt: skip
        _write_json(partial / POSTPROCESSOR, _pipeline("policy_postprocessor", [
            ("unnormalizer_processor", _scaling(outputs), _AFTER),
            ("device_processor", {"device": "cpu", "float_dtype": None}, ""),
        ]))  # fmt: skip
        for name in (_BEFORE, _AFTER):
            save_file(_statistics(checkpoint), partial / name)
        save_file(_weights(checkpoint), partial / WEIGHTS_FILE)


def _weights(checkpoint: Checkpoint) -> dict[str, Tensor]:
    model = checkpoint.build_model(torch.device("cpu"))
    weights = {f"model.{name}": tensor.contiguous() for name, tensor in
               model.state_dict().items()}  # fmt: skip
    if checkpoint.config.use_vae:  # computed, and yet among LeRobot's weights
        weights["model.vae_encoder_pos_enc"] = model.vae_encoder_pos_enc[None].contiguous()
    return weights


def _statistics(checkpoint: Checkpoint) -> dict[str, Tensor]:
    config, known = checkpoint.config, checkpoint.statistics
    count = len(config.cameras)
    colours = [
        np.broadcast_to(np.asarray(own if own is not None else imagenet, np.float32), (count, 3))
        for own, imagenet in (
            (known.image_mean, IMAGENET_MEAN), (known.image_std, IMAGENET_STD),
        )
    ]  # fmt: skip
    eps = np.float32(EPS)  # which LeRobot adds to what it divides by
    found = {
        f"{STATE}.mean": known.state_mean, f"{STATE}.std": known.state_std - eps,
        f"{ACTION}.mean": known.action_mean, f"{ACTION}.std": known.action_std,
    }  # fmt: skip
    for camera, mean, std in zip(config.cameras, *colours, strict=True):
        found[f"{IMAGES}{camera}.mean"] = mean.reshape(3, 1, 1)
        found[f"{IMAGES}{camera}.std"] = (std - eps).reshape(3, 1, 1)
    return {name: torch.from_numpy(np.array(values)) for name, values in found.items()}


def _scaling(features: dict[str, Any]) -> dict[str, Any]:
    return {"eps": EPS, "features": features, "norm_map": _MODES}


def _pipeline(name: str, steps: list[tuple[str, dict[str, Any], str]]) -> dict[str, Any]:
    return {
        "name": name,
        "steps": [
            {"registry_name": step, "config": config} | ({"state_file": file} if file else {})
            for step, config, file in steps
        ],
    }


def _write_json(path: Path, values: dict[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=2) + "\n")

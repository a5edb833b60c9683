# SPDX-License-Identifier: Apache-2.0
"""Writes checkpoints as policies of the original code; see `original_act`."""

import pickle
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from act_policy.checkpoint.atomic_folder import atomic_folder
from act_policy.checkpoint.checkpoint import Checkpoint
from act_policy.checkpoint.original_act import (
    POLICY_FILE,
    PREFIXES,
    STATISTICS,
    STATISTICS_FILE,
)
from act_policy.errors import CheckpointError
from act_policy.model.act_config import ACTConfig

# It has seven, and uses the first; see `original_act`.
_DECODER_LAYERS = 7
_ONLY = {
    "backbone_norm": "frozen_batch", "replace_final_stride_with_dilation": False,
    "feedforward_activation": "relu", "n_decoder_layers": 1, "pre_norm": False, "use_vae": True,
    "delta_actions": False, "prefix_size": 0,
}  # fmt: skip


def write_original(folder: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint as policy_best.ckpt and dataset_stats.pkl; the folder appears whole.

    Raises:
        CheckpointError: the original code has no such network.
    """
    faults = list(_faults(checkpoint))
    if faults:
        raise CheckpointError(f"the original code has no such policy: {'; '.join(faults)}")
    known = checkpoint.statistics
    values = (known.state_mean, known.state_std, known.action_mean, known.action_std)
    with atomic_folder(folder) as partial:
        torch.save(_weights(checkpoint), partial / POLICY_FILE)
        # Names and protocol that the NumPy of its time (1.2x) knows.
        pickled = pickle.dumps(dict(zip(STATISTICS, values, strict=True)), protocol=3)
        (partial / STATISTICS_FILE).write_bytes(pickled.replace(b"numpy._core.", b"numpy.core."))


def arguments(config: ACTConfig) -> str:
    """Return what its imitate_episodes.py has to be told: its files say nothing of it."""
    text = (
        f"--chunk_size {config.chunk_size} --hidden_dim {config.dim_model} "
        f"--dim_feedforward {config.dim_feedforward}"
    )
    # What it has no argument for; its constants beside them.
    constants = {
        "enc_layers": (config.n_encoder_layers, 4), "nheads": (config.n_heads, 8),
        "backbone": (config.vision_backbone, "resnet18"), "latent_dim": (config.latent_dim, 32),
        "state_dim": (config.state_dim, 14),
    }  # fmt: skip
    changed = [f"{name} {own}" for name, (own, there) in constants.items() if own != there]
    text += f", and in its code {', '.join(changed)}" if changed else ""
    return (
        f"{text}; in its constants camera_names {', '.join(config.cameras)}, in this order; "
        f"images of {config.image_height_px}x{config.image_width_px}, which it does not resize"
    )


def _faults(checkpoint: Checkpoint) -> Iterator[str]:
    config = checkpoint.config
    for name, only in _ONLY.items():
        own = getattr(config, name)
        if own != only:
            yield f"{name} is {own}, there {only}"
    for one, other in (("n_encoder_layers", "n_vae_encoder_layers"), ("state_dim", "action_dim")):
        pair = getattr(config, one), getattr(config, other)
        if pair[0] != pair[1]:
            yield f"{one} is {pair[0]} and {other} {pair[1]}, there one number for both"
    if checkpoint.statistics.image_mean is not None:
        yield "its colours are not scaled by ImageNet's mean and deviation"


def _weights(checkpoint: Checkpoint) -> dict[str, Tensor]:
    model = checkpoint.build_model(torch.device("cpu"))
    weights: dict[str, Tensor] = {}
    for name, tensor in model.state_dict().items():
        theirs, ours = next(pair for pair in PREFIXES if name.startswith(pair[1]))
        weights[f"model.{theirs}{name.removeprefix(ours)}"] = tensor.contiguous()
    first = "model.transformer.decoder.layers.0."
    layer = {name.removeprefix(first): t for name, t in weights.items() if name.startswith(first)}
    for i in range(1, _DECODER_LAYERS):
        weights |= {f"model.transformer.decoder.layers.{i}.{n}": t for n, t in layer.items()}
    dim = checkpoint.config.dim_model
    return weights | {
        "model.is_pad_head.weight": torch.zeros(1, dim),
        "model.is_pad_head.bias": torch.zeros(1),
        "model.pos_table": model.vae_encoder_pos_enc[None].contiguous(),
    }

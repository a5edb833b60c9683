# SPDX-License-Identifier: Apache-2.0
"""A whole checkpoint: its description and the weights, nothing that can run code."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from act_policy.checkpoint.atomic_folder import atomic_folder
from act_policy.checkpoint.description import (
    WEIGHTS_FILE,
    CheckpointDescription,
    read_description,
)
from act_policy.errors import CheckpointError
from act_policy.model.act import ACT


@dataclass(frozen=True)
class Checkpoint(CheckpointDescription):
    """What a checkpoint folder holds.

    Attributes:
        weights: the network's state dict, float32.
    """

    weights: Mapping[str, Tensor]

    def build_model(self, device: torch.device) -> ACT:
        """Return the network on `device`, ready to predict.

        Raises:
            CheckpointError: the weights are not those of the configuration's network.
        """
        model = ACT(self.config)
        _check_weights(self.weights, model.state_dict())
        model.load_state_dict(dict(self.weights))
        return model.to(device).eval()


def save_checkpoint(folder: Path, checkpoint: Checkpoint, *, half: bool = False) -> None:
    """Write `checkpoint`, replacing the folder; it appears only when it is whole.

    Args:
        folder: to write.
        checkpoint: what to write.
        half: store weights as float16, at half the size and three decimal digits.
    """
    weights = {k: _stored(v, half=half) for k, v in checkpoint.weights.items()}
    with atomic_folder(folder) as partial:
        save_file(weights, partial / WEIGHTS_FILE)
        checkpoint.write(partial)


def load_checkpoint(folder: Path) -> Checkpoint:
    """Read a checkpoint folder; weights come back as float32.

    Raises:
        CheckpointError: the folder or a file is missing, damaged, or at odds with another.
    """
    description = read_description(folder)
    try:
        weights = load_file(folder / WEIGHTS_FILE)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"checkpoint '{folder}': {WEIGHTS_FILE} is damaged (truncated?): {error}"
        ) from error
    whole = {k: v.float() if v.is_floating_point() else v for k, v in weights.items()}
    return Checkpoint(**vars(description), weights=whole)


def copy_as_half(source: Path, destination: Path) -> None:
    """Copy a checkpoint with weights as float16.

    Raises:
        CheckpointError: the source cannot be read, or the destination is there already.
    """
    if destination.exists():
        raise CheckpointError(f"'{destination}' is there already; name another folder")
    checkpoint = load_checkpoint(source)
    checkpoint.build_model(torch.device("cpu"))
    provenance = {**checkpoint.provenance, "weights_dtype": "float16"}
    save_checkpoint(destination, replace(checkpoint, provenance=provenance), half=True)


def _stored(tensor: Tensor, *, half: bool) -> Tensor:
    dtype = torch.float16 if half and tensor.is_floating_point() else tensor.dtype
    return tensor.detach().to("cpu", dtype, copy=True).contiguous()


def _check_weights(got: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    missing, unknown = sorted(expected.keys() - got.keys()), sorted(got.keys() - expected.keys())
    if missing or unknown:
        raise CheckpointError(
            "the weights are not those of config.json's network: "
            f"missing {missing[:5]} ({len(missing)}), unknown {unknown[:5]} ({len(unknown)})"
        )
    for name, tensor in expected.items():
        if got[name].shape != tensor.shape:
            raise CheckpointError(
                f"weight '{name}' has shape {tuple(got[name].shape)}, config.json's network "
                f"has {tuple(tensor.shape)}"
            )
        if got[name].dtype != tensor.dtype or not got[name].isfinite().all():
            raise CheckpointError(
                f"weight '{name}' of type {got[name].dtype} holds values that are not finite, or "
                f"is not of type {tensor.dtype}"
            )

# SPDX-License-Identifier: Apache-2.0
"""All that changes while training, saved so that a resumed run equals an uninterrupted one."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from act_policy.checkpoint.atomic_folder import atomic_folder
from act_policy.errors import TrainingError

_FOLDER = "training_state"


def save_training_state(
    run: Path,
    model: nn.Module,
    averaged: nn.Module,
    optimizer: torch.optim.Optimizer,
    progress: dict[str, Any],
) -> None:
    """Write the state into the folder `run`, replacing the one before.

    Args:
        run: the run's folder.
        model: network in training.
        averaged: running average of its weights, or `model` itself when there is none.
        optimizer: of `model`.
        progress: plain values, the step among them.
    """
    tensors = {f"model.{k}": v for k, v in model.state_dict().items()}
    if averaged is not model:
        tensors |= {f"averaged.{k}": v for k, v in averaged.state_dict().items()}
    for name, parameter in model.named_parameters():
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"optimizer.{key}.{name}"] = value
    with atomic_folder(run / _FOLDER) as partial:
        whole = {k: v.detach().cpu().contiguous() for k, v in tensors.items()}
        save_file(whole, partial / "state.safetensors")
        (partial / "progress.json").write_text(json.dumps(progress, indent=2) + "\n")


def load_training_state(
    run: Path, model: nn.Module, averaged: nn.Module, optimizer: torch.optim.Optimizer
) -> dict[str, Any]:
    """Restore what `save_training_state` wrote; return the progress.

    Raises:
        TrainingError: nothing was saved yet, it is damaged, or it is another network's.
    """
    progress, folder = read_progress(run), _state_folder(run)
    try:
        tensors = load_file(folder / "state.safetensors")
    except (SafetensorError, OSError) as error:
        raise TrainingError(f"the training state in '{folder}' is damaged: {error}") from error
    try:
        model.load_state_dict(_part(tensors, "model."))
        if averaged is not model:
            averaged.load_state_dict(_part(tensors, "averaged."))
    except RuntimeError as error:
        raise TrainingError(f"the state in '{folder}' is another network's: {error}") from error
    _load_optimizer(optimizer, model, _part(tensors, "optimizer."))
    return progress


def read_progress(run: Path) -> dict[str, Any]:
    """Return the progress alone; raises TrainingError as `load_training_state`."""
    folder = _state_folder(run)
    try:
        progress: dict[str, Any] = json.loads((folder / "progress.json").read_text())
    except (OSError, ValueError) as error:
        raise TrainingError(f"the training state in '{folder}' is damaged: {error}") from error
    return progress


def _state_folder(run: Path) -> Path:
    """Return the folder to read; the old one when death struck between two renames."""
    for name in (_FOLDER, f"{_FOLDER}.old.partial"):
        if (run / name).is_dir():
            return run / name
    raise TrainingError(f"'{run}' has no saved training state to resume from")


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _load_optimizer(
    optimizer: torch.optim.Optimizer, model: nn.Module, tensors: dict[str, Tensor]
) -> None:
    parameters = dict(model.named_parameters())
    for full_name, value in tensors.items():
        key, _, name = full_name.partition(".")
        parameter = parameters[name]
        # AdamW keeps its step count on the device of the parameter only when fused.
        device = parameter.device
        optimizer.state[parameter][key] = value.to(device)

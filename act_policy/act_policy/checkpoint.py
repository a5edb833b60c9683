# SPDX-License-Identifier: Apache-2.0
"""Checkpoint: a folder with all that is needed to drive, and nothing that can run code.

model.safetensors   weights
config.json         ACTConfig
stats.json          Statistics
robot.yaml          the robot that the episodes were recorded on
provenance.json     where the weights come from
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from act_policy.config import ACTConfig
from act_policy.durable import durable_folder
from act_policy.errors import CheckpointError, ConfigError
from act_policy.model import ACT
from act_policy.normalization import Statistics

FILES = ("model.safetensors", "config.json", "stats.json", "robot.yaml", "provenance.json")


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint folder holds.

    Attributes:
        config: of the network.
        statistics: of the training episodes.
        robot_yaml: text of the robot file.
        provenance: dataset, training configuration, step, versions, machine.
        weights: the network's state dict, float32.
    """

    config: ACTConfig
    statistics: Statistics
    robot_yaml: str
    provenance: Mapping[str, Any]
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
    with durable_folder(folder) as partial:
        save_file(weights, partial / "model.safetensors")
        for name, values in (
            ("config.json", checkpoint.config.to_dict()),
            ("stats.json", checkpoint.statistics.to_dict()),
            ("provenance.json", checkpoint.provenance),
        ):
            (partial / name).write_text(json.dumps(values, indent=2) + "\n")
        (partial / "robot.yaml").write_text(checkpoint.robot_yaml)


def load_checkpoint(folder: Path) -> Checkpoint:
    """Read a checkpoint folder; weights come back as float32.

    Raises:
        CheckpointError: the folder or a file is missing, damaged, or at odds with another.
    """
    if not folder.is_dir():
        raise CheckpointError(f"There is no checkpoint folder '{folder}'.")
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise CheckpointError(f"Checkpoint '{folder}' lacks {missing}; it needs {list(FILES)}.")
    try:
        weights = load_file(folder / "model.safetensors")
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"Checkpoint '{folder}': model.safetensors is damaged (truncated?): {error}"
        ) from error
    try:
        config = ACTConfig.from_dict(_read_json(folder / "config.json"))
    except ConfigError as error:
        raise CheckpointError(f"Checkpoint '{folder}', config.json: {error}") from error
    try:
        statistics = Statistics.from_dict(_read_json(folder / "stats.json"))
    except CheckpointError as error:
        raise CheckpointError(f"Checkpoint '{folder}', stats.json: {error}") from error
    for name, size in (("state", config.state_dim), ("action", config.action_dim)):
        got = len(getattr(statistics, f"{name}_mean"))
        if got != size:
            raise CheckpointError(
                f"Checkpoint '{folder}': stats.json has {got} {name} columns, "
                f"config.json names {size}."
            )
    return Checkpoint(
        config,
        statistics,
        _read_text(folder / "robot.yaml"),
        _read_json(folder / "provenance.json"),
        {k: v.float() if v.is_floating_point() else v for k, v in weights.items()},
    )


def export_checkpoint(source: Path, destination: Path, *, half: bool = False) -> None:
    """Copy a checkpoint, with weights as float16 when `half`.

    Raises:
        CheckpointError: the source cannot be read, or the destination is there already.
    """
    if destination.exists():
        raise CheckpointError(f"'{destination}' is there already; name another folder.")
    checkpoint = load_checkpoint(source)
    checkpoint.build_model(torch.device("cpu"))
    dtype = "float16" if half else "float32"
    provenance = {**checkpoint.provenance, "weights_dtype": dtype}
    save_checkpoint(destination, replace(checkpoint, provenance=provenance), half=half)


def _stored(tensor: Tensor, *, half: bool) -> Tensor:
    dtype = torch.float16 if half and tensor.is_floating_point() else tensor.dtype
    return tensor.detach().to("cpu", dtype, copy=True).contiguous()


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CheckpointError(f"'{path}' is damaged: not UTF-8 text: {error}") from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(_read_text(path), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"'{path}' is damaged: not JSON: {error}") from error
    if not isinstance(values, dict):
        raise CheckpointError(f"'{path}' is damaged: got {type(values).__name__}, not an object.")
    return values


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError(f"a key is there twice, among {', '.join(key for key, _ in pairs)}")
    return values


def _check_weights(got: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    missing, unknown = sorted(expected.keys() - got.keys()), sorted(got.keys() - expected.keys())
    if missing or unknown:
        raise CheckpointError(
            "The weights are not those of config.json's network: "
            f"missing {missing[:5]} ({len(missing)}), unknown {unknown[:5]} ({len(unknown)})."
        )
    for name, tensor in expected.items():
        if got[name].shape != tensor.shape:
            raise CheckpointError(
                f"Weight '{name}' has shape {tuple(got[name].shape)}, config.json's network "
                f"has {tuple(tensor.shape)}."
            )
        if got[name].dtype != tensor.dtype or not got[name].isfinite().all():
            raise CheckpointError(
                f"Weight '{name}' of type {got[name].dtype} holds values that are not finite, or "
                f"is not of type {tensor.dtype}."
            )

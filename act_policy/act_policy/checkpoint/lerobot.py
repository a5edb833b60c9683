# SPDX-License-Identifier: Apache-2.0
"""Reads ACT policies of LeRobot: its folder `pretrained_model`, of both eras.

config.json                     what the network is and what data it is for
model.safetensors               weights by our names, behind `model.`
policy_preprocessor.json,       since 0.4: what becomes of inputs and outputs, and the files with
policy_postprocessor.json       the statistics; before, these are buffers among the weights

Source: github.com/huggingface/lerobot, policies/act and processor/, versions 0.3 to 0.6.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from act_core.robot.robot_spec import RobotSpec
from act_policy.checkpoint.checkpoint import Checkpoint
from act_policy.checkpoint.compatibility import check_brought
from act_policy.checkpoint.description import WEIGHTS_FILE, read_json
from act_policy.errors import CheckpointError, ConfigError
from act_policy.model.act_config import ACTConfig, ACTHyperparameters
from act_policy.model.statistics import Statistics

CONFIG = "config.json"
PREPROCESSOR, POSTPROCESSOR = "policy_preprocessor.json", "policy_postprocessor.json"
# Steps of a pipeline that change no number; any other would have to be done here as well.
_PLAIN_STEPS = ("rename_observations_processor", "to_batch_processor", "device_processor")
STATE, ACTION, IMAGES = "observation.state", "action", "observation.images."
# What LeRobot adds to a standard deviation before it divides by it.
EPS = 1e-8

Array = NDArray[np.float32]


@dataclass(frozen=True)
class _Scaling:
    """How LeRobot normalises: kind of feature → mode, and feature → statistics by name."""

    modes: Mapping[str, str]
    statistics: Mapping[str, Mapping[str, Tensor]]


def read_lerobot(
    folder: Path, robot: RobotSpec, cameras: Mapping[str, str] | None = None
) -> Checkpoint:
    """Return a LeRobot ACT policy as a checkpoint for `robot`.

    Args:
        folder: `pretrained_model`, or the folder it is in.
        robot: whose columns state and action are, in this order and in its units.
        cameras: LeRobot's name of a camera → the robot's, where they differ.

    Raises:
        CheckpointError: it is another policy, damaged, without statistics, or does not fit the
            robot; says which.
    """
    folder = _policy_folder(folder)
    if not (folder / CONFIG).is_file():
        raise CheckpointError(f"'{folder}' is no LeRobot policy: it has no {CONFIG}")
    values = read_json(folder / CONFIG)
    kind = values.get("type")
    if kind != "act":
        raise CheckpointError(f"'{folder}' is a LeRobot policy of type '{kind}', expected 'act'")
    try:
        return _read(folder, values, robot, cameras or {})
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"'{folder}' is not as LeRobot writes it: {type(error).__name__}: {error}"
        ) from error


def _read(
    folder: Path, values: Mapping[str, Any], robot: RobotSpec, renamed: Mapping[str, str]
) -> Checkpoint:
    stored = _tensors(folder, WEIGHTS_FILE)
    config = _config(folder, values, robot, renamed)
    seen = [key for key in values["input_features"] if key.startswith(IMAGES)]
    weights = {
        name.removeprefix("model."): tensor.float()
        for name, tensor in stored.items()
        if name.startswith("model.") and not name.endswith(("pos_enc", "num_batches_tracked"))
    }
    statistics = _statistics(folder, values, stored, seen)
    check_brought(config, statistics, robot)
    provenance = {"lerobot_policy": str(folder.resolve()), "step": _step(folder)}
    checkpoint = Checkpoint(config, statistics, robot.yaml_text, provenance, weights)
    checkpoint.build_model(torch.device("cpu"))
    return checkpoint


def _tensors(folder: Path, name: str) -> dict[str, Tensor]:
    try:
        return load_file(folder / Path(name).name)  # never a file elsewhere
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"'{folder}': {name} cannot be read: {error}") from error


def _policy_folder(folder: Path) -> Path:
    inner = folder / "pretrained_model"
    return inner if inner.is_dir() else folder


def _step(folder: Path) -> int | None:
    """Return the step that LeRobot's folders are called by."""
    name = folder.resolve().parent.name
    return int(name) if name.isdecimal() else None


def _config(
    folder: Path, values: Mapping[str, Any], robot: RobotSpec, renamed: Mapping[str, str]
) -> ACTConfig:
    inputs, outputs = (values.get(f"{way}_features", {}) for way in ("input", "output"))
    images = {key: tuple(each["shape"]) for key, each in inputs.items() if key.startswith(IMAGES)}
    others = sorted(set(inputs) - set(images) - {STATE})
    if others or STATE not in inputs or not images or set(outputs) != {ACTION}:
        raise CheckpointError(
            f"'{folder}' takes {', '.join(inputs) or 'nothing'} and gives "
            f"{', '.join(outputs) or 'nothing'}; expected {STATE}, {IMAGES}… and {ACTION}"
        )
    sizes = sorted({shape[1:] for shape in images.values()})
    if len(sizes) > 1:
        raise CheckpointError(f"'{folder}': images of several sizes, {sizes}, expected one")
    cameras = [renamed.get(key.removeprefix(IMAGES), key.removeprefix(IMAGES)) for key in images]
    for key, each in ((STATE, inputs[STATE]), (ACTION, outputs[ACTION])):
        if tuple(each["shape"]) != (robot.dim,):
            raise CheckpointError(
                f"'{folder}': {key} has shape {each['shape']}, robot '{robot.name}' has "
                f"{robot.dim} columns: {', '.join(robot.columns)}"
            )
    own = {f.name: values[f.name] for f in fields(ACTHyperparameters) if f.name in values}
    try:
        return ACTConfig.from_dict({
            **own, "replace_final_stride_with_dilation": bool(
                own.get("replace_final_stride_with_dilation", False)
            ),
            "cameras": cameras, "image_height_px": sizes[0][0], "image_width_px": sizes[0][1],
            "state_names": list(robot.columns), "action_names": list(robot.columns),
            "rate_hz": robot.rate_hz,
        })  # fmt: skip
    except ConfigError as error:
        raise CheckpointError(f"'{folder}', {CONFIG}: {error}") from error


def _statistics(
    folder: Path, values: Mapping[str, Any], stored: Mapping[str, Tensor], images: list[str]
) -> Statistics:
    if (folder / PREPROCESSOR).is_file():
        before = _pipeline(folder, PREPROCESSOR, "normalizer_processor")
        after = _pipeline(folder, POSTPROCESSOR, "unnormalizer_processor")
    else:
        before = after = _buffers(folder, values, stored)
    state = _mean_and_std(folder, before, "STATE", STATE)
    action = _mean_and_std(folder, after, "ACTION", ACTION)
    colours = [_mean_and_std(folder, before, "VISUAL", key) for key in images]
    try:
        mean, std = (np.stack([each[i].reshape(-1) for each in colours]) for i in (0, 1))
        return Statistics(*state, *action, mean, std)
    except ValueError as error:
        raise CheckpointError(f"'{folder}': statistics: {error}") from error


def _pipeline(folder: Path, name: str, scaler: str) -> _Scaling:
    """Return what the step `scaler` of a pipeline does; no other may change a number."""
    steps = [(step["registry_name"], step) for step in read_json(folder / name)["steps"]]
    if unknown := sorted({each for each, _ in steps} - {scaler, *_PLAIN_STEPS}):
        raise CheckpointError(
            f"'{folder}': {name} has a step '{unknown[0]}', which is not known here: what it does "
            "to the values would be missing"
        )
    scalers = [step for each, step in steps if each == scaler]
    if len(scalers) != 1:
        raise CheckpointError(
            f"'{folder}': {name} has {len(scalers)} steps '{scaler}', expected one"
        )
    found: dict[str, dict[str, Tensor]] = {}
    for key, tensor in _tensors(folder, scalers[0]["state_file"]).items():
        feature, _, what = key.rpartition(".")
        found.setdefault(feature, {})[what] = tensor
    return _Scaling(scalers[0]["config"]["norm_map"], found)


def _buffers(folder: Path, values: Mapping[str, Any], stored: Mapping[str, Tensor]) -> _Scaling:
    found: dict[str, dict[str, Tensor]] = {}
    for name, tensor in stored.items():
        owner, _, rest = name.partition(".buffer_")
        if owner in ("normalize_inputs", "unnormalize_outputs") and rest:
            feature, _, what = rest.rpartition(".")
            found.setdefault(feature, {})[what] = tensor
    if not found:
        raise CheckpointError(
            f"'{folder}' has no statistics, neither in {PREPROCESSOR} nor among the weights: its "
            "outputs are no joint values"
        )
    # The buffers' names have underscores for dots.
    keys = [ACTION, *values["input_features"]]
    statistics = {key: found.get(key.replace(".", "_"), {}) for key in keys}
    return _Scaling(values["normalization_mapping"], statistics)


def _mean_and_std(folder: Path, scaling: _Scaling, kind: str, key: str) -> tuple[Array, Array]:
    """Return mean and std with which z-scores are what LeRobot computes."""
    mode = scaling.modes.get(kind, "IDENTITY")
    found = {what: t.numpy().astype(np.float32) for what, t in
             scaling.statistics.get(key, {}).items()}  # fmt: skip
    names = {"MEAN_STD": ("mean", "std"), "MIN_MAX": ("min", "max"), "IDENTITY": ("mean", "std")}
    if mode not in names or not set(names[mode]) <= set(found):
        raise CheckpointError(
            f"'{folder}': {key} is normalised by {mode}, of which there is "
            f"{', '.join(sorted(found)) or 'nothing'}; known: {', '.join(names)}"
        )
    mean, std = (found[what] for what in names[mode])
    if mode == "IDENTITY":
        return np.zeros_like(mean), np.ones_like(std)
    if mode == "MIN_MAX":  # to -1 … 1
        if not (std > mean).all():
            raise CheckpointError(
                f"'{folder}': {key} is normalised by MIN_MAX, and a column that never moved has "
                "no scale"
            )
        return np.float32(0.5) * (mean + std), np.float32(0.5) * (std - mean)
    # Actions are multiplied by theirs as it is; only nought, of a joint that stood still, is not.
    return mean, np.maximum(std, np.float32(EPS)) if kind == "ACTION" else std + np.float32(EPS)

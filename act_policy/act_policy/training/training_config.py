# SPDX-License-Identifier: Apache-2.0
"""The training's configuration: YAML to dataclass and back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from act_core.checked import CHECKED, Names, checked
from act_core.yaml_file import parse_yaml, to_yaml
from act_policy.errors import ConfigError
from act_policy.model.act_config import ACTHyperparameters, Size
from act_policy.samples.selection import Selection
from act_policy.training.augmentation import Augmentation
from act_policy.training.loss import LossConfig
from act_policy.training.schedule import Schedule

Count = Annotated[int, Field(ge=0)]
Steps = Annotated[int, Field(ge=1)]
NotNegative = Annotated[float, Field(ge=0.0)]


@dataclass(frozen=True, kw_only=True, config=CHECKED)
class TrainingConfig:
    """How to train.

    Attributes:
        model: the network's hyperparameters; those left out keep their defaults.
        cameras: cameras to use, in this order; empty for all that the episodes have.
        image_size_px: [height, width] in which the network sees every camera; null for the
            smallest that was recorded. Other images are resized, in training and when driving.
        rate_hz: of the actions in a chunk; 0 for that of the first episode.
        robot: name or file of the robot of episodes that do not name it themselves, as the
            original ALOHA code writes them.
        select: which episodes and rows are trained on.
        validate_episodes: look for defects first; errors refuse the training.
        steps: optimiser steps.
        batch_size: samples per step, of each process where `torchrun` starts several.
        micro_batches: parts in which a batch is computed, one after the other, where the whole
            does not fit into memory; the step is the same.
        seed: of the split, the order of samples, the weights and all noise.
        learning_rate: at its highest.
        backbone_learning_rate: the same for the backbone.
        weight_decay: of AdamW.
        schedule: `constant`, `cosine` or `one_cycle`.
        warmup_fraction: part of all steps in which the learning rate rises.
        loss: how its parts are weighed.
        grad_clip_norm: largest norm of the gradient; longer ones are scaled down.
        ema_decay: decay of the running average of weights that is saved; 0 saves the weights.
        precision: `fp32`, or `bf16` or `fp16` for autocast; in `fp16` the loss is scaled, and a
            step whose gradient overflows is left out.
        recompute_activations: keep less in memory, and compute it again on the way back, in a
            third more time.
        backbone_weights: file of backbone weights to start from, torchvision's, R3M's or VIP's;
            empty for random ones.
        augmentation: changes to training images.
        validation_fraction: part of the episodes that is held out.
        validation_interval_steps: steps between validations.
        validation_samples: samples of the held-out episodes to judge by.
        checkpoint_interval_steps: steps between checkpoints.
        log_interval_steps: steps between lines in TensorBoard.
        device: `cpu` or `cuda`.
        num_threads: of torch; 0 leaves torch's choice.
        num_workers: processes that load data; 0 loads in the training's own.
        cache_images: keep all images in memory.
    """

    model: ACTHyperparameters = Field(default_factory=ACTHyperparameters)
    cameras: Names = ()
    image_size_px: tuple[Size, Size] | None = None
    rate_hz: NotNegative = 0.0
    robot: str = ""
    select: Selection = Field(default_factory=Selection)
    validate_episodes: bool = True
    steps: Steps = 100_000
    batch_size: Annotated[int, Field(ge=1, le=65536)] = 8
    micro_batches: Annotated[int, Field(ge=1, le=65536)] = 1
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0
    learning_rate: NotNegative = 1e-5
    backbone_learning_rate: NotNegative = 1e-5
    weight_decay: NotNegative = 1e-4
    schedule: Schedule = "constant"
    warmup_fraction: Annotated[float, Field(ge=0.0, le=0.99)] = 0.0
    loss: LossConfig = Field(default_factory=LossConfig)
    grad_clip_norm: Annotated[float, Field(ge=1e-9)] = 10.0
    ema_decay: Annotated[float, Field(ge=0.0, le=0.999999)] = 0.0
    precision: Literal["fp32", "bf16", "fp16"] = "fp32"
    recompute_activations: bool = False
    backbone_weights: str = ""
    augmentation: Augmentation = Field(default_factory=Augmentation)
    validation_fraction: Annotated[float, Field(ge=0.0, le=0.9)] = 0.1
    validation_interval_steps: Steps = 1000
    validation_samples: Steps = 256
    checkpoint_interval_steps: Steps = 5000
    log_interval_steps: Steps = 50
    device: Literal["cpu", "cuda"] = "cpu"
    num_threads: Count = 0
    num_workers: Count = 0
    cache_images: bool = False

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "TrainingConfig":
        """Build a configuration from plain values.

        Raises:
            ConfigError: a key is unknown, or a value has the wrong type or cannot work.
        """
        try:
            return checked(cls, values)
        except ValueError as error:
            raise ConfigError(str(error)) from error

    @classmethod
    def load(cls, path: Path, overrides: Sequence[str] = ()) -> "TrainingConfig":
        """Read a YAML file, then apply `overrides` such as `model.dim_model=128`.

        Raises:
            ConfigError: the file is missing or not YAML, or a setting cannot work.
        """
        try:
            values = parse_yaml(path.read_text()) or {}
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"cannot read the training configuration '{path}': {error}"
            ) from error
        if not isinstance(values, dict):
            raise ConfigError(f"'{path}' is {values!r:.40}, expected a mapping")
        for override in overrides:
            _override(values, override)
        return cls.from_dict(values)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON and YAML can hold."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain

    def to_yaml(self) -> str:
        """Return YAML text that `load` reads back."""
        return to_yaml(self.to_dict())


def _override(values: dict[str, Any], override: str) -> None:
    key, separator, text = override.partition("=")
    if not separator:
        raise ConfigError(f"'--set {override}' is not of the form key=value")
    *parents, name = key.split(".")
    for parent in parents:
        values = values.setdefault(parent, {})
        if not isinstance(values, dict):
            raise ConfigError(f"'--set {override}': '{parent}' is {values!r}, not a mapping")
    try:
        values[name] = parse_yaml(text)
    except ValueError as error:
        raise ConfigError(f"'--set {override}': {error}") from error

# SPDX-License-Identifier: Apache-2.0
"""The training's configuration: YAML to dataclass and back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from act_core.errors import suggestion
from act_core.yaml_file import parse_yaml, to_yaml
from act_policy.errors import ConfigError
from act_policy.model.act_config import ACTConfig
from act_policy.settings import checked_settings
from act_policy.training.augmentation import Augmentation
from act_policy.training.schedule import SCHEDULES

# What the episodes determine is not for the configuration to say.
_FROM_EPISODES = (
    "cameras",
    "image_height_px",
    "image_width_px",
    "state_names",
    "action_names",
    "rate_hz",
)
MODEL_SETTINGS = tuple(f.name for f in fields(ACTConfig) if f.name not in _FROM_EPISODES)


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How to train.

    Attributes:
        model: hyperparameters of `ACTConfig`; those left out keep their defaults.
        cameras: cameras to use, in this order; empty for all that the episodes have.
        successful_only: leave out episodes that are not marked as successful.
        steps: optimiser steps.
        batch_size: samples per step.
        seed: of the split, the order of samples, the weights and all noise.
        learning_rate: at its highest.
        backbone_learning_rate: the same for the backbone.
        weight_decay: of AdamW.
        schedule: `constant`, `cosine` or `one_cycle`.
        warmup_fraction: part of all steps in which the learning rate rises.
        grad_clip_norm: largest norm of the gradient; longer ones are scaled down.
        ema_decay: decay of the running average of weights that is saved; 0 saves the weights.
        precision: `fp32`, or `bf16` for autocast.
        backbone_weights: file of backbone weights to start from; empty for random ones.
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

    model: Mapping[str, Any] = field(default_factory=dict)
    cameras: tuple[str, ...] = ()
    successful_only: bool = False
    steps: int = 100_000
    batch_size: int = 8
    seed: int = 0
    learning_rate: float = 1e-5
    backbone_learning_rate: float = 1e-5
    weight_decay: float = 1e-4
    schedule: str = "constant"
    warmup_fraction: float = 0.0
    grad_clip_norm: float = 10.0
    ema_decay: float = 0.0
    precision: str = "fp32"
    backbone_weights: str = ""
    augmentation: Augmentation = Augmentation()
    validation_fraction: float = 0.1
    validation_interval_steps: int = 1000
    validation_samples: int = 256
    checkpoint_interval_steps: int = 5000
    log_interval_steps: int = 50
    device: str = "cpu"
    num_threads: int = 0
    num_workers: int = 0
    cache_images: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "cameras", tuple(self.cameras))
        for key in self.model:
            if key not in MODEL_SETTINGS:
                raise ConfigError(
                    f"Unknown model setting '{key}'{suggestion(key, MODEL_SETTINGS)}"
                )
        self._check_choices()
        self._check_ranges()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "TrainingConfig":
        """Build a configuration from plain values.

        Raises:
            ConfigError: a key is unknown, or a value has the wrong type or cannot work.
        """
        settings = checked_settings(cls, values)
        if "augmentation" in settings:
            inner = checked_settings(Augmentation, settings["augmentation"], "augmentation.")
            settings["augmentation"] = Augmentation(**inner)
        return cls(**settings)

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
                f"Cannot read the training configuration '{path}': {error}"
            ) from error
        if not isinstance(values, dict):
            raise ConfigError(f"'{path}' must be a mapping of settings, got {values!r}.")
        for override in overrides:
            _override(values, override)
        return cls.from_dict(values)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON and YAML can hold."""
        return {**asdict(self), "cameras": list(self.cameras), "model": dict(self.model)}

    def to_yaml(self) -> str:
        """Return YAML text that `load` reads back."""
        return to_yaml(self.to_dict())

    def _check_choices(self) -> None:
        for name, choices in (
            ("schedule", SCHEDULES),
            ("precision", ("fp32", "bf16")),
            ("device", ("cpu", "cuda")),
        ):
            value = getattr(self, name)
            if value not in choices:
                raise ConfigError(f"'{name}' must be one of {list(choices)}, got {value!r}.")

    def _check_ranges(self) -> None:
        for name, low, high in (
            ("steps", 1, None),
            ("batch_size", 1, 65536),
            ("seed", 0, 2**32 - 1),
            ("learning_rate", 0.0, None),
            ("backbone_learning_rate", 0.0, None),
            ("weight_decay", 0.0, None),
            ("warmup_fraction", 0.0, 0.99),
            ("grad_clip_norm", 1e-9, None),
            ("ema_decay", 0.0, 0.999999),
            ("validation_fraction", 0.0, 0.9),
            ("validation_interval_steps", 1, None),
            ("validation_samples", 1, None),
            ("checkpoint_interval_steps", 1, None),
            ("log_interval_steps", 1, None),
            ("num_threads", 0, None),
            ("num_workers", 0, None),
        ):
            value = getattr(self, name)
            if not value >= low or (high is not None and not value <= high):
                limit = f"at least {low}" if high is None else f"from {low} to {high}"
                raise ConfigError(f"'{name}' must be {limit}, got {value}.")


def _override(values: dict[str, Any], override: str) -> None:
    key, separator, text = override.partition("=")
    if not separator:
        raise ConfigError(f"'--set {override}' is not of the form key=value.")
    *parents, name = key.split(".")
    for parent in parents:
        values = values.setdefault(parent, {})
        if not isinstance(values, dict):
            raise ConfigError(f"'--set {override}': '{parent}' is {values!r}, not a mapping.")
    try:
        values[name] = parse_yaml(text)
    except ValueError as error:
        raise ConfigError(f"'--set {override}': {error}") from error

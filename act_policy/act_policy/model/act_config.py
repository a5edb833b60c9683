# SPDX-License-Identifier: Apache-2.0
"""The model's configuration: what the network is and what data it is for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from act_policy.errors import ConfigError
from act_policy.settings import checked_settings

VISION_BACKBONES = ("resnet18", "resnet34", "resnet50")
BACKBONE_NORMS = ("frozen_batch", "batch", "group")
ACTIVATIONS = ("relu", "gelu")

_TUPLE_FIELDS = ("cameras", "state_names", "action_names")
_AT_LEAST_ONE = (
    "image_height_px",
    "image_width_px",
    "chunk_size",
    "dim_model",
    "n_heads",
    "dim_feedforward",
    "n_encoder_layers",
    "n_decoder_layers",
    "latent_dim",
    "n_vae_encoder_layers",
)

_MOST = 65536


@dataclass(frozen=True, kw_only=True)
class ACTConfig:
    """Describe one ACT network and the data it takes and gives.

    Hyperparameter names are those of LeRobot's ACT where the meaning is the same. Defaults are
    the published ones.

    Attributes:
        cameras: camera names, in the order in which the network sees them.
        image_height_px: height of every camera's image.
        image_width_px: width of every camera's image.
        state_names: names of the state vector's columns, in order.
        action_names: names of the action vector's columns, in order.
        rate_hz: rate of the actions in a chunk.
        chunk_size: actions predicted at once.
        vision_backbone: one of `VISION_BACKBONES`.
        backbone_norm: `frozen_batch` (as published: statistics and affine never change), or,
            for a backbone without pretrained weights, trainable `batch` or `group`.
        replace_final_stride_with_dilation: keep twice the resolution in the last stage.
        dim_model: width of the transformers.
        n_heads: attention heads; divides `dim_model`.
        dim_feedforward: hidden width of the feed-forward blocks.
        feedforward_activation: one of `ACTIVATIONS`.
        n_encoder_layers: layers of the observation encoder.
        n_decoder_layers: layers of the action decoder.
        pre_norm: normalise before each block instead of after it.
        use_vae: train with the variational encoder; without it the latent is always zero.
        latent_dim: width of the latent.
        n_vae_encoder_layers: layers of the variational encoder.
        dropout: dropout probability in all transformers.
        kl_weight: weight of the KL divergence in the loss.

    Source: dims and weights from "Learning Fine-Grained Bimanual Manipulation with Low-Cost
        Hardware" (arXiv 2304.13705), Table III, and github.com/tonyzhaozh/act; one decoder layer
        because the published code uses the output of its first layer only
        (github.com/tonyzhaozh/act/issues/25).
    """

    cameras: tuple[str, ...]
    image_height_px: int
    image_width_px: int
    state_names: tuple[str, ...]
    action_names: tuple[str, ...]
    rate_hz: float
    chunk_size: int = 100
    vision_backbone: str = "resnet18"
    backbone_norm: str = "frozen_batch"
    replace_final_stride_with_dilation: bool = False
    dim_model: int = 512
    n_heads: int = 8
    dim_feedforward: int = 3200
    feedforward_activation: str = "relu"
    n_encoder_layers: int = 4
    n_decoder_layers: int = 1
    pre_norm: bool = False
    use_vae: bool = True
    latent_dim: int = 32
    n_vae_encoder_layers: int = 4
    dropout: float = 0.1
    kl_weight: float = 10.0

    def __post_init__(self) -> None:
        for name in _TUPLE_FIELDS:
            object.__setattr__(self, name, tuple(getattr(self, name)))
        self._check_names()
        self._check_numbers()
        self._check_choices()

    @property
    def state_dim(self) -> int:
        """Return the length of the state vector."""
        return len(self.state_names)

    @property
    def action_dim(self) -> int:
        """Return the length of the action vector."""
        return len(self.action_names)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ACTConfig":
        """Build a configuration from plain values, as `to_dict` gives them.

        Raises:
            ConfigError: a key is unknown or missing, or a value cannot work.
        """
        settings = checked_settings(cls, values, kind="model setting")
        try:
            return cls(**settings)
        except TypeError as error:
            raise ConfigError(f"The model's configuration is not complete: {error}") from error

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON and YAML can hold."""
        values = asdict(self)
        for name in _TUPLE_FIELDS:
            values[name] = list(values[name])
        return values

    def _check_names(self) -> None:
        for name in _TUPLE_FIELDS:
            values = getattr(self, name)
            if not values:
                raise ConfigError(f"'{name}' is empty; the network needs at least one.")
            doubled = sorted({value for value in values if values.count(value) > 1})
            if doubled:
                raise ConfigError(f"'{name}' names {doubled} more than once: {list(values)}.")

    def _check_numbers(self) -> None:
        for name in _AT_LEAST_ONE:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST:
                raise ConfigError(
                    f"'{name}' must be a whole number from 1 to {_MOST}, got {value!r}."
                )
        # Half of the position code is for rows and half for columns, in pairs of sine and cosine.
        if self.dim_model % self.n_heads or self.dim_model % 4:
            raise ConfigError(
                f"'dim_model' must be a multiple of 'n_heads' and of 4, "
                f"got dim_model {self.dim_model} and n_heads {self.n_heads}."
            )
        if not 0.0 <= self.dropout < 1.0:
            raise ConfigError(f"'dropout' must be in [0, 1), got {self.dropout}.")
        if not self.rate_hz > 0.0:
            raise ConfigError(f"'rate_hz' must be positive, got {self.rate_hz}.")
        if not self.kl_weight >= 0.0:
            raise ConfigError(f"'kl_weight' must not be negative, got {self.kl_weight}.")

    def _check_choices(self) -> None:
        for name, choices in (
            ("vision_backbone", VISION_BACKBONES),
            ("backbone_norm", BACKBONE_NORMS),
            ("feedforward_activation", ACTIVATIONS),
        ):
            value = getattr(self, name)
            if value not in choices:
                raise ConfigError(f"'{name}' must be one of {list(choices)}, got {value!r}.")
        if self.replace_final_stride_with_dilation and self.vision_backbone != "resnet50":
            raise ConfigError(
                "'replace_final_stride_with_dilation' needs bottleneck blocks (resnet50), "
                f"got vision_backbone '{self.vision_backbone}'."
            )

# SPDX-License-Identifier: Apache-2.0
"""The model's configuration: what the network is and what data it is for."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from act_core.checked import CHECKED, Names, checked
from act_policy.errors import ConfigError

Size = Annotated[int, Field(ge=1, le=65536)]


@dataclass(frozen=True, kw_only=True, config=CHECKED)
class ACTHyperparameters:
    """What one is free to choose about an ACT network.

    Names are those of LeRobot's ACT where the meaning is the same. Defaults are the published
    ones.

    Attributes:
        chunk_size: actions predicted at once.
        vision_backbone: a ResNet of torchvision.
        backbone_norm: `frozen_batch` (as published: statistics and affine never change), or,
            for a backbone without pretrained weights, trainable `batch` or `group`.
        replace_final_stride_with_dilation: keep twice the resolution in the last stage.
        dim_model: width of the transformers.
        n_heads: attention heads; divides `dim_model`.
        dim_feedforward: hidden width of the feed-forward blocks.
        feedforward_activation: `relu` or `gelu`.
        n_encoder_layers: layers of the observation encoder.
        n_decoder_layers: layers of the action decoder.
        pre_norm: normalise before each block instead of after it.
        use_vae: train with the variational encoder; without it the latent is always zero.
        latent_dim: width of the latent.
        n_vae_encoder_layers: layers of the variational encoder.
        dropout: dropout probability in all transformers.
        kl_weight: weight of the KL divergence in the loss.
        delta_actions: predict by how much each action differs from where its joint was measured
            when the chunk began, instead of where the joint is to be.
        prefix_size: how many of a chunk's first actions the network can be told, because they will
            have been commanded by the time that the prediction is there; 0: none. What follows
            then continues them (training-time action conditioning: arXiv 2512.05964).

    Source: dims and weights from "Learning Fine-Grained Bimanual Manipulation with Low-Cost
        Hardware" (arXiv 2304.13705), Table III, and github.com/tonyzhaozh/act; one decoder layer
        because the published code uses the output of its first layer only
        (github.com/tonyzhaozh/act/issues/25).
    """

    chunk_size: Size = 100
    vision_backbone: Literal["resnet18", "resnet34", "resnet50"] = "resnet18"
    backbone_norm: Literal["frozen_batch", "batch", "group"] = "frozen_batch"
    replace_final_stride_with_dilation: bool = False
    dim_model: Size = 512
    n_heads: Size = 8
    dim_feedforward: Size = 3200
    feedforward_activation: Literal["relu", "gelu"] = "relu"
    n_encoder_layers: Size = 4
    n_decoder_layers: Size = 1
    pre_norm: bool = False
    use_vae: bool = True
    latent_dim: Size = 32
    n_vae_encoder_layers: Size = 4
    dropout: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.1
    kl_weight: Annotated[float, Field(ge=0.0)] = 10.0
    delta_actions: bool = False
    prefix_size: Annotated[int, Field(ge=0, le=65535)] = 0

    @model_validator(mode="after")
    def _check(self) -> "ACTHyperparameters":
        # Half of the position code is for rows and half for columns, in pairs of sine and cosine.
        if self.dim_model % self.n_heads or self.dim_model % 4:
            raise ValueError(
                f"dim_model is {self.dim_model} and n_heads {self.n_heads}, expected a dim_model "
                "that is a multiple of n_heads and of 4"
            )
        if self.prefix_size >= self.chunk_size:
            raise ValueError(
                f"prefix_size is {self.prefix_size}, expected less than the chunk_size of "
                f"{self.chunk_size}"
            )
        if self.replace_final_stride_with_dilation and self.vision_backbone != "resnet50":
            raise ValueError(
                "replace_final_stride_with_dilation needs bottleneck blocks (resnet50), "
                f"got vision_backbone '{self.vision_backbone}'"
            )
        return self


@dataclass(frozen=True, kw_only=True, config=CHECKED)
class ACTConfig(ACTHyperparameters):
    """One ACT network and the data it takes and gives.

    Attributes:
        cameras: camera names, in the order in which the network sees them.
        image_height_px: height in which the network sees every camera; others are resized.
        image_width_px: width in which it does.
        state_names: names of the state vector's columns, in order.
        action_names: names of the action vector's columns, in order.
        rate_hz: rate of the actions in a chunk.
    """

    cameras: Annotated[Names, Field(min_length=1)]
    image_height_px: Size
    image_width_px: Size
    state_names: Annotated[Names, Field(min_length=1)]
    action_names: Annotated[Names, Field(min_length=1)]
    rate_hz: Annotated[float, Field(gt=0.0)]

    @model_validator(mode="after")
    def _check_deltas(self) -> "ACTConfig":
        missing = [name for name in self.action_names if name not in self.state_names]
        if self.delta_actions and missing:
            raise ValueError(
                f"delta_actions needs the measured position of {', '.join(missing)}; state_names "
                f"are {', '.join(self.state_names)}"
            )
        return self

    @property
    def delta_columns(self) -> tuple[int, ...] | None:
        """State's column from which each action's column is counted; None: from zero."""
        if not self.delta_actions:
            return None
        return tuple(self.state_names.index(name) for name in self.action_names)

    @property
    def period_ns(self) -> int:
        """Time from one action of a chunk to the next."""
        return round(1e9 / self.rate_hz)

    @property
    def state_dim(self) -> int:
        """Length of the state vector."""
        return len(self.state_names)

    @property
    def action_dim(self) -> int:
        """Length of the action vector."""
        return len(self.action_names)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "ACTConfig":
        """Build a configuration from plain values, as `to_dict` gives them.

        Raises:
            ConfigError: a key is unknown or missing, or a value cannot work.
        """
        try:
            return checked(cls, values)
        except ValueError as error:
            raise ConfigError(str(error)) from error

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON and YAML can hold."""
        return asdict(self)

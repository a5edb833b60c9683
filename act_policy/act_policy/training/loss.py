# SPDX-License-Identifier: Apache-2.0
"""What training minimises: the L1 of actions, and the KL divergence of the latent."""

from typing import Annotated, Literal, NamedTuple

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from act_core.checked import CHECKED
from act_policy.model.act import ACTOutput


@dataclass(frozen=True, kw_only=True, config=CHECKED)
class LossConfig:
    """How the parts of the loss are weighed; the defaults are ACT's but for the padding.

    Attributes:
        padding: `masked` averages over real actions alone. `counted`, as the published code does,
            counts padding as actions without error, which scales the loss down near an episode's
            end (github.com/huggingface/lerobot/pull/3442).
        kl_schedule: of the model's `kl_weight`: `constant`, as published; `linear` rises from 0;
            `cyclical` does so again and again (Fu et al., arXiv 1903.10145).
        kl_rise: part of all steps, or of each cycle, in which it rises.
        kl_cycles: how often it rises.
        free_nats: KL of each latent dimension, averaged over the batch, that costs nothing (free
            bits: Kingma et al., arXiv 1606.04934, appendix C.8).
    """

    padding: Literal["masked", "counted"] = "masked"
    kl_schedule: Literal["constant", "linear", "cyclical"] = "constant"
    kl_rise: Annotated[float, Field(ge=0.01, le=1.0)] = 0.5
    kl_cycles: Annotated[int, Field(ge=1, le=1000)] = 4
    free_nats: Annotated[float, Field(ge=0.0, le=100.0)] = 0.0

    def kl_factor(self, step: int, steps: int) -> float:
        """Return what the model's `kl_weight` is multiplied by at `step` of `steps`."""
        if self.kl_schedule == "constant":
            return 1.0
        cycles = self.kl_cycles if self.kl_schedule == "cyclical" else 1
        progress = step * cycles / steps % 1.0
        return min(1.0, progress / self.kl_rise)


class Totals(NamedTuple):
    """What a whole batch is averaged over, where it is computed in parts.

    Attributes:
        actions: in it, without padding unless that is counted.
        samples: in it.
    """

    actions: int
    samples: int


def count(is_pad: Tensor, config: LossConfig) -> Totals:
    """Return the totals of a batch, whose padding is (B, K) bool."""
    actions = is_pad.numel() if config.padding == "counted" else int((~is_pad).sum())
    return Totals(actions, len(is_pad))


def act_loss(
    output: ACTOutput,
    actions: Tensor,
    is_pad: Tensor,
    kl_weight: float,
    config: LossConfig = LossConfig(),  # noqa: B008 # frozen
    totals: Totals | None = None,
) -> dict[str, Tensor]:
    """Return `loss` and its parts `l1` and `kl`.

    Args:
        output: what the network gave.
        actions: (B, K, A) float32, normalised.
        is_pad: (B, K) bool.
        kl_weight: weight of `kl` in `loss`.
        config: how the parts are weighed.
        totals: of the batch that this is a part of, so that the losses of all parts add up to the
            whole batch's; None for a whole batch.
    """
    totals = totals or count(is_pad, config)
    error = (output.actions - actions).abs() * (~is_pad).unsqueeze(-1)
    l1 = error.sum() / (totals.actions * actions.shape[-1])
    if output.mu is None or output.log_variance is None:
        return {"loss": l1, "l1": l1, "kl": torch.zeros_like(l1)}
    mu, log_variance = output.mu, output.log_variance
    divergence = -0.5 * (1 + log_variance - mu.square() - log_variance.exp())
    of_dimension = divergence.mean(dim=0)
    share = len(is_pad) / totals.samples
    cost = of_dimension.clamp(min=config.free_nats).sum()
    return {
        "loss": l1 + kl_weight * share * cost, "l1": l1, "kl": share * of_dimension.sum(),
    }  # fmt: skip

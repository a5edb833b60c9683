# SPDX-License-Identifier: Apache-2.0
"""The network in training: what one step changes, and how good it is."""

import math
from collections.abc import Mapping
from typing import cast

import numpy as np
import torch
from torch import nn

from act_core.paths import user_path
from act_policy.errors import TrainingError
from act_policy.model.act import ACT, ACTOutput
from act_policy.model.backbone import load_backbone_weights
from act_policy.model.normalization import Normalizer
from act_policy.samples.dataset import Batch, EpisodeDataset
from act_policy.training.loss import act_loss, count
from act_policy.training.running_average import RunningAverage
from act_policy.training.schedule import learning_rate_factor
from act_policy.training.training_config import TrainingConfig
from act_policy.training.training_data import TrainingData


class Learner:
    """Network, its running average and its optimiser, on one device.

    Args:
        config: how to train.
        data: for what the network has to fit.
        device: to train on.
        weights: to start from; None for random ones.

    Attributes:
        model: the network that the optimiser changes.
        optimizer: with a learning rate of its own for the backbone.
    """

    def __init__(
        self, config: TrainingConfig, data: TrainingData, device: torch.device,
        weights: Mapping[str, torch.Tensor] | None = None,
    ) -> None:  # fmt: skip
        torch.manual_seed(config.seed)
        self.config, self._device, self._act_config = config, device, data.act_config
        self._normalizer = Normalizer(data.statistics, device)
        self.model = ACT(data.act_config)
        if config.backbone_weights:
            load_backbone_weights(self.model.backbone, user_path(config.backbone_weights))
        if weights is not None:
            self.model.load_state_dict(dict(weights))
        self.model.to(device)
        self._average: RunningAverage | None = None
        if config.ema_decay:
            self._average = RunningAverage(self.model, config.ema_decay)
        self.optimizer = make_optimizer(self.model, config)

    @property
    def averaged(self) -> ACT:
        """The network that is judged and saved: the running average where there is one."""
        return self.model if self._average is None else cast(ACT, self._average.module)

    def set_steps(self, steps: int) -> None:
        """Say how many steps the restored weights have behind them."""
        if self._average is not None:
            self._average.set_steps(steps)

    def train_step(self, batch: Batch, step: int) -> dict[str, torch.Tensor]:
        """Change the weights by one step of the optimiser.

        Args:
            batch: samples, on the CPU.
            step: steps that are behind; learning rate and augmentation follow from it.

        Returns:
            `loss`, its parts and `gradient_norm`, as measured before the step.

        Raises:
            TrainingError: the loss or its gradient is no longer a number.
        """
        config = self.config
        factor = learning_rate_factor(config.schedule, step, config.steps, config.warmup_fraction)
        scale_learning_rate(self.optimizer, factor)
        seed = config.seed * 1_000_003 + step
        images = config.augmentation(batch.images, seed)
        self.model.train()
        self.optimizer.zero_grad(set_to_none=True)
        values = self._backward(batch._replace(images=images), step)
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), config.grad_clip_norm)
        loss = float(values["loss"].detach())
        # Both: the gradient of |nan| is zero.
        if not (math.isfinite(loss) and math.isfinite(float(norm))):
            raise TrainingError(
                f"training diverged at step {step}: loss {loss:g}, gradient norm "
                f"{float(norm):g}; lower the learning rate or use precision fp32, the last "
                "checkpoint is whole"
            )
        self.optimizer.step()
        if self._average is not None:
            self._average.update_parameters(self.model)
        return {k: v.detach() for k, v in {**values, "gradient_norm": norm}.items()}

    def _backward(self, batch: Batch, step: int) -> dict[str, torch.Tensor]:
        """Add the gradient of the batch's loss, part after part; return the loss and its parts."""
        config, totals = self.config, count(batch.is_pad, self.config.loss)
        kl_weight = self._act_config.kl_weight * config.loss.kl_factor(step, config.steps)
        sums: dict[str, torch.Tensor] = {}
        for part in zip(*(t.chunk(config.micro_batches) for t in batch), strict=True):
            samples = self._to_device(Batch(*part))
            output, actions = self._forward(self.model, samples, with_actions=True)
            values = act_loss(output, actions, samples.is_pad, kl_weight, config.loss, totals)
            values["loss"].backward()
            sums = {name: value.detach() + sums.get(name, 0.0) for name, value in values.items()}
        return sums

    @torch.inference_mode()
    def validate(self, held_out: EpisodeDataset) -> dict[str, float]:
        """Judge the weights that are saved, on samples of held-out episodes.

        Returns:
            `l1` with z = 0, as the policy drives; `l1_posterior` with z from the true actions;
            `kl`; all of normalised actions.
        """
        config = self.config
        count = min(config.validation_samples, len(held_out))
        picks = np.linspace(0, len(held_out) - 1, count).astype(int).tolist()
        model = self.averaged.eval()
        sums = dict.fromkeys(("l1", "l1_posterior", "kl"), 0.0)
        for start in range(0, count, config.batch_size):
            batch = self._to_device(held_out[picks[start : start + config.batch_size]])
            for name, with_actions in (("l1", False), ("l1_posterior", True)):
                output, actions = self._forward(model, batch, with_actions=with_actions)
                values = act_loss(output, actions, batch.is_pad, self._act_config.kl_weight)
                sums[name] += float(values["l1"]) * len(actions)
            sums["kl"] += float(values["kl"]) * len(actions)
        return {name: total / count for name, total in sums.items()}

    def _to_device(self, batch: Batch) -> Batch:
        return Batch(*(tensor.to(self._device, non_blocking=True) for tensor in batch))

    def _forward(
        self, model: ACT, batch: Batch, *, with_actions: bool
    ) -> tuple[ACTOutput, torch.Tensor]:
        """Return the network's output and the normalised actions."""
        actions = self._normalizer.actions(batch.actions)
        known = (actions, batch.is_pad) if with_actions else ()
        bf16 = self.config.precision == "bf16"
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=bf16):
            state = self._normalizer.state(batch.state)
            return model(state, self._normalizer.images(batch.images), *known), actions


def make_optimizer(model: ACT, config: TrainingConfig) -> torch.optim.AdamW:
    """Return AdamW over all parameters of `model`, each group with its `base_lr`."""
    backbone = list(model.backbone.parameters())
    in_backbone = {id(p) for p in backbone}
    rest = [p for p in model.parameters() if id(p) not in in_backbone]
    return torch.optim.AdamW(
        [
            {"params": rest, "base_lr": config.learning_rate},
            {"params": backbone, "base_lr": config.backbone_learning_rate},
        ],
        lr=config.learning_rate,
        weight_decay=config.weight_decay,
        fused=True,
    )


def scale_learning_rate(optimizer: torch.optim.Optimizer, factor: float) -> None:
    """Set each group's learning rate to `factor` times its `base_lr`."""
    for group in optimizer.param_groups:
        group["lr"] = group["base_lr"] * factor

# SPDX-License-Identifier: Apache-2.0
"""The network in training: what one step changes, and how good it is."""

import math
from collections.abc import Mapping
from typing import cast

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import nn

from act_core.paths import user_path
from act_policy.errors import TrainingError
from act_policy.model.act import ACT, ACTOutput
from act_policy.model.backbone import load_backbone_weights
from act_policy.model.normalization import Normalizer
from act_policy.samples.dataset import Batch, EpisodeDataset
from act_policy.training.loss import Totals, act_loss, count
from act_policy.training.recomputation import recompute_activations
from act_policy.training.running_average import RunningAverage
from act_policy.training.schedule import learning_rate_factor
from act_policy.training.training_config import TrainingConfig
from act_policy.training.training_data import TrainingData

# Of steps in a row, each of which halves the scale of fp16's loss: by then it is no longer that.
MOST_OVERFLOWS = 30


class Learner:
    """Network, its running average and its optimiser, on this process's device.

    All noise of a step follows from its number, so that nothing of it has to be saved.

    Args:
        config: how to train.
        data: for what the network has to fit.
        fabric: of the processes that train together.
        weights: to start from; None for random ones.

    Attributes:
        model: the network that the optimiser changes.
        optimizer: with a learning rate of its own for the backbone.
    """

    def __init__(
        self, config: TrainingConfig, data: TrainingData, fabric: Fabric,
        weights: Mapping[str, torch.Tensor] | None = None,
    ) -> None:  # fmt: skip
        torch.manual_seed(config.seed)
        self.config, self._fabric, self._act_config = config, fabric, data.act_config
        self._normalizer = Normalizer(
            data.statistics, fabric.device, data.act_config.delta_columns
        )
        self.model = ACT(data.act_config)
        if config.backbone_weights:
            load_backbone_weights(self.model.backbone, user_path(config.backbone_weights))
        if weights is not None:
            self.model.load_state_dict(dict(weights))
        self.model.to(fabric.device)
        self._average: RunningAverage | None = None
        if config.ema_decay:
            self._average = RunningAverage(self.model, config.ema_decay)
        self.optimizer = make_optimizer(self.model, config)
        if config.recompute_activations:
            recompute_activations(self.model)
        self._wrapped, self._stepper = fabric.setup(self.model, self.optimizer)
        self._overflows = 0

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
        fabric, seed = self._fabric, config.seed * 1_000_003 + step
        seed = seed * fabric.world_size + fabric.global_rank
        torch.manual_seed(seed)
        strength = config.augmentation.strength(step, config.steps)
        images = config.augmentation(batch.images, seed, strength)
        self._wrapped.train()
        self._stepper.zero_grad(set_to_none=True)
        values = self._backward(batch._replace(images=images), step, strength)
        norm = fabric.clip_gradients(
            self._wrapped, self._stepper, max_norm=config.grad_clip_norm, error_if_nonfinite=False
        )
        assert norm is not None
        self._check_finite(float(values["loss"]), float(norm), step)
        self._stepper.step()  # not, in fp16, where a gradient overflowed
        if self._average is not None:
            self._average.update_parameters(self.model)
        return {**values, "gradient_norm": norm.detach()}

    def _check_finite(self, loss: float, norm: float, step: int) -> None:
        # Both: the gradient of |nan| is zero.
        fine = math.isfinite(loss) and math.isfinite(norm)
        self._overflows = 0 if fine else self._overflows + 1
        # In fp16 gradients overflow now and then: the scale is halved, the step left out.
        may_overflow = self.config.precision == "fp16" and math.isfinite(loss)
        if not fine and not (may_overflow and self._overflows < MOST_OVERFLOWS):
            raise TrainingError(
                f"training diverged at step {step}: loss {loss:g}, gradient norm {norm:g}; lower "
                "the learning rate or use precision fp32; a checkpoint from before is whole"
            )

    def _backward(self, batch: Batch, step: int, strength: float) -> dict[str, torch.Tensor]:
        """Add the gradient of all processes' batches; return the loss and its parts."""
        config, fabric = self.config, self._fabric
        num_known = self._drawn_prefix(batch)
        # What the network is told is no more to be learned than padding is.
        is_known = torch.arange(batch.is_pad.shape[1]) < num_known[:, None]
        mine = torch.tensor(count(batch.is_pad | is_known, config.loss), device=fabric.device)
        totals = Totals(*cast(torch.Tensor, fabric.all_reduce(mine, reduce_op="sum")).tolist())
        kl_weight = self._act_config.kl_weight * config.loss.kl_factor(step, config.steps)
        noise = config.augmentation.state_noise * strength
        sums: dict[str, torch.Tensor] = {}
        parts = [t.chunk(config.micro_batches) for t in (*batch, num_known)]
        for number, (*part, known) in enumerate(zip(*parts, strict=True), 1):
            samples, known = self._to_device(Batch(*part)), known.to(fabric.device)
            last = number == len(parts[0])
            with fabric.no_backward_sync(self._wrapped, enabled=not last):
                output, actions = self._forward(
                    self._wrapped, samples, noise, with_actions=True, num_known=known
                )
                places = torch.arange(actions.shape[1], device=fabric.device)
                left_out = samples.is_pad | (places < known[:, None])
                values = act_loss(output, actions, left_out, kl_weight, config.loss, totals)
                # The processes' gradients are averaged; the parts' are to be added up.
                fabric.backward(values["loss"] * fabric.world_size)
            sums = {name: value.detach() + sums.get(name, 0.0) for name, value in values.items()}
        everywhere = fabric.all_reduce(torch.stack(list(sums.values())), reduce_op="sum")
        return dict(zip(sums, cast(torch.Tensor, everywhere), strict=True))

    def _drawn_prefix(self, batch: Batch) -> torch.Tensor:
        """Return (B,) how many actions the network is told of each sample."""
        most, size = self._act_config.prefix_size, (len(batch.is_pad),)
        return torch.randint(most + 1, size) if most else torch.zeros(size, dtype=torch.int64)

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
        return Batch(*(tensor.to(self._fabric.device, non_blocking=True) for tensor in batch))

    def _forward(
        self, model: nn.Module, batch: Batch, noise: float = 0.0, *, with_actions: bool,
        num_known: torch.Tensor | None = None,
    ) -> tuple[ACTOutput, torch.Tensor]:  # fmt: skip
        """Return the network's output, with `noise` on the state, and the normalised actions."""
        scale, state = self._normalizer, batch.state
        if noise:
            state = state + noise * scale.state_std * torch.randn_like(state)
        actions = scale.actions(batch.actions, state)
        told: tuple[torch.Tensor, ...] = (actions, batch.is_pad) if with_actions else ()
        if num_known is not None and self._act_config.prefix_size:
            told += (num_known,)
        with self._fabric.autocast():
            return model(scale.state(state), scale.images(batch.images), *told), actions


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
        # A fused one undoes the loss's scale by itself, after the gradient was clipped.
        fused=config.precision != "fp16",
    )


def scale_learning_rate(optimizer: torch.optim.Optimizer, factor: float) -> None:
    """Set each group's learning rate to `factor` times its `base_lr`."""
    for group in optimizer.param_groups:
        group["lr"] = group["base_lr"] * factor

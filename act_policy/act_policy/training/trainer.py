# SPDX-License-Identifier: Apache-2.0
"""The training loop."""

import copy
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from act_core.paths import user_path
from act_policy.checkpoint.checkpoint import Checkpoint, save_checkpoint
from act_policy.errors import TrainingError
from act_policy.model.act import ACT, ACTOutput, act_loss
from act_policy.model.backbone import load_backbone_weights
from act_policy.model.normalization import Normalizer
from act_policy.training.dataset import Batch
from act_policy.training.provenance import machine_provenance
from act_policy.training.sampler import StepSampler
from act_policy.training.schedule import learning_rate_factor
from act_policy.training.training_config import TrainingConfig
from act_policy.training.training_data import TrainingData
from act_policy.training.training_log import TrainingLog
from act_policy.training.training_state import load_training_state, save_training_state

CONFIG_FILE = "training.yaml"

# These may change between sessions of one run: no weight depends on them.
_FREE_SETTINGS = (
    "validation_interval_steps",
    "checkpoint_interval_steps",
    "log_interval_steps",
    "num_threads",
    "num_workers",
    "cache_images",
    "device",
)


class Trainer:
    """Train a network on a folder of episodes, into a run folder.

    The run folder holds `training.yaml`, a checkpoint `step_<n>` for each interval, the newest
    `training_state`, and `tensorboard`.

    Args:
        config: how to train.
        dataset: folder of episodes.
        run: folder to write; it must not exist unless `resume`.
        resume: go on from the run's newest training state.

    Raises:
        TrainingError: the run folder is there already, or is not one to resume.
        DatasetError: the episodes cannot be trained on together.
    """

    def __init__(
        self, config: TrainingConfig, dataset: Path, run: Path, *, resume: bool = False
    ) -> None:
        self.config, self.run = config, run
        self.device = _open_device(config)
        if resume:
            _check_same_run(run, config)
        elif run.exists():
            raise TrainingError(f"'{run}' is there already; go on with --resume or name another.")
        self.data = TrainingData(dataset, config)
        self._normalizer = Normalizer(self.data.statistics, self.device)
        self._build_model()
        self.step, self._elapsed_s, self.validation = 0, 0.0, dict[str, float]()
        if resume:
            self._restore()
        else:
            run.mkdir(parents=True)
            (run / CONFIG_FILE).write_text(config.to_yaml())
        self._stopping = False

    def stop(self) -> None:
        """Ask the loop to save and return after the current step; safe in a signal handler."""
        self._stopping = True

    def train(self, until_step: int | None = None) -> None:
        """Train to the configured number of steps, or to `until_step`, and save.

        Raises:
            TrainingError: the loss is no longer a number.
        """
        config = self.config
        end = config.steps if until_step is None else min(until_step, config.steps)
        sampler = StepSampler(
            len(self.data.training),
            config.batch_size,
            config.seed,
            first_step=self.step,
            end_step=end,
        )
        loader = DataLoader(
            self.data.training,
            sampler=sampler,
            batch_size=None,
            num_workers=config.num_workers,
            # Each new loader draws a number, by default from the one that dropout draws from.
            generator=torch.Generator(),
            pin_memory=self.device.type == "cuda",
        )
        started = time.monotonic() - self._elapsed_s
        with TrainingLog(self.run / "tensorboard", self.step, config.steps) as log:
            for batch in loader:
                values = self.train_step(batch)
                self.step += 1
                self._elapsed_s = time.monotonic() - started
                log.advance()
                last = self._stopping or self.step == end
                self._after_step(log, values, last=last)
                if last:
                    break

    def _after_step(
        self, log: TrainingLog, values: dict[str, torch.Tensor], *, last: bool
    ) -> None:
        config = self.config
        if last or self.step % config.log_interval_steps == 0:
            scalars = {name: float(value) for name, value in values.items()}
            rate = self._optimizer.param_groups[0]["lr"]
            log.scalars("train", {**scalars, "learning_rate": rate}, self.step)
        due = self.step % config.validation_interval_steps == 0
        if len(self.data.held_out) and (due or self.step == config.steps):
            self.validation = self.validate()
            log.scalars("validation", self.validation, self.step)
        if last or self.step % config.checkpoint_interval_steps == 0:
            self.save()

    def train_step(self, batch: Batch) -> dict[str, torch.Tensor]:
        """Change the weights by one step of the optimiser.

        Args:
            batch: samples, on the CPU.

        Returns:
            `loss`, its parts and `gradient_norm`, as measured before the step.

        Raises:
            TrainingError: the loss or its gradient is no longer a number.
        """
        config = self.config
        factor = learning_rate_factor(
            config.schedule, self.step, config.steps, config.warmup_fraction
        )
        for group in self._optimizer.param_groups:
            group["lr"] = group["base_lr"] * factor
        seed = config.seed * 1_000_003 + self.step
        images = config.augmentation(batch.images, seed)
        self.model.train()
        batch = self._to_device(batch._replace(images=images))
        output, actions = self._forward(self.model, batch, with_actions=True)
        values = act_loss(output, actions, batch.is_pad, self.data.act_config.kl_weight)
        self._optimizer.zero_grad(set_to_none=True)
        values["loss"].backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), config.grad_clip_norm)
        loss = float(values["loss"].detach())
        # Both: the gradient of |nan| is zero.
        if not (math.isfinite(loss) and math.isfinite(float(norm))):
            raise TrainingError(
                f"Training diverged at step {self.step}: loss {loss:g}, gradient "
                f"norm {float(norm):g}. Lower the learning rate or use precision fp32; the last "
                f"checkpoint in '{self.run}' is whole."
            )
        self._optimizer.step()
        self._update_average()
        return {k: v.detach() for k, v in {**values, "gradient_norm": norm}.items()}

    @torch.inference_mode()
    def validate(self) -> dict[str, float]:
        """Judge the weights that are saved, on samples of the held-out episodes.

        Returns:
            `l1` with z = 0, as the policy drives; `l1_posterior` with z from the true actions;
            `kl`; all of normalised actions.
        """
        count = min(self.config.validation_samples, len(self.data.held_out))
        picks = np.linspace(0, len(self.data.held_out) - 1, count).astype(int).tolist()
        model = self.averaged.eval()
        sums, frames = dict.fromkeys(("l1", "l1_posterior", "kl"), 0.0), 0
        for start in range(0, count, self.config.batch_size):
            batch = self.data.held_out[picks[start : start + self.config.batch_size]]
            batch = self._to_device(batch)
            for name, with_actions in (("l1", False), ("l1_posterior", True)):
                output, actions = self._forward(model, batch, with_actions=with_actions)
                values = act_loss(output, actions, batch.is_pad, self.data.act_config.kl_weight)
                sums[name] += float(values["l1"]) * len(actions)
            sums["kl"] += float(values["kl"]) * len(actions)
            frames += len(actions)
        return {name: total / frames for name, total in sums.items()}

    def save(self) -> None:
        """Write a checkpoint of this step, and the training state."""
        provenance = {
            "step": self.step,
            "wall_time_s": round(self._elapsed_s, 1),
            "validation": self.validation,
            "dataset": self.data.provenance,
            "training": self.config.to_dict(),
            **machine_provenance(self.device),
        }
        checkpoint = Checkpoint(
            self.data.act_config,
            self.data.statistics,
            self.data.robot_yaml,
            provenance,
            self.averaged.state_dict(),
        )
        save_checkpoint(self.run / f"step_{self.step:06d}", checkpoint)
        progress = {
            "step": self.step,
            "elapsed_s": self._elapsed_s,
            "validation": self.validation,
            "dataset": self.data.provenance,
        }
        save_training_state(self.run, self.model, self.averaged, self._optimizer, progress)

    def _build_model(self) -> None:
        config = self.config
        torch.manual_seed(config.seed)
        self.model = ACT(self.data.act_config)
        if config.backbone_weights:
            load_backbone_weights(self.model.backbone, user_path(config.backbone_weights))
        self.model.to(self.device)
        self.averaged = copy.deepcopy(self.model) if config.ema_decay else self.model
        backbone = list(self.model.backbone.parameters())
        in_backbone = {id(p) for p in backbone}
        rest = [p for p in self.model.parameters() if id(p) not in in_backbone]
        self._optimizer = torch.optim.AdamW(
            [
                {"params": rest, "base_lr": config.learning_rate},
                {"params": backbone, "base_lr": config.backbone_learning_rate},
            ],
            lr=config.learning_rate,
            weight_decay=config.weight_decay,
            fused=True,
        )

    def _restore(self) -> None:
        progress = load_training_state(self.run, self.model, self.averaged, self._optimizer)
        was, now = progress["dataset"], self.data.provenance
        key = "sha256_of_names_sizes_actions"
        if was[key] != now[key]:
            raise TrainingError(
                f"'{self.run}' was trained on other episodes: {was['num_training_episodes']} "
                f"from {was['path']}, now {now['num_training_episodes']} from {now['path']}."
            )
        self.step, self._elapsed_s = int(progress["step"]), float(progress["elapsed_s"])
        self.validation = progress["validation"]

    def _to_device(self, batch: Batch) -> Batch:
        return Batch(*(tensor.to(self.device, non_blocking=True) for tensor in batch))

    def _forward(
        self, model: ACT, batch: Batch, *, with_actions: bool
    ) -> tuple[ACTOutput, torch.Tensor]:
        """Return the network's output and the normalised actions."""
        actions = self._normalizer.actions(batch.actions)
        known = (actions, batch.is_pad) if with_actions else ()
        bf16 = self.config.precision == "bf16"
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=bf16):
            state = self._normalizer.state(batch.state)
            return model(state, self._normalizer.images(batch.images), *known), actions

    @torch.no_grad()
    def _update_average(self) -> None:
        if self.averaged is self.model:
            return
        # Early on the average of few steps must not remember the random start.
        decay = min(self.config.ema_decay, (1 + self.step) / (10 + self.step))
        ours: list[torch.Tensor] = list(self.averaged.parameters())
        theirs: list[torch.Tensor] = list(self.model.parameters())
        torch._foreach_lerp_(ours, theirs, 1.0 - decay)
        for mine, its in zip(self.averaged.buffers(), self.model.buffers(), strict=True):
            mine.copy_(its)


def _open_device(config: TrainingConfig) -> torch.device:
    if config.device == "cuda" and not torch.cuda.is_available():
        raise TrainingError("'device' is cuda, but torch finds no CUDA device; set device: cpu.")
    if config.num_threads:
        torch.set_num_threads(config.num_threads)
    return torch.device(config.device)


def _check_same_run(run: Path, config: TrainingConfig) -> None:
    if not (run / CONFIG_FILE).is_file():
        raise TrainingError(f"'{run}' is not a training run: it has no {CONFIG_FILE}.")
    before, now = TrainingConfig.load(run / CONFIG_FILE).to_dict(), config.to_dict()
    for name, value in now.items():
        if name not in _FREE_SETTINGS and before[name] != value:
            raise TrainingError(
                f"'{run}' was trained with {name} {before[name]}, got {value}; "
                "a resumed run keeps its settings."
            )

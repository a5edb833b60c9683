# SPDX-License-Identifier: Apache-2.0
"""The training loop."""

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import torch
from torch.utils.data import DataLoader

from act_policy.checkpoint.checkpoint import Checkpoint, save_checkpoint
from act_policy.checkpoint.run_folder import mark_best_by_validation, step_folder
from act_policy.errors import TrainingError
from act_policy.samples.dataset import Batch
from act_policy.samples.dataset_folder import DatasetFolder
from act_policy.samples.sampler import StepSampler
from act_policy.training.learner import Learner
from act_policy.training.processes import open_fabric
from act_policy.training.provenance import machine_provenance
from act_policy.training.run_history import CONFIG_FILE, RunHistory, session
from act_policy.training.starting_point import StartingPoint
from act_policy.training.training_config import TrainingConfig
from act_policy.training.training_data import TrainingData
from act_policy.training.training_log import TrainingLog
from act_policy.training.training_state import load_training_state, save_training_state


class Trainer:
    """Train a network on folders of episodes, into a run folder.

    The run folder holds `training.yaml`, a checkpoint `step_<n>` for each interval, the newest
    `training_state`, and `tensorboard`.

    Args:
        config: how to train.
        datasets: folders of episodes.
        run: folder to write; it must not exist unless `resume`.
        resume: go on from the run's newest training state, also for more steps or with more
            episodes than before.
        weights: checkpoint to start from: its weights, and the scaling that belongs to them.

    Raises:
        TrainingError: the run folder is there already, or is not one to resume.
        DatasetError: the episodes cannot be trained on together, or are not those of the run.
        CheckpointError: the checkpoint cannot be read, or is of another network.
    """

    def __init__(
        self,
        config: TrainingConfig,
        datasets: Sequence[DatasetFolder],
        run: Path,
        *,
        resume: bool = False,
        weights: Path | None = None,
    ) -> None:
        self.config, self.run = config, run
        self.fabric = open_fabric(config)
        history = RunHistory.read(run) if resume else None
        if not resume and run.exists():
            raise TrainingError(f"'{run}' is there already; go on with --resume or name another")
        notes = history.check_settings(config, self.fabric.world_size) if history else []
        self.data = TrainingData(datasets, config, history)
        self.data.notes += notes
        start = StartingPoint.load(weights, self.data) if weights else None
        self.learner = Learner(config, self.data, self.fabric, start.weights if start else None)
        self.step, self._elapsed_s, self.validation = 0, 0.0, dict[str, float]()
        self._validated_step = -1
        now = session(0, config.steps, self.fabric.world_size, self.data.provenance)
        self._past = {
            "sessions": history.continued(now) if history else [now],
            "started_from": history.started_from if history else start and start.provenance,
        }
        if history:
            self._restore()
        self._saved, self._stopping = history is not None, False
        self.fabric.barrier()  # all have seen whether the folder was there
        if self.fabric.is_global_zero:
            run.mkdir(parents=True, exist_ok=True)
            (run / CONFIG_FILE).write_text(config.to_yaml())

    @property
    def checkpoint_folder(self) -> Path:
        """The folder of this step's checkpoint."""
        return step_folder(self.run, self.step)

    def stop(self) -> None:
        """Ask the loop to save and return after the current step; safe in a signal handler.

        Of several processes all do when one is asked.
        """
        self._stopping = True

    def train(self, until_step: int | None = None) -> None:
        """Train to the configured number of steps, or to `until_step`, and save.

        A new run that fails before it has saved anything leaves no folder behind.

        Raises:
            TrainingError: the loss is no longer a number.
        """
        config = self.config
        end = config.steps if until_step is None else min(until_step, config.steps)
        try:
            self._train(end)
        except BaseException:
            if not self._saved and self.fabric.is_global_zero:
                shutil.rmtree(self.run, ignore_errors=True)
            raise

    def _train(self, end: int) -> None:
        started = time.monotonic() - self._elapsed_s
        folder = self.run / "tensorboard"
        shown = self.fabric.is_global_zero
        with TrainingLog(folder, self.step, self.config.steps, shown=shown) as log:
            for batch in self._loader(end):
                values = self.learner.train_step(batch, self.step)
                self.step += 1
                self._elapsed_s = time.monotonic() - started
                log.advance()
                last = self._is_stopping() or self.step == end
                self._after_step(log, values, last=last)
                if last:
                    break

    def _loader(self, end: int) -> DataLoader[Batch]:
        """Return the batches of the steps up to `end`, this process's share of each."""
        config = self.config
        sampler = StepSampler(
            self.data.parts,
            config.batch_size,
            config.seed,
            first_step=self.step,
            end_step=end,
            share=(self.fabric.global_rank, self.fabric.world_size),
        )
        return DataLoader(
            self.data.training,
            sampler=sampler,
            batch_size=None,
            num_workers=config.num_workers,
            # Each new loader draws a number, by default from the one that the network draws from.
            generator=torch.Generator(),
            pin_memory=self.fabric.device.type == "cuda",
        )

    def _is_stopping(self) -> bool:
        if self.fabric.world_size == 1:
            return self._stopping
        asked = torch.tensor(float(self._stopping), device=self.fabric.device)
        return float(cast(torch.Tensor, self.fabric.all_reduce(asked, reduce_op="sum"))) > 0

    def _after_step(
        self, log: TrainingLog, values: dict[str, torch.Tensor], *, last: bool
    ) -> None:
        config = self.config
        if last or self.step % config.log_interval_steps == 0:
            scalars = {name: float(value) for name, value in values.items()}
            rate = self.learner.optimizer.param_groups[0]["lr"]
            log.scalars("train", {**scalars, "learning_rate": rate}, self.step)
        due = self.step % config.validation_interval_steps == 0
        if len(self.data.held_out) and (due or self.step == config.steps):
            self.validation = self.learner.validate(self.data.held_out)
            self._validated_step = self.step
            log.scalars("validation", self.validation, self.step)
        if last or self.step % config.checkpoint_interval_steps == 0:
            self.save()

    def save(self) -> None:
        """Write a checkpoint of this step, and the training state; the first process does."""
        self.fabric.barrier()
        self._saved = True
        if not self.fabric.is_global_zero:
            return
        provenance = {
            "step": self.step,
            "wall_time_s": round(self._elapsed_s, 1),
            "validation": self.validation,
            "dataset": self.data.provenance,
            "training": self.config.to_dict(),
            **self._past,
            **machine_provenance(self.fabric.device),
            "num_processes": self.fabric.world_size,
        }
        checkpoint = Checkpoint(
            self.data.act_config,
            self.data.statistics,
            self.data.robot_yaml,
            provenance,
            self.learner.averaged.state_dict(),
        )
        save_checkpoint(self.checkpoint_folder, checkpoint)
        if self._validated_step == self.step:
            mark_best_by_validation(self.checkpoint_folder)
        progress = {
            "step": self.step,
            "elapsed_s": self._elapsed_s,
            "validation": self.validation,
            "dataset": self.data.provenance,
            "network": self.data.act_config.to_dict(),
            "statistics": self.data.statistics.to_dict(),
            "scaler": self.fabric.strategy.precision.state_dict(),
            **self._past,
        }
        learner = self.learner
        save_training_state(self.run, learner.model, learner.averaged, learner.optimizer, progress)

    def _restore(self) -> None:
        learner = self.learner
        progress = load_training_state(
            self.run, learner.model, learner.averaged, learner.optimizer
        )
        self.step, self._elapsed_s = int(progress["step"]), float(progress["elapsed_s"])
        learner.set_steps(self.step)
        self.fabric.strategy.precision.load_state_dict(progress["scaler"])
        self.validation = progress["validation"]

# SPDX-License-Identifier: Apache-2.0
"""What a run was trained on so far, and what may change when it goes on.

More steps and more episodes may be asked for; both are recorded. What was held out stays held out,
and the scaling of the network's inputs and outputs stays that of the first session.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from act_policy.errors import DatasetError, TrainingError
from act_policy.model.act_config import ACTConfig
from act_policy.model.statistics import Statistics
from act_policy.samples.agreement import fingerprint
from act_policy.samples.dataset_folder import DatasetFolder
from act_policy.samples.episode import Episode
from act_policy.training.training_config import TrainingConfig
from act_policy.training.training_state import read_progress

CONFIG_FILE = "training.yaml"

# These may change between sessions of one run: no weight depends on them, and on `steps` those of
# the steps to come alone.
_FREE_SETTINGS = (
    "steps", "validation_interval_steps", "checkpoint_interval_steps", "log_interval_steps",
    "num_threads", "num_workers", "cache_images", "device", "validate_episodes",
)  # fmt: skip
# What a training state has beside what its history tells.
_OF_THIS_VERSION = ("scaler",)
_FINGERPRINT = "sha256_of_names_sizes_actions"


@dataclass(frozen=True)
class RunHistory:
    """The sessions of a run until now.

    Attributes:
        run: its folder.
        step: steps that are behind.
        act_config: of its network.
        statistics: that scale what the network takes and gives.
        sessions: of each its first step, its number of steps and its dataset, as plain values.
        started_from: where the first weights came from; None for random ones.
    """

    run: Path
    step: int
    act_config: ACTConfig
    statistics: Statistics
    sessions: tuple[dict[str, Any], ...]
    started_from: dict[str, Any] | None

    @classmethod
    def read(cls, run: Path) -> "RunHistory":
        """Read what the run saved last.

        Raises:
            TrainingError: it is no run, has saved nothing, or that is damaged.
        """
        if not (run / CONFIG_FILE).is_file():
            raise TrainingError(f"'{run}' is not a training run: it has no {CONFIG_FILE}")
        progress = read_progress(run)
        try:
            for key in _OF_THIS_VERSION:
                progress[key]
            return cls(
                run, int(progress["step"]), ACTConfig.from_dict(progress["network"]),
                Statistics.from_dict(progress["statistics"]), tuple(progress["sessions"]),
                progress["started_from"],
            )  # fmt: skip
        except KeyError as error:
            raise TrainingError(
                f"'{run}' was saved by another version: its training state has no {error}; start "
                "anew from its last checkpoint, --weights"
            ) from error

    def check_settings(self, config: TrainingConfig, processes: int) -> list[str]:
        """Compare with the settings until now; return what to tell of a change.

        Args:
            config: of the session that begins.
            processes: that train together in it.

        Raises:
            TrainingError: one differs that has to stay, or the steps are over already.
        """
        if processes != self.sessions[-1]["processes"]:
            raise TrainingError(
                f"'{self.run}' was trained by {self.sessions[-1]['processes']} processes, got "
                f"{processes}; each has batch_size samples of a step, so their number has to stay"
            )
        before = TrainingConfig.load(self.run / CONFIG_FILE).to_dict()
        for name, value in config.to_dict().items():
            if name not in _FREE_SETTINGS and before[name] != value:
                raise TrainingError(
                    f"'{self.run}' was trained with {name} {before[name]}, got {value}; "
                    "a resumed run keeps its settings"
                )
        if config.steps < self.step:
            raise TrainingError(
                f"'{self.run}' has {self.step} steps behind it, got steps {config.steps}; name "
                "more, or resume a copy"
            )
        if config.steps == before["steps"]:
            return []
        return [
            f"{config.steps} steps instead of {before['steps']}: from step {self.step} on the "
            f"learning rate follows the {config.schedule} schedule of {config.steps}"
        ]

    def split(self, episodes: Sequence[Episode]) -> tuple[set[Path], set[Path]]:
        """Return which of the present episodes were trained on, and which were held out.

        Raises:
            DatasetError: one of either is missing, or is no longer what it was.
        """
        there = {episode.path.resolve(): episode for episode in episodes}
        parts = [self._paths(name) for name in ("training_episodes", "validation_episodes")]
        missing = [path for part in parts for path in part if path not in there]
        if missing:
            datasets = " ".join(f"--dataset {folder['path']}" for folder in self._folders)
            raise DatasetError(
                f"'{self.run}' was trained on {len(missing)} episode(s) that are not among those "
                f"given, {missing[0]} the first; it needs {datasets}, and may have more"
            )
        if fingerprint([there[p] for part in parts for p in part]) != self._dataset[_FINGERPRINT]:
            raise DatasetError(
                f"'{self.run}' was trained on other episodes: names, sizes or actions in "
                f"{', '.join(folder['path'] for folder in self._folders)} are not what they were"
            )
        trained, held_out = ({there[p].path for p in part} for part in parts)
        return trained, held_out

    def growth(self, training: Sequence[Episode], held_out: Sequence[Episode]) -> list[str]:
        """Return what to tell of episodes that were added."""
        added = len(training) - len(self._paths("training_episodes"))
        kept = len(held_out) - len(self._paths("validation_episodes"))
        if not added and not kept:
            return []
        return [
            f"{added + kept} episodes were added at step {self.step}, {kept} of them held out; "
            "inputs and outputs stay scaled as before"
        ]

    def check_weights(self, folders: Sequence[DatasetFolder]) -> None:
        """Compare the weights of the datasets; raises TrainingError where one differs."""
        given = {str(folder.path.resolve()): folder.weight for folder in folders}
        for folder in self._folders:
            if given[folder["path"]] != folder["weight"]:
                raise TrainingError(
                    f"'{self.run}' was trained with weight {folder['weight']:g} of "
                    f"{folder['path']}, got {given[folder['path']]:g}; a resumed run keeps it"
                )

    def continued(self, now: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the sessions, with `now` behind them where steps or episodes changed."""
        now = {**now, "first_step": self.step}
        last = {**self.sessions[-1], "first_step": self.step}
        return [*self.sessions, *([now] if now != last else [])]

    @property
    def _dataset(self) -> dict[str, Any]:
        dataset: dict[str, Any] = self.sessions[-1]["dataset"]
        return dataset

    @property
    def _folders(self) -> list[dict[str, Any]]:
        folders: list[dict[str, Any]] = self._dataset["folders"]
        return folders

    def _paths(self, kind: str) -> list[Path]:
        return [Path(folder["path"], name) for folder in self._folders for name in folder[kind]]


def session(
    first_step: int, steps: int, processes: int, dataset: dict[str, Any]
) -> dict[str, Any]:
    """Describe a session of a run, as plain values."""
    return {
        "first_step": first_step, "steps": steps, "processes": processes, "dataset": dataset,
    }  # fmt: skip

# SPDX-License-Identifier: Apache-2.0
"""Folders of episodes made ready to train on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from act_core.episode.find_episodes import find_episodes
from act_core.episode.meta import EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.robot.robot_file import load_robot
from act_core.robot.robot_spec import RobotSpec
from act_policy.errors import DatasetError
from act_policy.model.act_config import ACTConfig
from act_policy.model.statistics import Statistics
from act_policy.samples.agreement import (
    compare_robots,
    load_episodes,
    rate_notes,
    resizing_notes,
    smallest_image,
)
from act_policy.samples.dataset import EpisodeDataset
from act_policy.samples.dataset_folder import DatasetFolder
from act_policy.samples.episode import Episode
from act_policy.samples.sampler import Part
from act_policy.samples.selection import UNKNOWN, Selection, check_there, choose_episodes
from act_policy.training.defects import refuse_defects
from act_policy.training.provenance import dataset_provenance
from act_policy.training.run_history import RunHistory
from act_policy.training.training_config import TrainingConfig

# Whose deltas are measured: spread evenly, more of them change nothing.
MOST_CHUNKS = 10_000


class TrainingData:
    """Training and held-out samples, and what follows from them.

    Args:
        folders: of episodes.
        config: of the training.
        history: of a run that goes on; None for a new one.

    Attributes:
        training: samples to train on.
        parts: those of each folder, in the order of their numbers.
        held_out: samples of episodes that training never sees.
        statistics: of the training samples of the run's first session alone.
        act_config: the network's configuration.
        robot_yaml: text of the robot file of the first episode.
        provenance: what the episodes are, as plain values.
        notes: what a user should know of them, a line each.

    Raises:
        DatasetError: the episodes cannot be trained on together, or are too few to split.
    """

    def __init__(
        self, folders: Sequence[DatasetFolder], config: TrainingConfig,
        history: RunHistory | None = None,
    ) -> None:  # fmt: skip
        cameras = history.act_config.cameras if history else config.cameras
        episodes, self.notes = _selected(folders, config, cameras)
        self.notes += compare_robots(episodes)
        self.act_config = history.act_config if history else _act_config(config, episodes)
        size_px = self.act_config.image_height_px, self.act_config.image_width_px
        self.notes += resizing_notes(episodes, size_px)
        self.notes += rate_notes(episodes, self.act_config.rate_hz)
        training, held_out = split_episodes(
            episodes, config.validation_fraction, config.seed, history
        )
        if history:
            history.check_weights(folders)
            self.notes += history.growth(training, held_out)
        self.parts = _parts(folders, training)
        self.training, self.held_out = (
            EpisodeDataset(
                part,
                self.act_config.chunk_size,
                rate_hz=self.act_config.rate_hz,
                image_size_px=size_px,
                cache_images=config.cache_images,
            )
            for part in (training, held_out)
        )
        self.statistics = history.statistics if history else self._measured(training)
        self.robot_yaml = episodes[0].robot_yaml
        self.provenance = dataset_provenance(folders, training, held_out)

    def _measured(self, training: Sequence[Episode]) -> Statistics:
        states = [e.positions[e.rows] for e in training]
        columns = self.act_config.delta_columns
        if columns is None:
            return Statistics.fit(states, [e.actions[e.rows] for e in training])
        count = min(len(self.training), MOST_CHUNKS)
        picks = np.linspace(0, len(self.training) - 1, count).astype(int).tolist()
        return Statistics.fit(states, self.training.deltas(picks, columns))


def split_episodes(
    episodes: Sequence[Episode], fraction: float, seed: int, history: RunHistory | None = None
) -> tuple[list[Episode], list[Episode]]:
    """Return (training, held out) episodes; at least one is held out when `fraction` > 0.

    Of a run that goes on each stays where it was, and only those that were added are split.

    Raises:
        DatasetError: nothing would be left to train on, or one of the run is missing or changed.
    """
    trained, held_out = history.split(episodes) if history else (set(), set())
    added = [e.path for e in episodes if e.path not in trained | held_out]
    count = round(fraction * len(added))
    if not history:
        count = max(1, count) if fraction > 0 else 0
        if count >= len(added):
            raise DatasetError(
                f"{len(added)} episode(s) cannot be split with validation_fraction {fraction}; "
                "record more or set it to 0"
            )
    order = np.random.default_rng(seed).permutation(len(added))
    held_out = held_out | {added[i] for i in order[:count]}
    return (
        [e for e in episodes if e.path not in held_out],
        [e for e in episodes if e.path in held_out],
    )


def _selected(
    folders: Sequence[DatasetFolder], config: TrainingConfig, cameras: Sequence[str]
) -> tuple[list[Episode], list[str]]:
    """Return the episodes to train on, and what to tell of the choice."""
    resolved = [folder.path.resolve() for folder in folders]
    doubled = [folder.path for folder in folders if resolved.count(folder.path.resolve()) > 1]
    if doubled:
        raise DatasetError(
            f"dataset {doubled[0]} is given twice; a weight makes it count more: {doubled[0]}=2"
        )
    robot = load_robot(config.robot) if config.robot else None
    paths = [path for folder in folders for path in find_episodes(folder.path)]
    chosen, notes = choose_episodes({path: _meta(path, robot) for path in paths}, config.select)
    if config.validate_episodes:
        for folder in folders:
            inside = [path for path in chosen if path.parent == folder.path]
            refuse_defects(inside, config.model.chunk_size, robot)
    episodes, more = _with_rows(load_episodes(chosen, cameras, robot), config.select)
    return episodes, notes + more


def _meta(path: Path, robot: RobotSpec | None) -> EpisodeMeta:
    with EpisodeReader(path, robot) as reader:
        return reader.meta


def _with_rows(episodes: Sequence[Episode], select: Selection) -> tuple[list[Episode], list[str]]:
    """Return the episodes that have rows to train on, with these, and what to tell of it."""
    if not select.sources:
        return list(episodes), []
    there = Counter(source or UNKNOWN for episode in episodes for source in episode.sources)
    check_there("source", select.sources, there, "row")
    marked = [replace(episode, chosen=select.rows(episode.sources)) for episode in episodes]
    left = [episode for episode in marked if len(episode)]
    note = (
        f"{sum(map(len, left))} of {there.total()} rows are selected, in {len(left)} of "
        f"{len(episodes)} episodes; their source is {' or '.join(select.sources)}"
    )
    return left, [note]


def _parts(folders: Sequence[DatasetFolder], training: Sequence[Episode]) -> list[Part]:
    counts = {
        folder: sum(len(e) for e in training if e.path.parent == folder.path) for folder in folders
    }
    for folder, count in counts.items():
        if not count:
            raise DatasetError(
                f"no episode of {folder.path} is left to train on: they are held out or not "
                "selected; record more, set validation_fraction to 0, or change select"
            )
    return [Part(count, folder.weight) for folder, count in counts.items()]


def _act_config(config: TrainingConfig, episodes: Sequence[Episode]) -> ACTConfig:
    layout = episodes[0].format
    height_px, width_px = config.image_size_px or smallest_image(episodes)
    return ACTConfig(
        **asdict(config.model),
        cameras=layout.cameras,
        image_height_px=height_px,
        image_width_px=width_px,
        state_names=layout.joint_names,
        action_names=layout.joint_names,
        rate_hz=config.rate_hz or episodes[0].rate_hz,
    )

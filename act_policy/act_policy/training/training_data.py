# SPDX-License-Identifier: Apache-2.0
"""A folder of episodes made ready to train on."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from act_core.episode.find_episodes import find_episodes
from act_core.episode.reader import EpisodeReader
from act_policy.errors import DatasetError
from act_policy.model.act_config import ACTConfig
from act_policy.model.statistics import Statistics
from act_policy.training.dataset import Episode, EpisodeDataset, load_episodes
from act_policy.training.provenance import dataset_provenance
from act_policy.training.training_config import TrainingConfig


class TrainingData:
    """Training and held-out samples, and what follows from them.

    Args:
        folder: of episodes.
        config: of the training.

    Attributes:
        training: samples to train on.
        held_out: samples of episodes that training never sees.
        statistics: of the training samples alone.
        act_config: the network's configuration.
        robot_yaml: text of the robot file that all episodes carry.
        provenance: what the episodes are, as plain values.

    Raises:
        DatasetError: the episodes cannot be trained on together, or are too few to split.
    """

    def __init__(self, folder: Path, config: TrainingConfig) -> None:
        episodes = load_episodes(_chosen_paths(folder, config), config.cameras)
        training, held_out = split_episodes(episodes, config.validation_fraction, config.seed)
        self.act_config = _act_config(config, episodes[0])
        chunk_size, cache = self.act_config.chunk_size, config.cache_images
        self.training = EpisodeDataset(training, chunk_size, cache_images=cache)
        self.held_out = EpisodeDataset(held_out, chunk_size, cache_images=cache)
        self.statistics = Statistics.fit(
            [e.positions for e in training], [e.actions for e in training]
        )
        self.robot_yaml = episodes[0].format.robot_yaml
        self.provenance = dataset_provenance(folder, training, held_out)


def split_episodes(
    episodes: Sequence[Episode], fraction: float, seed: int
) -> tuple[list[Episode], list[Episode]]:
    """Return (training, held out) episodes; at least one is held out when `fraction` > 0.

    Raises:
        DatasetError: nothing would be left to train on.
    """
    count = max(1, round(fraction * len(episodes))) if fraction > 0 else 0
    if count >= len(episodes):
        raise DatasetError(
            f"{len(episodes)} episode(s) cannot be split with validation_fraction {fraction}; "
            "record more or set it to 0"
        )
    held_out = set(np.random.default_rng(seed).permutation(len(episodes))[:count].tolist())
    return (
        [e for i, e in enumerate(episodes) if i not in held_out],
        [e for i, e in enumerate(episodes) if i in held_out],
    )


def _chosen_paths(folder: Path, config: TrainingConfig) -> list[Path]:
    paths = find_episodes(folder)
    if not config.successful_only:
        return paths
    chosen = []
    for path in paths:
        with EpisodeReader(path) as reader:
            if reader.meta.success:
                chosen.append(path)
    if not chosen:
        raise DatasetError(f"none of the {len(paths)} episodes in {folder} is a success")
    return chosen


def _act_config(config: TrainingConfig, episode: Episode) -> ACTConfig:
    layout = episode.format
    height_px, width_px = layout.image_size_px
    return ACTConfig(
        **asdict(config.model),
        cameras=layout.cameras,
        image_height_px=height_px,
        image_width_px=width_px,
        state_names=layout.joint_names,
        action_names=layout.joint_names,
        rate_hz=layout.rate_hz,
    )

# SPDX-License-Identifier: Apache-2.0
"""What `act dataset stats` says of a dataset is what training normalises by."""

from pathlib import Path

import numpy as np

from act_core.episode.find_episodes import find_episodes
from act_core.episode.reader import EpisodeReader
from act_core.testing import make_episode
from act_policy.model.statistics import STD_FLOOR, Statistics
from act_recorder.dataset.look.stats import gather, summary


def test_mean_and_spread_are_those_of_training(tmp_path: Path) -> None:
    for seed, rows in enumerate((7, 20, 33)):
        make_episode(tmp_path, num_frames=rows, seed=seed)
    paths = find_episodes(tmp_path)
    states, actions = [], []
    for path in paths:
        with EpisodeReader(path) as reader:
            states.append(reader.positions)
            actions.append(reader.actions)
    trained, told = Statistics.fit(states, actions), summary(gather(paths, None, 0))
    for what in ("state", "action"):
        mean, std = ([column[key] for column in told[what]] for key in ("mean", "std"))
        assert np.array_equal(np.float32(mean), getattr(trained, f"{what}_mean"))
        floored = np.maximum(std, STD_FLOOR).astype(np.float32)
        assert np.array_equal(floored, getattr(trained, f"{what}_std"))

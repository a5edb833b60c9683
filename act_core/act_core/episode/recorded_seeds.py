# SPDX-License-Identifier: Apache-2.0
"""Which simulated scenes a dataset has already."""

from pathlib import Path

from act_core.episode.find_episodes import find_episodes
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError


def recorded_seeds(folder: Path, task: str) -> set[int]:
    """Return the seeds of a folder's episodes of `task`; none of a folder without episodes.

    Raises:
        EpisodeError: an episode cannot be read.
    """
    try:
        paths = find_episodes(folder)
    except EpisodeError:
        return set()
    seeds = set()
    for path in paths:
        with EpisodeReader(path) as episode:
            if episode.meta.task == task:
                seeds.add(episode.meta.seed)
    return seeds

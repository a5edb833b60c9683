# SPDX-License-Identifier: Apache-2.0
"""Which format a path holds, by a look at names: no format's own library is needed for it."""

from pathlib import Path

from act_core.episode.find_episodes import episode_index


def is_aloha(path: Path) -> bool:
    """Whether it is a file or a folder of episode_<i>.hdf5."""
    if path.is_file():
        return path.suffix in (".hdf5", ".h5")
    return any(episode_index(each) >= 0 for each in path.iterdir())

# SPDX-License-Identifier: Apache-2.0
"""Which format a path holds, by a look at names: no format's own library is needed for it."""

from pathlib import Path

import h5py

from act_core.episode.find_episodes import episode_index

_SUFFIXES = (".hdf5", ".h5")
BAG_FILES = (".mcap", ".db3")


def is_rosbag(path: Path) -> bool:
    """Whether it is a recording of rosbag2, or a folder of them."""
    if path.is_file():
        return path.suffix in BAG_FILES
    folders = [path, *(each for each in path.iterdir() if each.is_dir())]
    return any(each.suffix in BAG_FILES for folder in folders for each in folder.iterdir())


def is_lerobot(path: Path) -> bool:
    """Whether it is a folder with a LeRobot dataset's description."""
    return (path / "meta" / "info.json").is_file()


def is_interbotix(path: Path) -> bool:
    """Whether the first of its episodes has cameras named as Interbotix 2.0 does."""
    files = [path] if path.is_file() else sorted(path.iterdir())
    first = next((each for each in files if _is_episode(each)), None)
    if first is None:
        return False
    try:
        with h5py.File(first, "r") as file:
            cameras = list(file.get("observations/images", ()))
            return "meta" not in file and any(name.startswith("camera_") for name in cameras)
    except OSError:
        return False  # damaged: the reader of episodes tells how


def is_aloha(path: Path) -> bool:
    """Whether it is an episode in HDF5, or a folder of such files or of folders of them."""
    if path.is_file():
        return path.suffix in _SUFFIXES
    return any(
        each.suffix in _SUFFIXES for pattern in ("*", "*/episode_*") for each in path.glob(pattern)
    )


def _is_episode(path: Path) -> bool:
    return path.suffix in _SUFFIXES and (episode_index(path) >= 0)

# SPDX-License-Identifier: Apache-2.0
"""How many rows an episode file holds, and which of its cameras can be used."""

from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

from act_core.episode.meta import EpisodeMeta
from act_core.errors import EpisodeError

# Far beyond any episode: a day at 100 Hz. More is a damaged number, and would fill the memory.
_MOST_ROWS = 10_000_000
_JOINTS = ("action", "observations/qpos", "observations/qvel", "observations/effort")


def check_layout(file: h5py.File, path: Path) -> int:
    """Check types and dimensions of all but the images; return the number of columns.

    Raises:
        EpisodeError: a dataset holds other things than numbers, or has another shape than
            /action.
    """
    wanted = dict.fromkeys(_JOINTS, (2, "fiu", "numbers (rows, columns)"))
    wanted |= {f"stamps/{n}": (1, "iu", "whole numbers (rows,)") for n in _stamped(file)}
    wanted["source"] = (1, "SO", "texts (rows,)")
    for name, (dimensions, kinds, words) in wanted.items():
        node = file.get(name)
        if node is None:
            continue
        got = f"{node.dtype} {node.shape}" if isinstance(node, h5py.Dataset) else "a group"
        if got == "a group" or node.ndim != dimensions or node.dtype.kind not in kinds:
            raise EpisodeError(f"{path}: /{name} is {got}, expected {words}")
        if node.shape[0] > _MOST_ROWS:
            raise EpisodeError(f"{path}: /{name} has {node.shape[0]} rows, more than can be")
        # Of others' files the robot tells: a mobile base has actions and no positions.
        described = dimensions == 2 and "meta" in file  # noqa: PLR2004
        if described and node.shape[1] != file["action"].shape[1]:
            raise EpisodeError(
                f"{path}: /{name} has {node.shape[1]} columns, /action has "
                f"{file['action'].shape[1]}, expected one number"
            )
    return int(file["action"].shape[1])


def _stamped(file: h5py.File) -> list[str]:
    names = ["joint_states", "action", "row"]
    images = file.get("stamps/images")
    return names + [f"images/{camera}" for camera in images or ()]


def usable_cameras(file: h5py.File, *, is_jpeg: bool) -> tuple[str, ...]:
    """Return the colour cameras, sorted: depth and infrared images beside them are no input."""
    dimensions = 2 if is_jpeg else 4
    found = []
    for name in file["observations/images"]:
        dataset = _opened(file, f"observations/images/{name}")
        if dataset is None or dataset.dtype != np.uint8 or len(dataset.shape) != dimensions:
            continue
        if is_jpeg or dataset.shape[3] == 3:  # noqa: PLR2004 - red, green, blue
            found.append(name)
    return tuple(sorted(found))


def other_images(file: h5py.File, cameras: Sequence[str]) -> tuple[str, ...]:
    """Return the names beside the cameras that are none, sorted."""
    return tuple(sorted(set(file["observations/images"]) - set(cameras)))


def count_rows(file: h5py.File, path: Path, cameras: Sequence[str], meta: EpisodeMeta) -> int:
    """Return how many rows are whole.

    Raises:
        EpisodeError: a file that calls itself complete has datasets of different lengths.
    """
    names = ["action", "source", *(f"observations/{n}" for n in ("qpos", "qvel", "effort"))]
    names += [f"observations/images/{camera}" for camera in cameras]
    names += [f"stamps/{n}" for n in ("joint_states", "action", "row")]
    names += [f"stamps/images/{camera}" for camera in cameras]
    rows = {name: found.shape[0] for name in names if (found := _opened(file, name))}
    if not meta.complete and (found := _opened(file, "compress_len")):
        rows["compress_len"] = found.shape[1]
    shortest, longest = min(rows, key=rows.__getitem__), max(rows, key=rows.__getitem__)
    if meta.complete and rows[shortest] != rows[longest]:
        raise EpisodeError(
            f"{path}: /{shortest} has {rows[shortest]} rows and /{longest} has {rows[longest]}, "
            "expected one number of rows in all"
        )
    return int(rows[shortest])


def _opened(file: h5py.File, name: str) -> h5py.h5d.DatasetID | None:
    """Return a dataset, None if there is none; in a third of the time of `file[name]`."""
    try:
        return h5py.h5d.open(file.id, name.encode())
    except (KeyError, TypeError, ValueError):
        return None

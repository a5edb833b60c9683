# SPDX-License-Identifier: Apache-2.0
"""Reads episodes written by EpisodeWriter."""

import re
from functools import cached_property
from pathlib import Path
from types import TracebackType

import h5py
import numpy as np
from numpy.typing import NDArray

from act_core.episode.meta import EpisodeMeta
from act_core.errors import EpisodeError

_REQUIRED = {
    "meta": h5py.Group,
    "action": h5py.Dataset,
    "observations/qpos": h5py.Dataset,
    "observations/images": h5py.Group,
}
_NAME = re.compile(r"episode_(\d+)\.hdf5")


def find_episodes(directory: Path) -> list[Path]:
    """Return the complete episodes of a dataset folder, by index.

    Raises:
        EpisodeError: the folder is missing or holds no episode.
    """
    if not directory.is_dir():
        raise EpisodeError(f"dataset folder {directory} does not exist")
    found = [(int(m[1]), p) for p in directory.iterdir() if (m := _NAME.fullmatch(p.name))]
    if not found:
        raise EpisodeError(f"dataset folder {directory} holds no episode_<i>.hdf5")
    return [path for _, path in sorted(found)]


class EpisodeReader:
    """An open episode file. Use as a context manager.

    Raises:
        EpisodeError: missing, damaged, or not an episode of this format.

    Attributes:
        path: the file.
        meta: what it says of itself.
        num_frames: whole rows, T; a writer killed in the middle of a row leaves it out.
        cameras: camera names, sorted.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = h5py.File(path, "r")
        except OSError as error:
            raise EpisodeError(f"{path}: cannot be opened: {error}") from error
        try:
            for name, node_type in _REQUIRED.items():
                if not isinstance(self._file.get(name), node_type):
                    raise EpisodeError(f"{path}: no /{name}; not an episode of this suite")
            self.meta = EpisodeMeta.from_attributes(self._file["meta"].attrs, str(path))
            self.num_frames = _whole_rows(self._file, path, self.meta.complete)
        except EpisodeError:
            self._file.close()
            raise
        self.cameras = tuple(sorted(self._file["observations/images"]))

    def __enter__(self) -> "EpisodeReader":
        """Return self."""
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @cached_property
    def positions(self) -> NDArray[np.float32]:
        """(T, D) float32, rad; grippers 0 closed … 1 open."""
        return np.asarray(self._file["observations/qpos"][: self.num_frames])

    @cached_property
    def velocities(self) -> NDArray[np.float32]:
        """(T, D) float32, rad/s; grippers per s; NaN = not measured."""
        return np.asarray(self._file["observations/qvel"][: self.num_frames])

    @cached_property
    def actions(self) -> NDArray[np.float32]:
        """(T, D) float32, rad; grippers 0 closed … 1 open."""
        return np.asarray(self._file["action"][: self.num_frames])

    @cached_property
    def stamps_ns(self) -> NDArray[np.int64]:
        """(T,) int64, stamps of the joint states."""
        return np.asarray(self._file["stamps/joint_states"][: self.num_frames])

    @cached_property
    def action_stamps_ns(self) -> NDArray[np.int64]:
        """(T,) int64, stamps of the commands."""
        return np.asarray(self._file["stamps/action"][: self.num_frames])

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """(T,) who commanded each row: policy, teleop, …; "" where it is not known."""
        if "source" not in self._file:
            return ("",) * self.num_frames
        return tuple(s.decode() for s in self._file["source"][: self.num_frames])

    def image(self, camera: str, index: int) -> NDArray[np.uint8]:
        """Return frame `index` of `camera`: (H, W, 3) uint8, RGB."""
        if camera not in self.cameras:
            raise EpisodeError(f"{self.path}: no camera '{camera}'; has {', '.join(self.cameras)}")
        return np.asarray(self._file[f"observations/images/{camera}"][index])

    def image_shape(self, camera: str) -> tuple[int, int]:
        """Return (height, width) of `camera` in pixels."""
        shape = self._file[f"observations/images/{camera}"].shape
        return int(shape[1]), int(shape[2])


def _whole_rows(file: h5py.File, path: Path, complete: bool) -> int:
    rows: dict[str, int] = {}

    def note(name: str, item: h5py.Dataset | h5py.Group) -> None:
        if isinstance(item, h5py.Dataset) and item.shape:
            rows[name] = item.shape[0]

    file.visititems(note)
    shortest, longest = min(rows, key=rows.__getitem__), max(rows, key=rows.__getitem__)
    if complete and rows[shortest] != rows[longest]:
        raise EpisodeError(
            f"{path}: /{shortest} has {rows[shortest]} rows and /{longest} has {rows[longest]}, "
            "expected one number of rows in all"
        )
    return rows[shortest]

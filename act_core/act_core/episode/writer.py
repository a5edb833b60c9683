# SPDX-License-Identifier: Apache-2.0
"""Writes one episode, row by row, into an HDF5 file of the original ALOHA layout."""

import os
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from act_core.episode.durable import settle
from act_core.episode.find_episodes import PARTIAL_SUFFIX, claim_episode
from act_core.episode.frame_counts import FrameCounts
from act_core.episode.image_rows import RAW, ImageCodec, ImageRows, check_size, create_lengths
from act_core.episode.meta import EpisodeMeta, Verdict
from act_core.errors import EpisodeError, ImageError
from act_core.observation import Observation, RawObservation

# HDF5 1.14 crashes the process when the disk fills up in the midst of a write, so a row is only
# begun while there is room for it, for the file's metadata and for the rest of the system.
FREE_BYTES = 64 * 2**20
SOURCE_BYTES = 24
JOINT_DATASETS = ("qpos", "qvel", "effort")


def check_folder(directory: Path) -> None:
    """Check that an episode can be begun in `directory`, which is made if absent.

    Raises:
        EpisodeError: it cannot be made or written to, or the disk is nearly full.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=directory):
            _check_room(directory, str(directory))
    except OSError as error:
        raise EpisodeError(f"dataset folder {directory} cannot be written to: {error}") from error


class EpisodeWriter:
    """An episode being recorded as `episode_{i}.hdf5.partial`, renamed when it is whole.

    Rows are flushed as they come, so that a killed process leaves a readable file; memory does
    not grow with the length. Layout: docs/reference/episode_format.md.

    It claims an index in its folder (made if absent).

    Args:
        directory: the dataset's folder.
        meta: what the file says of itself; what is known at the end is set on finish.
        image_shapes: camera → (height, width) in pixels.
        codec: how images are stored.
        index: number of the episode, which has to be free; None for the first that is.

    Raises:
        EpisodeError: the folder or file cannot be created.
    """

    def __init__(
        self,
        directory: Path,
        meta: EpisodeMeta,
        image_shapes: dict[str, tuple[int, int]],
        codec: ImageCodec = RAW,
        *,
        index: int | None = None,
    ) -> None:
        self._meta = meta
        self._shapes, self._codec = image_shapes, codec if image_shapes else RAW
        self.num_frames = 0
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self.path = claim_episode(directory, index)
            self._file = h5py.File(self.partial_path, "w", rdcc_nbytes=2**21)
            self._create(self._file)
            self._file.flush()
        except OSError as error:
            raise EpisodeError(f"cannot create an episode in {directory}: {error}") from error

    @property
    def partial_path(self) -> Path:
        """Where the rows are until `finish`."""
        return self.path.with_name(self.path.name + PARTIAL_SUFFIX)

    def append(
        self,
        obs: Observation | RawObservation,
        action: NDArray[np.float64],
        action_stamp_ns: int,
        *,
        time_ns: int | None = None,
        source: str = "",
    ) -> None:
        """Add one row: the observation before the action, and the action.

        Args:
            obs: the observation; its images are pixels (H, W, 3) uint8, RGB, or JpegImage.
            action: (D,) commanded vector; rad, grippers 0 closed … 1 open.
            action_stamp_ns: stamp of the command.
            time_ns: control tick of the row; None for the observation's stamp.
            source: who commanded: policy, teleop, …; SOURCE_BYTES of it are kept.

        Raises:
            EpisodeError: an image has another size or cannot be decoded, the disk is nearly full,
                or the file system refused.
        """
        for camera, size_px in self._shapes.items():
            check_size(camera, obs.images[camera].shape, size_px)
        _check_room(self.path.parent, f"{self.partial_path}: row {self.num_frames}")
        row = _values(obs, time_ns)
        row |= {"action": action, "stamps/action": action_stamp_ns, "source": source.encode()}
        try:
            for camera, rows in self._images.items():
                rows.append(self.num_frames, obs.images[camera])
            for name, column in self._columns.items():
                column.append(self.num_frames, row[name])
            self._file.flush()
        except (OSError, RuntimeError, ImageError) as error:  # h5py raises either of the two
            raise EpisodeError(f"{self.partial_path}: row {self.num_frames}: {error}") from error
        self.num_frames += 1

    def finish(
        self,
        *,
        verdict: Verdict | None = None,
        frames: Mapping[str, FrameCounts] | None = None,
        **known: Any,
    ) -> Path:
        """Complete the description, sync, rename to the final name and return it.

        Args:
            verdict: success, failure or ""; None leaves that of `meta`.
            frames: camera → what became of its frames.
            known: other fields of EpisodeMeta, known now.
        """
        if verdict is not None:
            known["verdict"] = verdict
        self._meta = replace(self._meta, **known, complete=True)
        try:
            self._file["meta"].attrs.update(self._meta.to_attributes())
            for camera, counts in (frames or {}).items():
                self._file[f"observations/images/{camera}"].attrs.update(asdict(counts))
            self._file.close()
            settle(self.partial_path, self.path)
        except (OSError, RuntimeError) as error:
            raise EpisodeError(f"{self.partial_path}: {error}") from error
        return self.path

    def keep_partial(self) -> Path:
        """Close without claiming completeness; the rows stay in the .partial file."""
        self._file.close()
        return self.partial_path

    def discard(self) -> None:
        """Close and delete."""
        self._file.close()
        self.partial_path.unlink(missing_ok=True)

    def _create(self, file: h5py.File) -> None:
        dim = len(self._meta.joint_names)
        # Attributes and dataset names that the original loader reads (tonyzhaozh/act utils.py).
        file.attrs["sim"] = self._meta.sim
        file.attrs["compress"] = self._codec.is_jpeg
        columns = [_Column(file, f"observations/{name}", (dim,), np.float32)
                   for name in JOINT_DATASETS]  # fmt: skip
        columns += [
            _Column(file, "action", (dim,), np.float32),
            _Column(file, "source", (), np.dtype(f"S{SOURCE_BYTES}")),
        ]
        stamped = ["joint_states", "action", "row", *(f"images/{c}" for c in self._shapes)]
        columns += [_Column(file, f"stamps/{name}", (), np.int64) for name in stamped]
        self._columns = {column.name: column for column in columns}
        file.create_group("observations/images")  # there even when the robot has no camera
        if self._codec.is_jpeg:
            create_lengths(file, list(self._shapes))
        self._images: dict[str, ImageRows] = {}
        for camera, size_px in self._shapes.items():
            self._images[camera] = self._codec.rows(file, camera, size_px)
        file.create_group("meta").attrs.update(self._meta.to_attributes())


def _check_room(directory: Path, where: str) -> None:
    disk = os.statvfs(directory)
    free = disk.f_bavail * disk.f_frsize
    if free < FREE_BYTES:
        raise EpisodeError(
            f"{where}: the disk has {free / 2**20:.0f} MiB left, expected at least "
            f"{FREE_BYTES / 2**20:.0f}; make room or use another folder"
        )


def _values(obs: Observation | RawObservation, time_ns: int | None) -> dict[str, ArrayLike]:
    """Return what an observation is in the columns."""
    return {
        "observations/qpos": obs.joints.positions,
        "observations/qvel": obs.joints.velocities,
        "observations/effort": obs.joints.efforts,
        "stamps/joint_states": obs.stamp_ns,
        "stamps/row": obs.stamp_ns if time_ns is None else time_ns,
        **{f"stamps/images/{camera}": ns for camera, ns in obs.image_stamps_ns.items()},
    }


class _Column:
    """A growing dataset of one value or vector a row.

    Past h5py's indexing, which takes ten times as long and, at a dozen of these a row, as much as
    the images.
    """

    def __init__(
        self, file: h5py.File, name: str, shape: tuple[int, ...], dtype: DTypeLike
    ) -> None:
        self.name, self._shape = name, shape
        # Chunks of some pages, not of one row.
        self._dataset = file.create_dataset(
            name, (0, *shape), dtype=dtype, maxshape=(None, *shape), chunks=(256, *shape)
        ).id
        self._row = np.zeros((1, *shape), dtype)
        self._row_space = h5py.h5s.create_simple(self._row.shape)

    def append(self, index: int, value: ArrayLike) -> None:
        """Write row `index`, the next one."""
        self._row[0] = value
        self._dataset.set_extent((index + 1, *self._shape))
        where = self._dataset.get_space()
        where.select_hyperslab((index, *(0 for _ in self._shape)), self._row.shape)
        self._dataset.write(self._row_space, where, self._row)

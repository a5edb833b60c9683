# SPDX-License-Identifier: Apache-2.0
"""Reads episodes in HDF5: ours, and those of ALOHA, ACT, act-plus-plus and mobile ALOHA."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from act_core.episode.find_episodes import episode_index, find_episodes
from act_core.episode.original_file import FOREIGN_VERSION
from act_core.episode.reader import EpisodeReader
from act_core.episode.stored_rows import other_images
from act_core.errors import EpisodeError
from act_core.observation import JointSample, RawObservation
from act_recorder.dataset.formats.source import ReadOptions, Source, SourceEpisode
from act_recorder.dataset.selection import pick
from act_recorder.rows.row_matcher import Row

_OURS = ("action", "compress_len", "meta", "observations", "source", "stamps")
_BASE = {"action": "base_action", "observations/qpos": "base_state"}
_OBSERVATIONS = ("effort", "images", "qpos", "qvel")


def read(path: Path, options: ReadOptions) -> Source:
    """Return the episodes of a folder, or of one file.

    Raises:
        EpisodeError: a file is damaged, or needs --robot.
    """
    if options.degrees:
        raise EpisodeError("--degrees: episodes in HDF5 have rad; it is for LeRobot's")
    paths = [path] if path.is_file() else find_episodes(path)
    if options.episodes:
        paths = pick(paths, options.episodes, path)
    lost: dict[str, None] = {}  # in order, once each
    notes: dict[str, None] = {}
    episodes = [_describe(each, options, lost, notes) for each in paths]
    return Source(tuple(episodes), tuple(lost), tuple(notes))


def _describe(
    path: Path, options: ReadOptions, lost: dict[str, None], notes: dict[str, None]
) -> SourceEpisode:
    with EpisodeReader(path, options.robot, with_base=options.with_base) as reader:
        meta, cameras = reader.meta, reader.cameras
        shapes = {camera: reader.image_shape(camera) for camera in cameras}
        counts = {camera: reader.frame_counts(camera) for camera in cameras}
        num_rows, is_jpeg = reader.num_frames, reader.is_jpeg
    if meta.format_version == FOREIGN_VERSION:
        notes[f"no description in the files: joints, order and units are those of robot "
              f"'{meta.robot.name}', stamps are counted in its periods"] = None  # fmt: skip
    if not meta.origin or meta.format_version == FOREIGN_VERSION:
        meta = replace(meta, origin=f"converted from {path.resolve()}")
    extras, others = _beside(path, cameras, num_rows, len(meta.joint_names))
    lost |= dict.fromkeys(others)
    notes |= {f"/{name} is kept as it is; training does not read it": None for name in extras}
    if options.task and not meta.task:
        meta = replace(meta, task=options.task)
    return SourceEpisode(
        str(path), episode_index(path), meta, shapes, num_rows,
        partial(_rows, path, options), is_jpeg,
        {c: n for c, n in counts.items() if n is not None}, extras,
    )  # fmt: skip


def _beside(
    path: Path, cameras: Sequence[str], num_rows: int, dim: int
) -> tuple[dict[str, NDArray[Any]], list[str]]:
    """Return what a file has beside an episode: what can be kept, and the names of the rest."""
    extras: dict[str, NDArray[Any]] = {}
    with h5py.File(path, "r") as file:
        lost = [f"/observations/images/{name}" for name in other_images(file, cameras)]
        names = [name for name in file if name not in _OURS]
        names += [f"observations/{n}" for n in file["observations"] if n not in _OBSERVATIONS]
        for name in names:
            item = file[name]
            # A few numbers a row, as the base of mobile ALOHA; images would be many.
            if isinstance(item, h5py.Dataset) and _is_small(item, num_rows):
                extras[name] = np.asarray(item)
            else:
                lost.append(f"/{name}")
        for name, kept in _BASE.items():
            if file[name].shape[1] > dim:  # the reader has taken them for a base's
                extras[kept] = np.asarray(file[name][:, dim:], np.float32)
    return extras, lost


def _is_small(item: h5py.Dataset, num_rows: int) -> bool:
    numbers = np.issubdtype(item.dtype, np.number)
    few = item.ndim == 1 or (item.ndim == 2 and item.shape[1] <= 64)  # noqa: PLR2004 - numbers a row
    return bool(numbers and few and item.shape[0] == num_rows)


def _rows(path: Path, options: ReadOptions) -> Iterator[Row]:
    with EpisodeReader(path, options.robot, with_base=options.with_base) as reader:
        stamps = {camera: reader.image_stamps_ns(camera) for camera in reader.cameras}
        for i in range(reader.num_frames):
            joints = JointSample(
                int(reader.stamps_ns[i]), reader.positions[i], reader.velocities[i],
                reader.efforts[i],
            )  # fmt: skip
            images = {camera: reader.stored_image(camera, i) for camera in reader.cameras}
            image_stamps = {camera: int(stamps[camera][i]) for camera in reader.cameras}
            yield Row(
                RawObservation(joints, images, image_stamps), reader.actions[i],
                int(reader.action_stamps_ns[i]), int(reader.row_stamps_ns[i]), reader.sources[i],
            )  # fmt: skip

# SPDX-License-Identifier: Apache-2.0
"""Reads LeRobot datasets: v3, and v2 with a file an episode."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from act_core.episode.frame_counts import FrameCounts
from act_core.episode.jpeg import decode
from act_core.episode.meta import EpisodeMeta, Verdict
from act_core.errors import EpisodeError, ImageError
from act_core.observation import JointSample, RawObservation
from act_core.robot.robot_file import parse_robot
from act_core.robot.robot_spec import RobotSpec
from act_recorder.dataset.formats.lerobot import features, layout
from act_recorder.dataset.formats.lerobot.episodes import (
    StoredEpisode,
    check_files,
    rows,
    stored_episodes,
)
from act_recorder.dataset.formats.lerobot.features import Camera
from act_recorder.dataset.formats.lerobot.layout import Info
from act_recorder.dataset.formats.lerobot.units import check_units, to_ours
from act_recorder.dataset.formats.source import ReadOptions, Source, SourceEpisode
from act_recorder.dataset.formats.video import VideoFrames
from act_recorder.dataset.selection import chosen_numbers
from act_recorder.rows.row_matcher import Row


@dataclass(frozen=True)
class Layout:
    """What is where in one dataset.

    Attributes:
        info: its description.
        robot: whose it is.
        order: feature → (D,) where the robot's columns are in it.
        cameras: that it has.
        stamps: columns with stamps of ours.
        degrees: whether joints are degrees.
    """

    info: Info
    robot: RobotSpec
    order: Mapping[str, NDArray[np.intp]]
    cameras: tuple[Camera, ...]
    stamps: frozenset[str]
    degrees: bool


def read(path: Path, options: ReadOptions) -> Source:
    """Return the episodes of a dataset.

    Raises:
        EpisodeError: it is damaged, lacks a file, needs --robot, or is of another robot.
    """
    if options.with_base:
        raise EpisodeError("--base: LeRobot's columns have names, and are chosen by them")
    info = layout.load_info(path)
    robot = options.robot or _own_robot(info)
    joints = [layout.STATE, layout.ACTION]
    joints += [key for key in (layout.VELOCITY, layout.EFFORT) if key in info.features]
    order, notes = {}, [f"LeRobot {info.version}, robot '{robot.name}'"]
    for key in joints:
        order[key], note = features.column_order(info, key, robot)
        notes += [note] if note else []
    if not check_units(info, order, robot, degrees=options.degrees):
        notes.append("no statistics: nothing tells whether joints are rad")
    stamps = frozenset(n for n in info.features if n.startswith("act.") and "stamp_ns" in n)
    found = Layout(
        info, robot, order, tuple(features.cameras(info)), stamps, options.degrees
    )  # fmt: skip
    episodes = stored_episodes(info, found.cameras)
    if options.episodes:
        numbers = chosen_numbers(options.episodes, [each.index for each in episodes], path)
        episodes = [each for each in episodes if each.index in numbers]
    check_files(episodes)
    if info.rate_hz != robot.rate_hz:
        notes.append(f"rate is {info.rate_hz:g} Hz, robot '{robot.name}' has {robot.rate_hz:g}")
    if not stamps:
        notes.append(f"stamps are counted in periods of {info.rate_hz:g} Hz")
    sources = tuple(_described(found, each, options) for each in episodes)
    lost = [f"feature {key}" for key in features.unread(info)]
    return Source(sources, tuple(lost), tuple(notes))


def _own_robot(info: Info) -> RobotSpec:
    path = info.root / layout.ROBOT
    if not path.is_file():
        raise EpisodeError(
            f"{info.root}: LeRobot datasets do not say which robot file theirs is; name it by "
            "--robot"
        )
    return parse_robot(path.read_text(encoding="utf-8"), str(path))


def _described(found: Layout, stored: StoredEpisode, options: ReadOptions) -> SourceEpisode:
    meta, counts = _meta(found, stored, options)
    shapes = {camera.name: camera.size_px for camera in found.cameras}
    return SourceEpisode(
        f"{found.info.root}, episode {stored.index}", stored.index, meta, shapes, stored.num_rows,
        partial(_rows, found, stored), frames=counts,
    )  # fmt: skip


def _meta(
    found: Layout, stored: StoredEpisode, options: ReadOptions
) -> tuple[EpisodeMeta, dict[str, FrameCounts]]:
    known = {field.name for field in fields(EpisodeMeta)}
    here = f"LeRobot {found.info.version} dataset {found.info.root.resolve()}, {stored.index}"
    try:
        details = json.loads(stored.more.get(layout.DETAILS) or "{}")
        frames = details.pop("frames", {})
        more = {name: value for name, value in details.items() if name in known}
        more["labels"] = tuple(stored.more.get(layout.LABELS) or ())
        more["verdict"] = _verdict(found, stored)
        more["origin"] = f"{more['origin']}; {here}" if more.get("origin") else here
        more["task"] = stored.task or options.task
        rate_hz = float(more.pop("rate_hz", found.info.rate_hz))
        meta = EpisodeMeta.for_robot(found.robot, **{"sim": False, **more})
        return (
            replace(meta, rate_hz=rate_hz),
            {camera: FrameCounts(**counts) for camera, counts in frames.items()},
        )
    except (TypeError, ValueError) as error:
        raise EpisodeError(f"{here}: {layout.DETAILS}: {error}") from error


def _verdict(found: Layout, stored: StoredEpisode) -> Verdict:
    if layout.VERDICT in stored.more:
        verdict: Verdict = stored.more[layout.VERDICT] or ""
        return verdict
    if layout.SUCCESS not in found.info.features:
        return ""
    # Any row: some set it from the moment on at which the task is done, some on the last row.
    success = False
    for part in rows(stored, [layout.SUCCESS]):
        success |= bool(np.any(_numbers(part, layout.SUCCESS)))
    return "success" if success else "failure"


def _rows(found: Layout, stored: StoredEpisode) -> Iterator[Row]:
    images = [camera.key for camera in found.cameras if not camera.is_video]
    columns = [*found.order, *found.stamps, *images, "timestamp"]
    columns += [layout.SOURCE] if layout.SOURCE in found.info.features else []
    half_s = 0.5 / found.info.rate_hz
    index = 0
    with ExitStack() as stack:
        videos = {
            key: (stack.enter_context(VideoFrames(path, start_s, half_s)), start_s)
            for key, (path, start_s) in stored.videos.items()
        }
        for batch in rows(stored, columns):
            table = _Batch(found, batch, stored, index)
            times_s = _numbers(batch, "timestamp")
            for i in range(batch.num_rows):
                seen = {
                    camera.name: _video_image(videos[camera.key], float(times_s[i]), camera)
                    if camera.is_video
                    else table.image(camera, i)
                    for camera in found.cameras
                }
                yield table.row(i, seen)
            index += batch.num_rows


def _video_image(
    video: tuple[VideoFrames, float], time_s: float, camera: Camera
) -> NDArray[np.uint8]:
    frames, start_s = video
    image = frames.at(start_s + time_s)
    if image.shape[:2] != camera.size_px:
        raise EpisodeError(
            f"{camera.key}: got an image of {image.shape[:2]}, info.json says {camera.size_px}"
        )
    return image


class _Batch:
    """Some rows of a table, as arrays."""

    def __init__(
        self, found: Layout, batch: pa.RecordBatch, stored: StoredEpisode, first: int
    ) -> None:
        self._found, self._batch, self._stored, self._first = found, batch, stored, first
        values = {key: _numbers(batch, key)[:, order] for key, order in found.order.items()}
        if found.degrees:
            values = {key: to_ours(value, found.robot) for key, value in values.items()}
        unknown = np.full((batch.num_rows, found.robot.dim), np.nan, np.float32)
        self._state, self._action = values[layout.STATE], values[layout.ACTION]
        self._velocity = values.get(layout.VELOCITY, unknown)
        self._effort = values.get(layout.EFFORT, unknown)
        self._stamps = {name: _numbers(batch, name) for name in found.stamps}
        self._sources = (
            batch[layout.SOURCE].to_pylist() if layout.SOURCE in batch.schema.names else None
        )

    def row(self, i: int, images: Mapping[str, Any]) -> Row:
        """Return row `i` of these."""
        stamp_ns = self._stamp(layout.JOINT_STAMP, i)
        joints = JointSample(stamp_ns, self._state[i], self._velocity[i], self._effort[i])
        stamps = {camera: self._camera_stamp(camera, i) for camera in images}
        return Row(
            RawObservation(joints, images, stamps), self._action[i],
            self._stamp(layout.ACTION_STAMP, i), self._stamp(layout.ROW_STAMP, i),
            self._sources[i] if self._sources else "",
        )  # fmt: skip

    def image(self, camera: Camera, i: int) -> NDArray[np.uint8]:
        """Return an image that is in the table."""
        where = f"{self._stored.table}: {camera.key}, row {self._first + i}"
        item = self._batch[camera.key][i].as_py() or {}
        try:
            return decode(item.get("bytes") or b"", "bgr", where)
        except ImageError as error:
            raise EpisodeError(str(error)) from error

    def _camera_stamp(self, camera: str, i: int) -> int:
        if layout.CAMERA_STAMPS not in self._stamps:
            return self._stamp(layout.CAMERA_STAMPS, i)
        names = self._found.info.features[layout.CAMERA_STAMPS]["names"]
        stamps = self._stamps[layout.CAMERA_STAMPS].reshape(-1, len(names))
        return int(stamps[i, names.index(camera)])

    def _stamp(self, name: str, i: int) -> int:
        if name in self._stamps:
            return int(self._stamps[name][i])
        return round((self._first + i) * 1e9 / self._found.info.rate_hz)


def _numbers(batch: pa.RecordBatch, name: str) -> NDArray[Any]:
    """Return a column as (T,), or (T, D) where it holds lists."""
    column = batch[name]
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_nested(column.type):
        return np.asarray(column.flatten()).reshape(len(column), -1)
    return np.asarray(column.to_numpy(zero_copy_only=False))

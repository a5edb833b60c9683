# SPDX-License-Identifier: Apache-2.0
"""Reads recordings of `ros2 bag`: one is one episode."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from tqdm import tqdm

from act_core.episode.find_episodes import episode_index
from act_core.episode.meta import EpisodeMeta
from act_core.errors import EpisodeError
from act_core.images.camera_image import to_stored
from act_core.images.pixels import CompressedPixels
from act_core.robot.robot_spec import RobotSpec
from act_core.ros.messages.images import pixels_checker, pixels_of
from act_recorder.dataset.formats.rosbag.bag import Bag, find_bags
from act_recorder.dataset.formats.rosbag.bag_rows import BagRows, Messages, RowRules
from act_recorder.dataset.formats.rosbag.bag_topics import BagTopics, choose_topics
from act_recorder.dataset.formats.rosbag.episode_bag import (
    EpisodeDescription,
    described_rows,
    description_of,
)
from act_recorder.dataset.formats.source import ReadOptions, Source, SourceEpisode
from act_recorder.dataset.selection import pick
from act_recorder.rows import row_matcher as recorder
from act_recorder.rows.row_matcher import Row


def read(path: Path, options: ReadOptions) -> Source:
    """Return the episodes of one recording, or of the recordings in a folder.

    Each is looked through once, without decoding an image, so that what would keep it from being
    an episode is told before anything is written.

    Raises:
        EpisodeError: a recording cannot be read, lacks topics, or makes no row.
    """
    if options.degrees or options.with_base:
        word = "--degrees" if options.degrees else "--base"
        raise EpisodeError(f"{word}: a recording's joints have names and are in rad")
    notes: dict[str, None] = {}
    paths = dict(enumerate(find_bags(path)))
    if options.episodes:
        numbered = [Path(f"episode_{i}.hdf5") for i in paths]
        paths = {i: paths[i] for i in map(episode_index, pick(numbered, options.episodes, path))}
    episodes = [_episode(i, each, options, notes) for i, each in paths.items()]
    return Source(tuple(episodes), notes=tuple(notes))


def _episode(
    index: int, path: Path, options: ReadOptions, notes: dict[str, None]
) -> SourceEpisode:
    with Bag(path) as bag:
        described = description_of(bag)
        if described is not None:
            return _as_described(index, path, described, options.task)
        robot = options.robot
        if robot is None:
            raise EpisodeError(
                f"{path}: a recording does not say which robot it is of; name it (--robot)"
            )
        topics = choose_topics(bag.topics, robot, str(path), from_leader=options.from_leader)
        rules = RowRules(max_gap_s=options.max_gap_s)
        seen = BagRows(robot, topics, rules, pixels_checker(robot))
        try:
            rows = seen.rows(_with_progress(bag, topics))
            is_jpeg = all(_comes_as_jpeg(next(rows), robot))
            num_rows = 1 + sum(1 for _ in rows)
        except EpisodeError as error:
            raise EpisodeError(f"{path}: {error}") from error
    notes |= dict.fromkeys(_notes(topics, robot))
    if seen.skipped_ticks:
        notes[f"{path}: {seen.skipped_ticks} ticks have no row, most of them since "
              f"{seen.skipped_reason}"] = None  # fmt: skip
    meta = EpisodeMeta.for_robot(
        robot, sim=seen.simulated, task=options.task, complete=True,
        origin=f"recording {path.resolve()}", skipped_ticks=seen.skipped_ticks,
        skipped_reason=seen.skipped_reason,
    )  # fmt: skip
    return SourceEpisode(
        str(path), index, meta, {c.name: (c.height_px, c.width_px) for c in robot.cameras},
        num_rows, partial(_rows, path, robot, topics, rules, num_rows),
        is_jpeg, seen.frames.counts(),
    )  # fmt: skip


def _as_described(
    index: int, path: Path, described: EpisodeDescription, task: str
) -> SourceEpisode:
    cameras, meta = described.cameras, described.meta
    return SourceEpisode(
        str(path), index, meta if meta.task else replace(meta, task=task),
        {name: (c.height_px, c.width_px) for name, c in cameras.items()}, described.num_rows,
        partial(_described_rows, path, described),
        is_jpeg=bool(cameras) and all(c.is_jpeg for c in cameras.values()),
        frames={name: c.frames for name, c in cameras.items() if c.frames is not None},
    )  # fmt: skip


def _described_rows(path: Path, described: EpisodeDescription) -> Iterator[Row]:
    with Bag(path) as bag:
        yield from described_rows(bag, described)


def _rows(
    path: Path, robot: RobotSpec, topics: BagTopics, rules: RowRules, num_rows: int
) -> Iterator[Row]:
    def decode(camera: str, message: object) -> object:
        return to_stored(pixels_of(message), robot.camera(camera), keep_jpeg=True)

    with Bag(path) as bag:
        count = 0
        for row in BagRows(robot, topics, rules, decode).rows(bag.messages(topics.all)):
            count += 1
            yield Row(row.observation, row.action, row.action_stamp_ns, row.time_ns, row.source)
    if count != num_rows:  # an image whose middle is damaged: only decoding shows that
        raise EpisodeError(f"{path}: damaged images leave {count} of {num_rows} rows")


def _with_progress(bag: Bag, topics: BagTopics) -> Messages:
    total = sum(bag.topics[name].count for name in topics.all)
    return tqdm(
        bag.messages(topics.all), total=total, unit=" messages", file=sys.stderr, disable=None,
        desc=f"looking through {bag.path.name}",
    )  # fmt: skip


def _comes_as_jpeg(row: recorder.Row, robot: RobotSpec) -> Iterator[bool]:
    """Tell of each camera whether its image can be stored as it came."""
    for name, pixels in row.observation.images.items():
        camera = robot.camera(name)
        same_size = camera.source_size_px == (camera.height_px, camera.width_px)
        yield isinstance(pixels, CompressedPixels) and pixels.is_jpeg and same_size


def _notes(topics: BagTopics, robot: RobotSpec) -> list[str]:
    """Return what was decided about all recordings with these topics."""
    notes = []
    for which, name in ((topics.states, "joint states"), (topics.actions, "actions")):
        joined = ", joined as the arm bridge does" if which.parts else ""
        limited = " of the leaders, within the follower's limits" if (
            topics.from_leader and which is topics.actions
        ) else ""  # fmt: skip
        notes.append(f"{name}{limited}: {', '.join(which.names)}{joined}")
    if robot.cameras:
        images = ", ".join(f"{camera} from {topic}" for topic, camera in topics.images.items())
        notes.append(f"cameras: {images}")
    return notes

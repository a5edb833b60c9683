# SPDX-License-Identifier: Apache-2.0
"""Writes LeRobot datasets, v3."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from act_core.episode.jpeg import JpegImage
from act_recorder.dataset.formats.lerobot import layout, tables
from act_recorder.dataset.formats.lerobot.plan import Plan, plan
from act_recorder.dataset.formats.lerobot.statistics import (
    ImageStatistics,
    Statistics,
    merged,
    of_values,
    sampled,
)
from act_recorder.dataset.formats.lerobot.tables import FileNumber
from act_recorder.dataset.formats.source import Source, SourceEpisode, WriteOptions
from act_recorder.dataset.formats.video import VideoWriter
from act_recorder.rows.row_matcher import Row

_TEXTS = (layout.SOURCE,)


def check(source: Source, options: WriteOptions) -> tuple[str, ...]:
    """Return what LeRobot has no place for.

    Raises:
        EpisodeError: the episodes do not fit into one dataset.
    """
    return plan(source, options).lost


def write(
    source: Source, folder: Path, options: WriteOptions, progress: Callable[[], object]
) -> None:
    """Write all episodes into `folder`; raises EpisodeError."""
    with DatasetWriter(folder, plan(source, options)) as dataset:
        for episode in source.episodes:
            dataset.add(episode, progress)
        dataset.finish()


class DatasetWriter:
    """A dataset being written: one episode at a time in memory, without its images.

    Args:
        folder: empty.
        plan: what all episodes share.
    """

    def __init__(self, folder: Path, plan: Plan) -> None:
        self._folder, self._plan = folder, plan
        self._table = tables.Table(folder, plan)
        self._videos = {
            key: _Videos(folder, key, plan.image_shapes[key.removeprefix(layout.IMAGES)], plan)
            for key in plan.videos
        }
        self._tasks: dict[str, int] = {}
        self._episodes: list[dict[str, Any]] = []
        self._statistics: list[dict[str, Statistics]] = []

    def __enter__(self) -> "DatasetWriter":
        """Return self."""
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all files."""
        with ExitStack() as stack:
            stack.callback(self._table.close)
            for videos in self._videos.values():
                stack.callback(videos.close)

    def add(self, episode: SourceEpisode, progress: Callable[[], object]) -> None:
        """Write one episode; raises EpisodeError."""
        begun = {key: videos.begin() for key, videos in self._videos.items()}
        columns: dict[str, list[Any]] = {key: [] for key in self._plan.table}
        images = {key: ImageStatistics() for key in self._videos}
        chosen = sampled(episode.num_rows) if episode.num_rows else None
        for index, row in enumerate(episode.rows()):
            _add_row(columns, row, self._plan)
            for key, videos in self._videos.items():
                image = row.observation.images[key.removeprefix(layout.IMAGES)]
                pixels = image.to_rgb(episode.name) if isinstance(image, JpegImage) else image
                videos.append(pixels)
                if chosen is None or index in chosen:
                    images[key].add(pixels)
            progress()
        values = self._completed(columns, episode)
        length = len(values["index"])
        found = {k: of_values(v) for k, v in values.items() if k not in _TEXTS}
        found |= {key: each.result() for key, each in images.items()}
        self._statistics.append(found)
        place = self._table.add(values)
        item = self._described(episode, length, place, begun)
        self._episodes.append(item | tables.flat_statistics(found))

    def finish(self) -> None:
        """Write what is said about the whole."""
        total = self._table.num_rows
        features = self._plan.videos | self._plan.table
        info = tables.info(self._plan, features, len(self._episodes), total, len(self._tasks))
        tables.write_json(self._folder / layout.INFO, info)
        statistics = merged(self._statistics)
        plain = {k: {n: v.tolist() for n, v in s.items()} for k, s in statistics.items()}
        tables.write_json(self._folder / layout.STATISTICS, plain)
        tables.write_tasks(self._folder / layout.TASKS, self._tasks)
        path = self._folder / layout.EPISODES.format(chunk_index=0, file_index=0)
        path.parent.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(self._episodes), path)
        robot = self._folder / layout.ROBOT
        robot.write_text(self._plan.robot.yaml_text, encoding="utf-8")

    def _completed(
        self, columns: Mapping[str, list[Any]], episode: SourceEpisode
    ) -> dict[str, NDArray[Any]]:
        """Return an episode's columns, with those that count and judge."""
        length = len(columns[layout.STATE])
        counted = np.arange(length, dtype=np.int64)
        task = self._tasks.setdefault(episode.meta.task, len(self._tasks))
        done = counted == length - 1
        more = {
            layout.DONE: done,
            "timestamp": (counted / self._plan.rate_hz).astype(np.float32),
            "frame_index": counted,
            "episode_index": np.full(length, len(self._episodes), np.int64),
            "index": counted + self._table.num_rows,
            "task_index": np.full(length, task, np.int64),
        }
        if self._plan.judged:
            more[layout.SUCCESS] = done & episode.meta.success
        return {key: more[key] if key in more else np.asarray(columns[key]) for key in columns}

    def _described(
        self, episode: SourceEpisode, length: int, place: FileNumber,
        begun: Mapping[str, tuple[FileNumber, float]],
    ) -> dict[str, Any]:  # fmt: skip
        """Return the line of the episodes' table."""
        meta = episode.meta
        end = self._table.num_rows
        item: dict[str, Any] = {
            "episode_index": len(self._episodes), "tasks": [meta.task], "length": length,
            "data/chunk_index": place.chunk, "data/file_index": place.file,
            "dataset_from_index": end - length, "dataset_to_index": end,
            "meta/episodes/chunk_index": 0, "meta/episodes/file_index": 0,
        }  # fmt: skip
        for key, (number, start_s) in begun.items():
            item |= {
                f"videos/{key}/chunk_index": number.chunk, f"videos/{key}/file_index": number.file,
                f"videos/{key}/from_timestamp": start_s,
                f"videos/{key}/to_timestamp": start_s + length / self._plan.rate_hz,
            }  # fmt: skip
        details = tables.details(meta) | {
            "frames": {camera: asdict(counts) for camera, counts in episode.frames.items()}
        }
        item[layout.VERDICT], item[layout.LABELS] = meta.verdict, list(meta.labels)
        item[layout.DETAILS] = json.dumps(details)
        return item


def _add_row(columns: Mapping[str, list[Any]], row: Row, plan: Plan) -> None:
    joints = row.observation.joints
    vectors = {
        layout.STATE: joints.positions, layout.ACTION: row.action,
        layout.VELOCITY: joints.velocities, layout.EFFORT: joints.efforts,
    }  # fmt: skip
    for key in plan.joints:
        columns[key].append(np.asarray(vectors[key], np.float32))
    columns[layout.ROW_STAMP].append(row.time_ns)
    columns[layout.JOINT_STAMP].append(joints.stamp_ns)
    columns[layout.ACTION_STAMP].append(row.action_stamp_ns)
    if plan.image_shapes:
        stamps = [row.observation.image_stamps_ns[camera] for camera in plan.image_shapes]
        columns[layout.CAMERA_STAMPS].append(stamps)
    columns[layout.SOURCE].append(row.source)


class _Videos:
    """The files of one camera: the next is begun where one is large, between episodes."""

    def __init__(self, folder: Path, key: str, size_px: tuple[int, int], plan: Plan) -> None:
        self._folder, self._key, self._size_px, self._plan = folder, key, size_px, plan
        self._numbers: Iterator[FileNumber] = tables.file_numbers()
        self._number = FileNumber(0, 0)
        self._file: VideoWriter | None = None

    def begin(self) -> tuple[FileNumber, float]:
        """Return the file of the episode to come and when it begins there, s."""
        if self._file is not None and self._file.size_bytes > layout.VIDEO_FILE_MB * 2**20:
            self.close()
        if self._file is None:
            self._number = next(self._numbers)
            name = layout.VIDEO.format(
                video_key=self._key, chunk_index=self._number.chunk, file_index=self._number.file
            )
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = VideoWriter(path, self._size_px, self._plan.rate_hz)
        return self._number, self._file.num_frames / self._plan.rate_hz

    def append(self, image: NDArray[np.uint8]) -> None:
        """Add an image to the file that has begun."""
        assert self._file is not None, "begin() comes first"
        self._file.append(image)

    def close(self) -> None:
        """Complete the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

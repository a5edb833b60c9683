# SPDX-License-Identifier: Apache-2.0
"""The tables and JSON files of a LeRobot dataset that is written."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from act_core.episode.meta import EpisodeMeta
from act_recorder.dataset.formats.lerobot import layout
from act_recorder.dataset.formats.lerobot.plan import Plan
from act_recorder.dataset.formats.lerobot.statistics import Statistics

# Told in columns of their own, in the robot's file, or only known at the end of writing.
_ELSEWHERE = ("verdict", "labels", "task", "robot_yaml", "joint_names", "joint_units", "complete",
              "format_version", "color_order")  # fmt: skip
_TYPES = {"float32": pa.float32(), "int64": pa.int64(), "bool": pa.bool_(), "string": pa.string()}


class FileNumber(NamedTuple):
    """Which of the files of one kind: chunk-000/file-000."""

    chunk: int
    file: int


def file_numbers() -> Iterator[FileNumber]:
    """Give the numbers of files, one after another."""
    for number in count():
        yield FileNumber(*divmod(number, layout.FILES_PER_CHUNK))


class Table:
    """The rows of all episodes, an episode a row group.

    Attributes:
        num_rows: written so far.
    """

    def __init__(self, folder: Path, plan: Plan) -> None:
        self._folder = folder
        self._schema = pa.schema([_field(*item) for item in plan.table.items()])
        self._numbers = file_numbers()
        self._number = FileNumber(0, 0)
        self._file: pq.ParquetWriter | None = None
        self._num_bytes = 0
        self.num_rows = 0

    def add(self, columns: Mapping[str, NDArray[Any]]) -> FileNumber:
        """Write an episode: column → (T,) or (T, D); return its file."""
        if self._file is not None and self._num_bytes > layout.DATA_FILE_MB * 2**20:
            self.close()
        if self._file is None:
            self._number, self._num_bytes = next(self._numbers), 0
            name = layout.DATA.format(chunk_index=self._number.chunk, file_index=self._number.file)
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = pq.ParquetWriter(path, self._schema)
        arrays = [_array(columns[field.name], field.type) for field in self._schema]
        table = pa.table(arrays, schema=self._schema)
        self._file.write_table(table, row_group_size=max(1, table.num_rows))
        self._num_bytes += table.nbytes
        self.num_rows += table.num_rows
        return self._number

    def close(self) -> None:
        """Complete the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _field(name: str, feature: Mapping[str, Any]) -> pa.Field:
    kind, (size,) = _TYPES[feature["dtype"]], feature["shape"]
    return pa.field(name, kind if size == 1 else pa.list_(kind, size))


def _array(values: NDArray[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_fixed_size_list(kind):
        flat = pa.array(np.ascontiguousarray(values).ravel(), kind.value_type)
        return pa.FixedSizeListArray.from_arrays(flat, kind.list_size)
    return pa.array(values.reshape(-1), kind)


def info(
    plan: Plan, features: Mapping[str, Any], episodes: int, rows: int, tasks: int
) -> dict[str, Any]:
    """Return what meta/info.json says."""
    return {
        "codebase_version": layout.VERSION, "fps": plan.rate_hz, "features": dict(features),
        "total_episodes": episodes, "total_frames": rows, "total_tasks": tasks,
        "chunks_size": layout.FILES_PER_CHUNK, "data_files_size_in_mb": layout.DATA_FILE_MB,
        "video_files_size_in_mb": layout.VIDEO_FILE_MB, "data_path": layout.DATA,
        "video_path": layout.VIDEO if plan.image_shapes else None,
        "robot_type": plan.robot.name, "splits": {"train": f"0:{episodes}"},
    }  # fmt: skip


def details(meta: EpisodeMeta) -> dict[str, Any]:
    """Return what an episode says about itself that is told nowhere else in the dataset."""
    return {name: value for name, value in asdict(meta).items() if name not in _ELSEWHERE}


def flat_statistics(statistics: Mapping[str, Statistics]) -> dict[str, Any]:
    """Return an episode's statistics as columns stats/<feature>/<name>."""
    return {
        f"stats/{key}/{name}": value.tolist()
        for key, each in statistics.items()
        for name, value in each.items()
    }


def write_tasks(path: Path, tasks: Mapping[str, int]) -> None:
    """Write the tasks; LeRobot finds their words in what pandas calls the index."""
    table = pa.table({"task_index": pa.array(tasks.values(), pa.int64()), "task": list(tasks)})
    columns = [
        {"name": name, "field_name": name, "pandas_type": kind, "numpy_type": plain,
         "metadata": None}
        for name, kind, plain in (("task_index", "int64", "int64"), ("task", "unicode", "object"))
    ]  # fmt: skip
    known = {"index_columns": ["task"], "column_indexes": [], "columns": columns,
             "pandas_version": "2.0.0"}  # fmt: skip
    pq.write_table(table.replace_schema_metadata({"pandas": json.dumps(known)}), path)


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write a JSON object."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{json.dumps(data, indent=4)}\n", encoding="utf-8")

# SPDX-License-Identifier: Apache-2.0
"""Which episodes a LeRobot dataset has, and in which files they are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from act_core.errors import EpisodeError
from act_recorder.dataset.formats.lerobot import layout
from act_recorder.dataset.formats.lerobot.features import Camera
from act_recorder.dataset.formats.lerobot.layout import Info

_BATCH_ROWS = 64


@dataclass(frozen=True)
class StoredEpisode:
    """One episode.

    Attributes:
        index: its number.
        num_rows: T.
        task: the first of its tasks, in words.
        table: the file with its rows, and perhaps those of others.
        videos: feature → file and the time at which it begins there, s.
        more: what we have written about it: columns that begin with "act.".
    """

    index: int
    num_rows: int
    task: str
    table: Path
    videos: Mapping[str, tuple[Path, float]]
    more: Mapping[str, Any] = field(default_factory=dict)


def stored_episodes(info: Info, cameras: Sequence[Camera]) -> list[StoredEpisode]:
    """Return all episodes, by number.

    Raises:
        EpisodeError: a table is missing, damaged, or without a column.
    """
    keys = [camera.key for camera in cameras if camera.is_video]
    try:
        found = _of_v2(info, keys) if info.is_v2 else _of_v3(info, keys)
    except (KeyError, IndexError, TypeError) as error:
        raise EpisodeError(f"{info.root}/meta: the episodes' table lacks {error}") from error
    if not found:
        raise EpisodeError(f"{info.root} holds no episode")
    return sorted(found, key=lambda episode: episode.index)


def check_files(episodes: Sequence[StoredEpisode]) -> None:
    """Raise EpisodeError if a file is not there."""
    for episode in episodes:
        for path in (episode.table, *(path for path, _ in episode.videos.values())):
            if not path.is_file():
                raise EpisodeError(f"episode {episode.index}: {path} does not exist")


def rows(episode: StoredEpisode, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Give the rows of an episode, some at a time.

    Raises:
        EpisodeError: the table is damaged, lacks a column, or holds another number of rows.
    """
    num = 0
    with open_table(episode.table) as file:
        lacking = [name for name in columns if name not in file.schema_arrow.names]
        if lacking:
            raise EpisodeError(f"{episode.table}: no column {', '.join(lacking)}")
        names = [*columns, "episode_index"]
        try:
            for batch in file.iter_batches(_BATCH_ROWS, _groups(file, episode.index), names):
                mine = batch.filter(pc.equal(batch["episode_index"], episode.index))
                num += mine.num_rows
                if mine.num_rows:
                    yield mine
        except (pa.ArrowException, OSError) as error:
            raise EpisodeError(f"{episode.table}: {error}") from error
    if num != episode.num_rows:
        raise EpisodeError(
            f"{episode.table}: episode {episode.index} has {num} rows, meta says "
            f"{episode.num_rows}"
        )


def open_table(path: Path) -> pq.ParquetFile:
    """Open a table; raises EpisodeError."""
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise EpisodeError(f"{path}: cannot be read as a table: {error}") from error


def _groups(file: pq.ParquetFile, index: int) -> list[int]:
    """Return the row groups that may hold an episode: there is one a group, or all in one."""
    column = file.schema.names.index("episode_index") if _is_flat(file) else -1
    groups = []
    for group in range(file.num_row_groups):
        known = file.metadata.row_group(group).column(column).statistics if column >= 0 else None
        if known is None or not known.has_min_max or known.min <= index <= known.max:
            groups.append(group)
    return groups


def _is_flat(file: pq.ParquetFile) -> bool:
    """Whether columns on disk are those of the schema's leaves, one by one, by name."""
    return bool(file.schema.names.count("episode_index") == 1)


def _of_v3(info: Info, keys: Sequence[str]) -> list[StoredEpisode]:
    paths = sorted(info.root.glob("meta/episodes/*/*.parquet"))
    if not paths:
        raise EpisodeError(f"{info.root}: no meta/episodes/*/*.parquet; not a whole dataset")
    found = []
    for path in paths:
        with open_table(path) as file:
            names = [n for n in file.schema_arrow.names if not n.startswith("stats/")]
            for item in file.read(columns=names).to_pylist():
                found.append(_item_of_v3(info, keys, item))
    return found


def _item_of_v3(info: Info, keys: Sequence[str], item: Mapping[str, Any]) -> StoredEpisode:
    table = info.data_path.format(
        chunk_index=item["data/chunk_index"], file_index=item["data/file_index"]
    )
    videos = {}
    for key in keys:
        path = info.video_path.format(
            video_key=key, chunk_index=item[f"videos/{key}/chunk_index"],
            file_index=item[f"videos/{key}/file_index"],
        )  # fmt: skip
        videos[key] = info.root / path, float(item[f"videos/{key}/from_timestamp"])
    more = {name: value for name, value in item.items() if name.startswith("act.")}
    return StoredEpisode(
        int(item["episode_index"]), int(item["length"]), _first(item.get("tasks")),
        info.root / table, videos, more,
    )  # fmt: skip


def _of_v2(info: Info, keys: Sequence[str]) -> list[StoredEpisode]:
    found = []
    for item in layout.load_json_lines(info.root / "meta/episodes.jsonl"):
        index = int(item["episode_index"])
        where = {"episode_chunk": index // info.files_per_chunk, "episode_index": index}
        videos = {
            key: (info.root / info.video_path.format(video_key=key, **where), 0.0) for key in keys
        }
        table = info.root / info.data_path.format(**where)
        length, task = int(item["length"]), _first(item.get("tasks"))
        found.append(StoredEpisode(index, length, task, table, videos))
    return found


def _first(tasks: object) -> str:
    return str(tasks[0]) if isinstance(tasks, list) and tasks else ""

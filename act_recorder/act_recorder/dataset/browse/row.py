# SPDX-License-Identifier: Apache-2.0
"""A line of the page's table: what is known of one episode file."""

import fcntl
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from act_core.episode.find_episodes import PARTIAL_SUFFIX, episode_index
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_recorder.dataset.browse.defects import Defect

# What h5py and NumPy raise for a damaged file, beside what the reader says in words.
READING_FAULTS = (EpisodeError, OSError, RuntimeError, ValueError, KeyError, TypeError)

State = Literal["unread", "whole", "recording", "partial", "broken"]


@dataclass(frozen=True)
class Row:
    """What the page knows of one file.

    Attributes:
        key: what requests call it by; a path never comes from a request.
        index: number in its name.
        name: of the file.
        version: changes whenever the file does.
        size_bytes: of the file.
        modified_s: seconds since 1970.
        state: unread until its turn comes; recording: a recorder has it open; partial: nobody has
            finished it; broken: it cannot be read, see `fault`.
        num_frames: whole rows.
        duration_s: those rows at the episode's rate.
        is_ours: whether it has a description, into which verdict and labels can be written.
        fault: why it cannot be read.
        defects: findings; None until it was inspected.
        serial: number of the last change of this line.
    """

    key: int
    index: int
    name: str
    version: str
    size_bytes: int
    modified_s: float
    state: State = "unread"
    num_frames: int = 0
    duration_s: float = 0.0
    task: str = ""
    verdict: str = ""
    judge: str = ""
    labels: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    is_ours: bool = True
    fault: str = ""
    defects: tuple[Defect, ...] | None = None
    serial: int = 0


def unread_row(path: Path, key: int) -> Row:
    """Return what the folder alone says of a file; raises OSError where it is gone."""
    stat = path.stat()
    version = f"{stat.st_mtime_ns:x}-{stat.st_size:x}"
    return Row(key, episode_index(path), path.name, version, stat.st_size, stat.st_mtime)


def updated_row(row: Row, folder: Row) -> Row:
    """Return a row that was read, with what the folder says now; its findings are outdated."""
    return replace(
        row, version=folder.version, size_bytes=folder.size_bytes, modified_s=folder.modified_s,
        defects=None,
    )  # fmt: skip


def read_row(row: Row, reader: EpisodeReader) -> Row:
    """Return the row with what the file says of itself."""
    meta = reader.meta
    return replace(
        row,
        state="whole" if meta.complete else "partial",
        num_frames=reader.num_frames,
        duration_s=round(reader.num_frames / meta.rate_hz, 3),
        task=meta.task,
        verdict=meta.verdict,
        judge=meta.judge,
        labels=meta.labels,
        cameras=reader.cameras,
        is_ours=meta.format_version > 0,
        fault="",
    )


def broken_row(row: Row, path: Path, error: Exception) -> Row:
    """Return the row of a file that cannot be read."""
    return replace(row, state="broken", fault=str(error).removeprefix(f"{path}: "))


def is_being_recorded(path: Path) -> bool:
    """Whether a recorder has this .partial open: HDF5 locks what it writes."""
    if not path.name.endswith(PARTIAL_SUFFIX):
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    finally:
        os.close(descriptor)
    return False

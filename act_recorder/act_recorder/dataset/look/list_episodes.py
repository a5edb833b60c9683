# SPDX-License-Identifier: Apache-2.0
"""Verb `list`: one line an episode."""

import json
import math
import os
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import h5py

from act_core.episode.editing.edit_journal import settle
from act_core.episode.find_episodes import episode_index
from act_core.episode.meta import FORMAT_VERSION
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.robot.robot_spec import RobotSpec
from act_recorder.dataset.selection import chosen_episodes, named_robot, verb_line

_HEAD = ("episode", "rows", "s", "task", "verdict", "labels", "cameras", "MB", "")
_RIGHT = (0, 1, 2, 7)
# HDF5 takes a millisecond or two for the description of a file, and one thread at a time.
_WORTH_PROCESSES = 200


@dataclass(frozen=True)
class Line:
    """What `list` tells of an episode; `fault` alone where it cannot be read."""

    path: str
    index: int
    num_frames: int = 0
    duration_s: float = 0.0
    task: str = ""
    verdict: str = ""
    labels: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    size_bytes: int = 0
    fault: str = ""


def main(words: Sequence[str]) -> int:
    """Print a table, or JSON; return 1 if an episode cannot be read."""
    line = verb_line("list", "One line an episode.")
    line.add_argument("--json", action="store_true", help="a list of objects for programs")
    options = line.parse(words)
    robot = named_robot(options)
    lines = describe_all(chosen_episodes(options), robot)
    if options.json:
        json.dump([asdict(each) for each in lines], sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(table(lines))
    return int(any(each.fault for each in lines))


def describe_all(paths: Sequence[Path], robot: RobotSpec | None) -> list[Line]:
    """Return what there is to tell of each file; many are read by several processes."""
    one = partial(describe, robot=robot)
    cores = len(os.sched_getaffinity(0))
    if len(paths) < _WORTH_PROCESSES or cores == 1:
        return list(map(one, paths))
    # Forked, since a new interpreter would import for as long as the work takes.
    with ProcessPoolExecutor(cores, mp_context=get_context("fork")) as pool:
        return list(pool.map(one, paths, chunksize=50))


def describe(path: Path, robot: RobotSpec | None) -> Line:
    """Return what there is to tell of one file; a fault is told, not raised."""
    return describe_quickly(path) or describe_by_reader(path, robot)


def describe_by_reader(path: Path, robot: RobotSpec | None) -> Line:
    """Return the line of any file, and what is wrong with it."""
    index, size = episode_index(path), path.stat().st_size
    try:
        with EpisodeReader(path, robot) as reader:
            meta = reader.meta
            duration_s = reader.num_frames / meta.rate_hz
            return Line(
                str(path), index, reader.num_frames, round(duration_s, 2), meta.task, meta.verdict,
                meta.labels, reader.cameras, size,
            )  # fmt: skip
    except EpisodeError as error:
        return Line(str(path), index, size_bytes=size, fault=str(error).removeprefix(f"{path}: "))


def describe_quickly(path: Path) -> Line | None:
    """Return the line of a file as this version writes it; None where that has to be looked at.

    An eighth of the time of an EpisodeReader, which checks what `list` does not show.
    """
    index, size = episode_index(path), path.stat().st_size
    try:
        settle(path)
        with h5py.File(path) as file:
            said = file["meta"].attrs
            if said["format_version"] != FORMAT_VERSION or not said["complete"]:
                return None
            rows, rate_hz = int(file["action"].shape[0]), float(said["rate_hz"])
            if not 0.0 < rate_hz < math.inf:
                return None
            return Line(
                str(path), index, rows, round(rows / rate_hz, 2), str(said["task"]),
                str(said["verdict"]), tuple(map(str, said["labels"])),
                tuple(sorted(file["observations/images"])), size,
            )  # fmt: skip
    except (AttributeError, KeyError, OSError, RuntimeError, TypeError, ValueError):
        return None


def table(lines: Sequence[Line]) -> str:
    """Return lines as aligned text, with a closing line of sums."""
    rows = [_HEAD, *map(_cells, lines)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEAD))]
    text = "".join(f"{_aligned(row, widths)}\n" for row in rows)
    verdicts = [line.verdict for line in lines]
    return text + (
        f"{len(lines)} episodes, {sum(line.num_frames for line in lines)} rows, "
        f"{sum(line.duration_s for line in lines) / 60:.1f} min, "
        f"{sum(line.size_bytes for line in lines) / 1e6:.0f} MB; "
        f"{verdicts.count('success')} successes, {verdicts.count('failure')} failures, "
        f"{verdicts.count('')} not judged\n"
    )


def _aligned(row: Iterable[str], widths: Sequence[int]) -> str:
    cells = [
        cell.rjust(width) if i in _RIGHT else cell.ljust(width)
        for i, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _cells(line: Line) -> tuple[str, ...]:
    return (
        str(line.index), str(line.num_frames), f"{line.duration_s:.1f}", line.task or "-",
        line.verdict or "-", " ".join(line.labels), " ".join(line.cameras),
        f"{line.size_bytes / 1e6:.1f}", line.fault,
    )  # fmt: skip

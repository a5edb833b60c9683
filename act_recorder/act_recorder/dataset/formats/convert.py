# SPDX-License-Identifier: Apache-2.0
"""Verb `convert`: episodes of one format into another."""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from act_core.errors import EpisodeError
from act_core.paths import user_path
from act_core.system.command_line import CommandLine
from act_recorder.dataset.formats import table
from act_recorder.dataset.formats.source import MAX_GAP_S, ReadOptions, Source, WriteOptions
from act_recorder.dataset.selection import named_robot

PARTIAL_SUFFIX = ".partial"
_AUTO = "auto"


def main(words: Sequence[str]) -> int:
    """Convert; return 0, or raise ActError before anything is created."""
    options = _options(words)
    name = table.recognise(options.source) if options.from_ == _AUTO else options.from_
    _check_rosbag_options(options, name)
    target = options.destination
    writer = table.writer(options.to)
    writing = WriteOptions(options.jpeg_quality, options.urdf)
    _check_free(target)
    source = table.reader(name).read(options.source, _reading(options))
    lost = (*source.lost, *writer.check(source, writing))
    _tell([f"{name} → {options.to}, {len(source.episodes)} episodes", *source.notes])
    partial = target.with_name(target.name + PARTIAL_SUFFIX)
    partial.mkdir(parents=True)
    try:
        with _bar(source) as bar:
            writer.write(source, partial, writing, bar.update)
        partial.rename(target)
    finally:  # what is half done is ours, and of no use; what is whole has another name
        shutil.rmtree(partial, ignore_errors=True)
    _tell([f"lost: {'; '.join(lost) or 'nothing'}", f"written: {target}"])
    return 0


def _options(words: Sequence[str]) -> argparse.Namespace:
    line = CommandLine("act dataset convert", "Episodes of one format into another.")
    line.add_argument("source", type=user_path, help="folder or file to read")
    line.add_argument("destination", type=user_path, help="new or empty folder to write")
    readable = ", ".join(name for name, entry in table.FORMATS.items() if entry.reader)
    writable = ", ".join(name for name, entry in table.FORMATS.items() if entry.writer)
    line.add_argument("--from", dest="from_", default=_AUTO, metavar="FORMAT", help=readable)
    line.add_argument("--to", default="aloha", metavar="FORMAT", help=writable)
    line.add_argument(
        "--robot", default="", metavar="NAME",
        help="robot of a source that does not say its own: a shipped one's name or a file's path",
    )  # fmt: skip
    line.add_argument("--episodes", default="", metavar="0,3-7", help="which ones; all if empty")
    line.add_argument("--task", default="", help="task of episodes that do not name theirs")
    line.add_argument(
        "--degrees", action="store_true", help="the source's joints are degrees, grippers 0 to 100"
    )
    line.add_argument(
        "--base", action="store_true",
        help="two columns of a mobile base follow the robot's: kept beside, as /base_action",
    )  # fmt: skip
    line.add_argument(
        "--jpeg-quality", type=int, default=None, metavar="N",
        help="1 to 100 for JPEG, 0 for pixels; images as they come if not given",
    )  # fmt: skip
    _add_rosbag_options(line)
    options = line.parse(words)
    if options.jpeg_quality is not None and not 0 <= options.jpeg_quality <= 100:  # noqa: PLR2004
        line.error(f"--jpeg-quality {options.jpeg_quality}: expected 0 to 100")
    if not options.max_gap_s > 0:
        line.error(f"--max-gap-s {options.max_gap_s}: expected more than 0")
    return options


def _add_rosbag_options(line: CommandLine) -> None:
    line.add_argument(
        "--action", default="commands", choices=("commands", "leader"),
        help="rosbag: what the actions are; default %(default)s",
    )  # fmt: skip
    line.add_argument(
        "--max-gap-s", type=float, default=MAX_GAP_S, metavar="S",
        help="rosbag: longest time between two rows of an episode; default %(default)s",
    )  # fmt: skip
    line.add_argument(
        "--urdf", type=user_path, default=None, metavar="FILE",
        help="rosbag: the robot's URDF, for /robot_description and /tf",
    )  # fmt: skip


def _check_rosbag_options(options: argparse.Namespace, name: str) -> None:
    """Raise EpisodeError where one of them is given and no recording is read, or none written."""
    if name != "rosbag" and (options.action != "commands" or options.max_gap_s != MAX_GAP_S):
        raise EpisodeError(f"--action and --max-gap-s are for recordings, and this is {name}")
    if options.to != "rosbag" and options.urdf is not None:
        raise EpisodeError(f"--urdf: frames are written to recordings, not to {options.to}")


def _reading(options: argparse.Namespace) -> ReadOptions:
    return ReadOptions(
        named_robot(options), options.episodes, options.task, options.degrees, options.base,
        options.action == "leader", options.max_gap_s,
    )  # fmt: skip


def _check_free(target: Path) -> None:
    """Raise EpisodeError if anything is where the result, or what is half done, would be."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise EpisodeError(f"{target} exists and is not empty; nothing is written over it")
    partial = target.with_name(target.name + PARTIAL_SUFFIX)
    if partial.exists():
        raise EpisodeError(
            f"{partial} exists: a conversion goes on, or was killed; delete it, or name another "
            "destination"
        )


def _bar(source: Source) -> "tqdm[Any]":
    rows = sum(episode.num_rows for episode in source.episodes)
    return tqdm(total=rows or None, unit=" rows", file=sys.stderr, disable=None)


def _tell(lines: Sequence[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)

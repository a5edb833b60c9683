# SPDX-License-Identifier: Apache-2.0
"""Which episodes a verb is to work on, as people write it."""

import argparse
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from act_core.episode.find_episodes import episode_index, find_episodes
from act_core.episode.meta import EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.paths import user_path
from act_core.robot.robot_file import load_robot
from act_core.robot.robot_spec import RobotSpec
from act_core.system.command_line import CommandLine

_RANGE = re.compile(r"(\d+)(?:-(\d+))?")


def verb_line(name: str, summary: str, *, episodes: bool = True) -> CommandLine:
    """Return the command line of a verb, with its dataset, --episodes and --robot."""
    line = CommandLine(f"act dataset {name}", summary)
    line.add_argument("dataset", type=user_path, help="folder of episodes, or one episode")
    if episodes:
        line.add_argument(
            "--episodes", default="", metavar="0,3-7", help="which ones; all if empty"
        )
    add_robot(line)
    return line


def add_robot(line: CommandLine) -> None:
    """Add --robot, for `named_robot`."""
    line.add_argument(
        "--robot", default="", metavar="NAME",
        help="robot of files that do not say theirs: a shipped one's name or a robot file's path",
    )  # fmt: skip


def add_filter(line: CommandLine) -> None:
    """Add --verdict and --label, for `fitting`."""
    line.add_argument(
        "--verdict", default="", choices=("", "success", "failure", "none"),
        help="only those that were judged so; none: that nobody has judged",
    )  # fmt: skip
    line.add_argument("--label", default="", help="only those that have this label")


def fitting(paths: Iterable[Path], options: argparse.Namespace) -> list[Path]:
    """Return the files that --verdict and --label let through; raises EpisodeError."""
    if not (options.verdict or options.label):
        return list(paths)
    robot = named_robot(options)
    return [path for path in paths if _fits(read_meta(path, robot), options)]


def read_meta(path: Path, robot: RobotSpec | None = None) -> EpisodeMeta:
    """Return what a file says of itself; raises EpisodeError."""
    with EpisodeReader(path, robot) as reader:
        return reader.meta


def _fits(meta: EpisodeMeta, options: argparse.Namespace) -> bool:
    if options.verdict and (meta.verdict or "none") != options.verdict:
        return False
    return not options.label or options.label in meta.labels


def chosen_episodes(options: argparse.Namespace) -> list[Path]:
    """Return the files that the options name, by index; the dataset may be one file.

    Raises:
        EpisodeError: there is no such folder or episode, or --episodes cannot be read.
    """
    paths = episodes_at(options.dataset)
    return pick(paths, options.episodes, options.dataset) if options.episodes else paths


def episodes_at(place: Path) -> list[Path]:
    """Return a folder's episodes, or the one file itself; raises EpisodeError."""
    return [place] if place.is_file() else find_episodes(place)


def pick(paths: Sequence[Path], text: str, dataset: Path) -> list[Path]:
    """Return those of `paths` whose index is in `text`, for example "0,3-7".

    Raises:
        EpisodeError: `text` cannot be read, or there is no such episode.
    """
    wanted = chosen_numbers(text, [episode_index(path) for path in paths], dataset)
    return [path for path in paths if episode_index(path) in wanted]


def chosen_numbers(text: str, there: Sequence[int], dataset: Path) -> set[int]:
    """Return the numbers in `text`, for example "0,3-7", all of which are in `there`.

    Raises:
        EpisodeError: `text` cannot be read, or there is no such episode.
    """
    wanted: set[int] = set()
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise EpisodeError(
                f"--episodes {text}: '{part}' is no number and no range such as 3-7"
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise EpisodeError(f"--episodes {text}: {part} ends before it begins")
        wanted.update(range(first, last + 1))
    lacking = sorted(wanted - set(there))
    if lacking:
        raise EpisodeError(
            f"{dataset} has no episode {', '.join(map(str, lacking[:10]))}; it has {len(there)}, "
            f"from {min(there)} to {max(there)}"
        )
    return wanted


def named_robot(options: argparse.Namespace) -> RobotSpec | None:
    """Return the robot that --robot names, if it does."""
    return load_robot(options.robot) if options.robot else None

# SPDX-License-Identifier: Apache-2.0
"""Verb `merge`: several datasets as one new folder, numbered anew."""

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from act_core.episode.editing.edit_meta import edit_meta
from act_core.episode.meta import EpisodeMeta
from act_core.episode.original_file import FOREIGN_VERSION
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.paths import user_path
from act_core.robot.robot_difference import differences
from act_core.robot.robot_spec import RobotSpec
from act_core.system.command_line import CommandLine
from act_recorder.dataset.mend.episode_copy import joined_origin
from act_recorder.dataset.output_folder import new_folder
from act_recorder.dataset.progress import shown
from act_recorder.dataset.selection import add_robot, episodes_at, named_robot


@dataclass(frozen=True)
class Source:
    """One episode to merge, and what has to be equal in all."""

    path: Path
    meta: EpisodeMeta
    image_sizes: dict[str, tuple[int, int]]
    is_jpeg: bool


def main(words: Sequence[str]) -> int:
    """Copy the episodes of all folders into a new one."""
    line = CommandLine("act dataset merge", "Several datasets as one, numbered anew.")
    line.add_argument("datasets", type=user_path, nargs="+", help="folders, or single episodes")
    line.add_argument("--out", type=user_path, required=True, help="new folder")
    add_robot(line)
    options = line.parse(words)
    robot = named_robot(options)
    paths = [path for place in options.datasets for path in episodes_at(place)]
    sources = [look_at(path, robot) for path in paths]
    for other in sources[1:]:
        check_alike(sources[0], other)
    with new_folder(options.out) as folder:
        for index, source in enumerate(shown(sources, "merge")):
            copy(source, folder / f"episode_{index}.hdf5")
    sys.stdout.write(
        f"{options.out}: {len(sources)} episodes from {len(options.datasets)} places; each says "
        "in `origin` which one it was\n"
    )
    return 0


def look_at(path: Path, robot: RobotSpec | None) -> Source:
    """Return what has to be equal; raises EpisodeError."""
    with EpisodeReader(path, robot) as reader:
        sizes = {camera: reader.image_shape(camera) for camera in reader.cameras}
        return Source(path, reader.meta, sizes, reader.is_jpeg)


def check_alike(one: Source, other: Source) -> None:
    """Raise EpisodeError, with the difference, if two episodes cannot be in one dataset."""
    differences = list(_differences(one, other))
    if differences:
        shown_ones = "; ".join(differences[:6])
        more = f"; and {len(differences) - 6} more" if len(differences) > 6 else ""  # noqa: PLR2004
        raise EpisodeError(
            f"{one.path} and {other.path} cannot be in one dataset: {shown_ones}{more}"
        )


def copy(source: Source, target: Path) -> None:
    """Copy a file and note where it was; one without a description stays as it is."""
    shutil.copyfile(source.path, target)
    if source.meta.format_version != FOREIGN_VERSION:
        edit_meta(target, origin=joined_origin(str(source.path.absolute()), source.meta.origin))


def _differences(one: Source, other: Source) -> list[str]:
    a, b = one.meta, other.meta
    found = [
        f"{what}: {mine} and {theirs}"
        for what, mine, theirs in (
            ("joints", ", ".join(a.joint_names), ", ".join(b.joint_names)),
            ("units", ", ".join(a.joint_units), ", ".join(b.joint_units)),
            ("rate_hz", f"{a.rate_hz:g}", f"{b.rate_hz:g}"),
            ("cameras", _cameras(one), _cameras(other)),
        )
        if mine != theirs
    ]
    if a.robot_yaml != b.robot_yaml and a.robot_yaml and b.robot_yaml:
        found += [
            f"robot: {difference.text('one', 'the other')}"
            for difference in differences(a.robot, b.robot, ())
            if difference.changes_meaning
        ]
    return found


def _cameras(source: Source) -> str:
    sizes = source.image_sizes.items()
    return ", ".join(f"{name} {height}x{width}" for name, (height, width) in sizes) or "none"

# SPDX-License-Identifier: Apache-2.0
"""Verb `diff`: in what two datasets or episodes differ, and which of their episodes are equal."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_core.episode.reader import EpisodeReader
from act_core.errors import ActError
from act_core.paths import user_path
from act_core.robot.robot_difference import differences
from act_core.robot.robot_file import parse_robot
from act_core.robot.robot_spec import RobotSpec
from act_core.system.command_line import CommandLine
from act_recorder.dataset.look.column_statistics import ColumnStatistics
from act_recorder.dataset.look.content_hash import hash_images, hash_joints
from act_recorder.dataset.look.episode_facts import EpisodeFacts, read_facts
from act_recorder.dataset.look.info import summary
from act_recorder.dataset.progress import shown
from act_recorder.dataset.selection import add_robot, episodes_at, named_robot

_COUNTED = ("episodes", "rows", "duration_s", "verdicts", "labels", "source_rows",
            "skipped_ticks", "faults")  # fmt: skip
# Of these it only counts which there are.
_KINDS = ("robots", "rate_hz", "columns", "cameras", "codecs", "simulated", "tasks",
          "software_versions", "format_versions")  # fmt: skip
# In standard deviations; below that two halves of one dataset differ as well.
SHIFT = 0.2
_SHOWN = 8


@dataclass(frozen=True)
class Side:
    """One of the two that are compared.

    Attributes:
        place: as it was named.
        facts: of each episode.
        joints: path → its joints, of those that can be read.
    """

    place: Path
    facts: list[EpisodeFacts]
    joints: dict[Path, "Joints"]


@dataclass(frozen=True)
class Joints:
    """An episode without its images: digest, positions (T, D), actions (T, D)."""

    digest: str
    positions: NDArray[np.float32]
    actions: NDArray[np.float32]


def main(words: Sequence[str]) -> int:
    """Print what differs; return 0 if nothing does, 1 if something."""
    line = CommandLine(
        "act dataset diff",
        "In what two datasets or episodes differ. Ends with 1 where they do, 0 where they hold "
        "the same episodes.",
    )
    line.add_argument("one", type=user_path, help="folder of episodes, or one episode")
    line.add_argument("other", type=user_path, help="the same")
    add_robot(line)
    line.add_argument("--json", action="store_true", help="one object, for programs")
    options = line.parse(words)
    robot = named_robot(options)
    one, other = (look_at(place, robot) for place in (options.one, options.other))
    told = compare(one, other, robot)
    if options.json:
        json.dump(told, sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(as_lines(told, one, other))
    return int(bool(told["differences"] or told["only_in_one"] or told["only_in_other"]))


def look_at(place: Path, robot: RobotSpec | None) -> Side:
    """Read a side; raises EpisodeError where there is no episode."""
    facts = [read_facts(path, robot) for path in shown(episodes_at(place), "read")]
    joints = {}
    for each in facts:
        if not each.fault:
            with EpisodeReader(each.path, robot) as reader:
                joints[each.path] = Joints(hash_joints(reader), reader.positions, reader.actions)
    return Side(place, facts, joints)


def compare(one: Side, other: Side, robot: RobotSpec | None) -> dict[str, Any]:
    """Return plain values: what differs, shifts of columns, equal episodes.

    Raises:
        EpisodeError: an image is damaged.
    """
    mine, theirs = summary(one.facts), summary(other.facts)
    equal = _equal(one, other, robot)
    return {
        "differences": _differences(mine, theirs),
        "robot_differences": _robots(one, other),
        "shifts": _shifts(one, other) if mine["columns"] == theirs["columns"] else {},
        "equal": [[str(a), str(b)] for a, b in equal],
        "only_in_one": sorted(str(p) for p in one.joints.keys() - {a for a, _ in equal}),
        "only_in_other": sorted(str(p) for p in other.joints.keys() - {b for _, b in equal}),
    }


def as_lines(told: dict[str, Any], one: Side, other: Side) -> str:
    """Return the comparison for people."""
    lines = [f"1: {one.place}", f"2: {other.place}"]
    for name, (mine, theirs) in told["differences"].items():
        lines.append(f"{name.replace('_', ' ')}: {_text(mine)} | {_text(theirs)}")
    lines += [f"robot: {line}" for line in told["robot_differences"][:_SHOWN]]
    if len(told["robot_differences"]) > _SHOWN:
        lines.append(
            f"robot: and {len(told['robot_differences']) - _SHOWN} more; --json names all"
        )
    for column, (shift, mine, theirs) in list(told["shifts"].items())[:_SHOWN]:
        lines.append(f"mean of {column}: {mine:.3f} | {theirs:.3f} ({shift:.1f} std)")
    if len(told["shifts"]) > _SHOWN:
        lines.append(f"and {len(told['shifts']) - _SHOWN} more columns have moved")
    lines.append(
        f"equal episodes: {len(told['equal'])}; only in 1: {len(told['only_in_one'])}; only in 2: "
        f"{len(told['only_in_other'])}"
    )
    pairs = [f"{Path(a).name} = {Path(b).name}" for a, b in told["equal"]]
    lines += [f"  {pair}" for pair in pairs[:_SHOWN]]
    if len(pairs) > _SHOWN:
        lines.append(f"  and {len(pairs) - _SHOWN} more; --json names all")
    return "".join(f"{line}\n" for line in lines)


def _differences(mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, list[Any]]:
    found = {name: [mine[name], theirs[name]] for name in _COUNTED if mine[name] != theirs[name]}
    for name in _KINDS:
        kinds = [_kinds(side[name]) for side in (mine, theirs)]
        if kinds[0] != kinds[1]:
            found[name] = kinds
    return found


def _kinds(value: Any) -> list[str]:
    """Return what there is, without how often."""
    return sorted(map(_text_of_entry, value)) if isinstance(value, dict) else [
        _text_of_entry(entry) for entry in value
    ]  # fmt: skip


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} ({count})" for key, count in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(_text_of_entry, value)) or "none"
    return str(value)


def _text_of_entry(entry: Any) -> str:
    return f"{entry['name']} {entry['size_px']}" if isinstance(entry, dict) else str(entry)


def _equal(one: Side, other: Side, robot: RobotSpec | None) -> list[tuple[Path, Path]]:
    """Return the pairs of episodes that hold the same rows, images included, each at most once."""
    left: dict[str, list[Path]] = {}
    for path, joints in other.joints.items():
        left.setdefault(joints.digest, []).append(path)
    pairs = []
    for path, joints in one.joints.items():
        for candidate in left.get(joints.digest, []):
            if path.samefile(candidate) or _images(path, robot) == _images(candidate, robot):
                pairs.append((path, candidate))
                left[joints.digest].remove(candidate)
                break
    return pairs


def _images(path: Path, robot: RobotSpec | None) -> str:
    with EpisodeReader(path, robot) as reader:
        return hash_images(reader)


def _robots(one: Side, other: Side) -> list[str]:
    """Return in what the robots of the first episodes that name one differ."""
    texts = [
        next((f.meta.robot_yaml for f in side.facts if f.meta and f.meta.robot_yaml), "")
        for side in (one, other)
    ]
    if not all(texts) or texts[0] == texts[1]:
        return []
    try:
        first, second = (parse_robot(text, "in the episode file") for text in texts)
        cameras = {camera.name for robot in (first, second) for camera in robot.cameras}
        return [each.text("first", "second") for each in differences(first, second, cameras)]
    except ActError as error:
        return [str(error)]


def _shifts(one: Side, other: Side) -> dict[str, list[float]]:
    """Return column → shift in standard deviations, mean here, mean there; largest first."""
    found: dict[str, list[float]] = {}
    for what, word in (("positions", "state"), ("actions", "action")):
        mine, theirs = ([getattr(j, what) for j in s.joints.values()] for s in (one, other))
        if not (sum(map(len, mine)) and sum(map(len, theirs))):
            continue
        here, there = ColumnStatistics.of(mine), ColumnStatistics.of(theirs)
        names = next(f.meta.joint_names for f in one.facts if f.meta)
        for i in np.flatnonzero((shift := here.shift_from(there)) > SHIFT):
            means = [float(here.mean[i]), float(there.mean[i])]
            found[f"{word} {names[i]}"] = [float(shift[i]), *means]
    return dict(sorted(found.items(), key=lambda entry: -entry[1][0]))

# SPDX-License-Identifier: Apache-2.0
"""Can these episodes be trained on together?"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from act_core.errors import RobotSpecError
from act_core.robot.robot_difference import differences, in_words
from act_core.robot.robot_file import parse_robot
from act_core.robot.robot_spec import RobotSpec
from act_policy.errors import DatasetError
from act_policy.samples.episode import Episode

_REMEDIES = {"cameras": "name in 'cameras' those that all have, or train on them separately"}


def load_episodes(
    paths: Sequence[Path], cameras: Sequence[str] = (), robot: RobotSpec | None = None
) -> list[Episode]:
    """Load episodes and check that they have joints and cameras in common.

    Args:
        paths: episode files.
        cameras: to use, in this order; empty for all.
        robot: whose the files are that do not say so themselves.

    Raises:
        DatasetError: two differ in joint names, units or cameras; the text names the files and
            both values.
    """
    episodes = [Episode.load(path, cameras, robot) for path in paths]
    if not episodes:
        raise DatasetError("there is no episode to train on")
    first = episodes[0]
    for episode in episodes[1:]:
        for name, expected in vars(first.format).items():
            got = getattr(episode.format, name)
            if got != expected:
                here, there = _unlike(got, expected)
                raise DatasetError(
                    f"{episode.path} has {name} {here}, but {first.path} has {there}; "
                    f"{_REMEDIES.get(name, 'train on them separately')}"
                )
    return episodes


def _unlike(got: tuple[str, ...], expected: tuple[str, ...]) -> tuple[str, str]:
    """Return both in words; of lists of one length, only the places where they differ."""
    if len(got) != len(expected):
        return ", ".join(got), ", ".join(expected)
    places = [i for i, (a, b) in enumerate(zip(got, expected, strict=True)) if a != b]
    here, there = (", ".join(f"[{i}] {names[i]}" for i in places) for names in (got, expected))
    return here, there


def compare_robots(episodes: Sequence[Episode]) -> list[str]:
    """Compare the robot files of episodes; return in words what differs without doing harm.

    Raises:
        DatasetError: with the robot of one its numbers mean something else than with that of the
            first; names the keys and both values. Or one has a fault.
    """
    notes, first = [], episodes[0]
    counts = Counter(episode.robot_yaml for episode in episodes)
    others = {e.robot_yaml: e for e in reversed(episodes) if e.robot_yaml != first.robot_yaml}
    for text, episode in reversed(others.items()):
        found = differences(_robot(first), _robot(episode), first.format.cameras)
        names = first.path.name, episode.path.name
        if first.path.parent != episode.path.parent:
            names = str(first.path), str(episode.path)
        harmful = [difference for difference in found if difference.changes_meaning]
        if harmful:
            raise DatasetError(
                f"{episode.path} is of another robot than {first.path}: "
                f"{in_words(harmful, *names)}; train on them separately"
            )
        if found:
            notes.append(
                f"{counts[text]} episode(s), as {episode.path}, have another robot file, which "
                f"changes nothing that is learned: {in_words(found, *names)}"
            )
    return notes


def smallest_image(episodes: Sequence[Episode]) -> tuple[int, int]:
    """Return the smallest (height, width) of all images, so that none has to be blown up."""
    sizes = dict.fromkeys(size for episode in episodes for size in episode.image_sizes_px)
    return min(sizes, key=lambda size: size[0] * size[1])


def resizing_notes(episodes: Sequence[Episode], size_px: tuple[int, int]) -> list[str]:
    """Tell which images training sees in another size than they were recorded in."""
    counts = Counter(
        (camera, size)
        for episode in episodes
        for camera, size in zip(episode.format.cameras, episode.image_sizes_px, strict=True)
        if size != size_px
    )
    return [
        f"camera '{camera}': images of {count} episode(s) are {height}x{width}, seen as "
        f"{size_px[0]}x{size_px[1]} (height x width)"
        for (camera, (height, width)), count in counts.items()
    ]


def rate_notes(episodes: Sequence[Episode], rate_hz: float) -> list[str]:
    """Tell which episodes were recorded at another rate than chunks are cut at."""
    counts = Counter(e.rate_hz for e in episodes if e.rate_hz != rate_hz)
    return [
        f"{count} episode(s) were recorded at {rate:g} Hz; chunks are cut from their stamps, at "
        f"{rate_hz:g} Hz"
        for rate, count in counts.items()
    ]


def fingerprint(episodes: Sequence[Episode]) -> str:
    """Return the SHA-256 of all episodes' names, file sizes and actions, as hexadecimal.

    Images are left out: hashing them would read the whole dataset.
    """
    digest = hashlib.sha256()
    for episode in episodes:
        digest.update(f"{episode.path.name}:{episode.path.stat().st_size}:".encode())
        digest.update(np.ascontiguousarray(episode.actions).tobytes())
    return digest.hexdigest()


def _robot(episode: Episode) -> RobotSpec:
    try:
        return parse_robot(episode.robot_yaml, f"in {episode.path}")
    except RobotSpecError as error:
        raise DatasetError(str(error)) from error

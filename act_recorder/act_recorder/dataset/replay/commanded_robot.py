# SPDX-License-Identifier: Apache-2.0
"""Which robot an episode's commands are for."""

from pathlib import Path

from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError, RobotSpecError
from act_core.robot.robot_spec import RobotSpec


def commanded_robot(path: Path, named: RobotSpec | None) -> RobotSpec:
    """Return the robot that is commanded: the one that is named, or the one in the episode.

    Raises:
        EpisodeError: the one named is another than the episode's, or neither is known.
    """
    with EpisodeReader(path, named) as reader:
        meta = reader.meta
    try:
        recorded = meta.robot
    except RobotSpecError as error:
        if named is None:
            raise EpisodeError(f"{path}: {error}; name the robot by --robot") from error
        return named
    if named is None:
        return recorded
    found = command_differences(recorded, named)
    if found:
        raise EpisodeError(
            f"{path}: recorded with another robot than '{named.name}'; recorded / {named.name}: "
            f"{'; '.join(found)}"
        )
    return named


def command_differences(first: RobotSpec, second: RobotSpec) -> list[str]:
    """Return what makes a command for `first` another motion of `second`, a line each.

    That are the joints, their order and ranges, and what an open and a closed gripper is. Names of
    topics, cameras and comments are no difference; limits of speed neither, as they are kept
    whichever robot was recorded.
    """
    found = []
    missing = [name for name in first.columns if name not in second.columns]
    extra = [name for name in second.columns if name not in first.columns]
    if missing:
        found.append(f"{second.name} lacks {', '.join(missing)}")
    if extra:
        found.append(f"{second.name} has {', '.join(extra)} as well")
    if not found and first.columns != second.columns:
        found.append(f"order of joints: {', '.join(first.columns)} / {', '.join(second.columns)}")
    if found:
        return found
    for i, name in enumerate(first.columns):
        ranges = [(float(spec.lower[i]), float(spec.upper[i])) for spec in (first, second)]
        if ranges[0] != ranges[1]:
            texts = [f"{low:g} … {high:g}" for low, high in ranges]
            found.append(f"range of {name}: {texts[0]} / {texts[1]}")
    for one, other in zip(first.arms, second.arms, strict=True):
        ends = [arm.gripper.command for arm in (one, other)]
        if (ends[0].closed, ends[0].open) != (ends[1].closed, ends[1].open):
            texts = [f"closed {end.closed:g}, open {end.open:g} {end.unit}" for end in ends]
            found.append(f"gripper of {one.name}: {texts[0]} / {texts[1]}")
    return found

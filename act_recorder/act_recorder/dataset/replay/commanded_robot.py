# SPDX-License-Identifier: Apache-2.0
"""Which robot an episode's commands are for."""

from pathlib import Path

from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError, RobotSpecError
from act_core.robot.robot_difference import differences
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
            f"{path}: recorded with another robot than '{named.name}': {'; '.join(found)}"
        )
    return named


def command_differences(first: RobotSpec, second: RobotSpec) -> list[str]:
    """Return what makes a command for `first` another motion of `second`, a line each.

    That are the joints, their order and ranges, and what an open and a closed gripper is. Names of
    topics, cameras and comments are no difference; limits of speed neither, as they are kept
    whichever robot was recorded.
    """
    return [
        difference.text("recorded", "now")
        for difference in differences(first, second, ())
        if difference.changes_meaning or difference.place[-1] == "limits_rad"
    ]

# SPDX-License-Identifier: Apache-2.0
"""Units of a LeRobot dataset's joints: rad as ours, or degrees as its own robots record."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_core.errors import EpisodeError
from act_core.robot.robot_spec import RobotSpec
from act_recorder.dataset.formats.lerobot import layout
from act_recorder.dataset.formats.lerobot.layout import Info

_TURN_RAD = 2 * np.pi
_GRIPPER_SLACK = 1.0


def to_ours(values: NDArray[Any], robot: RobotSpec) -> NDArray[Any]:
    """Return (T, D) degrees and gripper percents as rad and 0 … 1."""
    return values * np.where(robot.is_gripper, 0.01, np.pi / 180.0)


def check_units(
    info: Info, order: Mapping[str, NDArray[np.intp]], robot: RobotSpec, *, degrees: bool
) -> bool:
    """Check positions by the dataset's statistics; return whether it has them.

    Raises:
        EpisodeError: a joint goes beyond a whole turn, or a gripper far beyond 0 … 1.
    """
    known = _statistics(info)
    for statistics in known:
        for key in (layout.STATE, layout.ACTION):
            found = statistics.get(key, {})
            if "min" in found and "max" in found:
                ends = np.array([found["min"], found["max"]], np.float64).reshape(2, -1)
                _check_ends(info, key, ends[:, order[key]], robot, degrees=degrees)
    return bool(known)


def _statistics(info: Info) -> list[dict[str, Any]]:
    """Return those of the dataset, or of each of its episodes, as v2.1 has them."""
    if (info.root / layout.STATISTICS).is_file():
        return [layout.load_json(info.root / layout.STATISTICS)]
    if (info.root / layout.EPISODE_STATISTICS).is_file():
        lines = layout.load_json_lines(info.root / layout.EPISODE_STATISTICS)
        return [line.get("stats", {}) for line in lines]
    return []


def _check_ends(
    info: Info, key: str, ends: NDArray[np.float64], robot: RobotSpec, *, degrees: bool
) -> None:
    """Check (2, D): the lowest and the highest value of each column."""
    if degrees:
        ends = to_ours(ends, robot)
    low = np.where(robot.is_gripper, -_GRIPPER_SLACK, -_TURN_RAD)
    high = np.where(robot.is_gripper, 1.0 + _GRIPPER_SLACK, _TURN_RAD)
    wrong = np.flatnonzero((ends[0] < low) | (ends[1] > high))
    if wrong.size:
        at = int(wrong[0])
        what = "0 to 1" if robot.is_gripper[at] else "rad"
        raise EpisodeError(
            f"{info.root}: {key} of {robot.columns[at]} runs from {ends[0, at]:.4g} to "
            f"{ends[1, at]:.4g}, expected {what}"
            + ("" if degrees else "; if these are degrees, and grippers 0 to 100: --degrees")
        )

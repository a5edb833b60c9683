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
) -> None:
    """Check positions by the dataset's statistics, where it has them.

    Raises:
        EpisodeError: a joint goes beyond a whole turn, or a gripper far beyond 0 … 1.
    """
    if not (info.root / layout.STATISTICS).is_file():
        return
    statistics = layout.load_json(info.root / layout.STATISTICS)
    for key in (layout.STATE, layout.ACTION):
        known = statistics.get(key, {})
        if "min" not in known or "max" not in known:
            continue
        ends = np.array([known["min"], known["max"]], np.float64).reshape(2, -1)[:, order[key]]
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

# SPDX-License-Identifier: Apache-2.0
"""Is the leader near enough to the robot to be engaged, and what is to be moved? No ROS."""

import numpy as np
from numpy.typing import NDArray

from act_core.robot.robot_spec import RobotSpec


class Alignment:
    """Compares arm joints; grippers may be anywhere.

    Args:
        spec: the robot.
        within_rad: largest distance of a joint.
    """

    def __init__(self, spec: RobotSpec, within_rad: float) -> None:
        self._spec, self._within_rad = spec, within_rad

    def advice(self, leader: NDArray[np.float64], measured: NDArray[np.float64]) -> str:
        """Return which joint of the leader (D,) to move by how much, "" when all are near."""
        apart = np.where(self._spec.is_gripper, 0.0, measured - leader)
        far = int((np.abs(apart) > self._within_rad).sum())
        if not far:
            return ""
        worst = int(np.argmax(np.abs(apart)))
        more = f"; {far} joints to go" if far > 1 else ""
        return (
            f"move the leader's '{self._spec.columns[worst]}' by {apart[worst]:+.2f} rad (to "
            f"within {self._within_rad:g}{more})"
        )

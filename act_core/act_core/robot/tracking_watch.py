# SPDX-License-Identifier: Apache-2.0
"""Does the robot go where it is commanded? No ROS."""

import numpy as np
from numpy.typing import NDArray

from act_core.robot.robot_spec import RobotSpec

# Further than a loaded arm lags at full speed, and for longer than any of its swings.
ASTRAY_RAD, ASTRAY_S = 0.5, 0.5


class TrackingWatch:
    """Sees an arm that stays far from its command: torque off, blocked, or not listening."""

    def __init__(self, spec: RobotSpec) -> None:
        self._spec = spec
        self._since_s: float | None = None

    def forget(self) -> None:
        """Begin anew."""
        self._since_s = None

    def see(
        self, command: NDArray[np.float64], measured: NDArray[np.float64], now_s: float
    ) -> str:
        """Take command and measured pose (D,); return which joint is astray, or ""."""
        apart = np.where(self._spec.is_gripper, 0.0, np.abs(command - measured))
        worst = int(np.argmax(apart))
        if apart[worst] <= ASTRAY_RAD:
            self._since_s = None
        elif self._since_s is None:
            self._since_s = now_s
        elif now_s - self._since_s > ASTRAY_S:
            return (
                f"'{self._spec.columns[worst]}' is {apart[worst]:.2f} rad from its command for "
                f"{now_s - self._since_s:.1f} s; is its torque on, is it blocked?"
            )
        return ""

# SPDX-License-Identifier: Apache-2.0
"""A slow motion of the whole robot to one pose: all joints arrive together. No ROS."""

import numpy as np
from numpy.typing import NDArray

from act_core.robot.robot_spec import RobotSpec

Vector = NDArray[np.float64]


class PoseMotion:
    """Leads from one pose (D,) to another, at rest at both ends.

    Args:
        spec: the robot.
        start: where it is, or is commanded to be.
        goal: where it is to be.
        speed_per_s: greatest speed of any joint, rad/s; a gripper opens or closes in 1 s.
        now_s: when it begins, on whichever clock `at` is asked by.
    """

    def __init__(
        self, spec: RobotSpec, start: Vector, goal: Vector, speed_per_s: float, now_s: float
    ) -> None:
        self._start, self._goal, self._began_s = start, goal, now_s
        speeds = np.where(spec.is_gripper, 1.0, np.minimum(speed_per_s, spec.max_velocity))
        # The smooth step is fastest in its middle, 1.5 times its mean.
        self._duration_s = max(
            1.5 * float((np.abs(goal - start) / speeds).max()), 1 / spec.rate_hz
        )

    def at(self, now_s: float) -> Vector:
        """Return where the robot is to be (D,)."""
        share = min(max((now_s - self._began_s) / self._duration_s, 0.0), 1.0)
        return self._start + share**2 * (3 - 2 * share) * (self._goal - self._start)

    def is_reached(self, command: Vector) -> bool:
        """Tell whether `command` (D,) is the goal."""
        return bool(np.allclose(command, self._goal, rtol=0.0, atol=1e-9))

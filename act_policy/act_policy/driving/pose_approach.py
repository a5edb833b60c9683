# SPDX-License-Identifier: Apache-2.0
"""A slow motion of the robot to a pose, tick after tick, within its limits. No ROS."""

import numpy as np
from numpy.typing import NDArray

from act_core.robot.command_limits import CommandLimits
from act_core.robot.pose_motion import PoseMotion
from act_core.robot.robot_spec import RobotSpec


class PoseApproach:
    """Leads from where the robot is to a pose (D,); what the limits hold back comes later.

    Args:
        spec: the robot.
        limits: of the commands before, which may still be moving: they are braked, not cut off.
        start: (D,) where it is, or was last commanded to be.
        goal: (D,) where it is to be.
        speed_rad_s: greatest speed of any joint.
        now_s: on the clock of `command`.

    Attributes:
        reached: whether the last command was the goal.
    """

    def __init__(
        self, spec: RobotSpec, limits: CommandLimits, start: NDArray[np.float64],
        goal: NDArray[np.float64], speed_rad_s: float, now_s: float,
    ) -> None:  # fmt: skip
        self._motion = PoseMotion(spec, start, goal, speed_rad_s, now_s)
        self._limits, self._most_s = limits, 2 / spec.rate_hz
        self._before_s = now_s
        self.reached = False

    def command(self, now_s: float) -> NDArray[np.float64]:
        """Return the command (D,) of this moment."""
        elapsed_s = min(max(now_s - self._before_s, 0.0), self._most_s)
        self._before_s = now_s
        command = self._limits.apply(self._motion.at(now_s), elapsed_s)
        self.reached = self._motion.is_reached(command)
        return command

# SPDX-License-Identifier: Apache-2.0
"""Smooth motion of one tool through waypoints."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from act_sim.cell.kinematics import ToolPose
from act_sim.tasks.task import Waypoint


class ToolMotion:
    """Monotone cubic interpolation (PCHIP) of waypoints: no overshoot, at rest at the ends.

    Args:
        waypoints: in order of time.
        base: (2,) x and y of the arm's waist axis, m.
        yaw_rad: heading of an aligned gripper.
    """

    def __init__(
        self, waypoints: Sequence[Waypoint], base: NDArray[np.float64], yaw_rad: float
    ) -> None:
        self._base, self._yaw_rad = base, yaw_rad
        rows = [[*w.position, w.pitch_rad, w.roll_rad, w.aligned, w.gripper] for w in waypoints]
        times = [w.time_s for w in waypoints]
        # A flat piece before and after gives the first and last waypoint zero speed.
        rows = [rows[0], *rows, rows[-1]]
        times = [times[0] - 1.0, *times, times[-1] + 1.0]
        self._curve = PchipInterpolator(times, rows, axis=0)
        self._end_s = times[-1]
        self.duration_s = waypoints[-1].time_s

    def at(self, time_s: float) -> tuple[ToolPose, float]:
        """Return the tool pose and the gripper (0 closed … 1 open) at `time_s`."""
        row = self._curve(min(time_s, self._end_s))
        position, (pitch, roll, aligned, gripper) = row[:3], row[3:].tolist()
        away = position[:2] - self._base
        # Bearing relative to the aligned heading, in (−π, π]: the blend takes the short way.
        cos, sin = np.cos(self._yaw_rad), np.sin(self._yaw_rad)
        bearing = np.arctan2(cos * away[1] - sin * away[0], cos * away[0] + sin * away[1])
        yaw = self._yaw_rad + (1 - aligned) * float(bearing)
        return ToolPose(position, pitch, roll, yaw), gripper

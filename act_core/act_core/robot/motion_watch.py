# SPDX-License-Identifier: Apache-2.0
"""Can an arm have got there since its last sample? No ROS."""

import numpy as np
from numpy.typing import NDArray

from act_core.robot.robot_spec import RobotSpec

# Beyond what speed explains: a driver that stamps late by up to 60 ms under load. A failed read is
# further off in one joint or another.
SLACK_RAD = 0.2


class MotionWatch:
    """Sees a pose that no arm can have reached in the time: a glitch of its bus.

    Drivers give all joints as 0, or as -pi, when a bus read fails. What lasts is believed in the
    end, since the time to the last good sample grows. Grippers may snap.

    Args:
        spec: the robot.
        speed_factor: how many times as fast as commands a joint may move.
    """

    def __init__(self, spec: RobotSpec, speed_factor: float = 1.0) -> None:
        self._spec, self._speed = spec, speed_factor * spec.max_velocity
        self._last: tuple[int, NDArray[np.float64]] | None = None

    def see(self, positions: NDArray[np.float64], stamp_ns: int) -> str:
        """Take the pose (D,) of `stamp_ns`; return which joint cannot be there, or ""."""
        stamp_before_ns, before = self._last or (stamp_ns, positions)
        elapsed_s = abs(stamp_ns - stamp_before_ns) / 1e9
        moved = np.where(self._spec.is_gripper, 0.0, np.abs(positions - before))
        excess = moved - self._speed * elapsed_s - SLACK_RAD
        worst = int(np.argmax(excess))
        if excess[worst] > 0:
            return (
                f"'{self._spec.columns[worst]}' moved {moved[worst]:.2f} rad in "
                f"{1000 * elapsed_s:.0f} ms (limit {moved[worst] - excess[worst]:.2f} rad, by its "
                "max_velocity_rad_s); is it a glitch of its bus?"
            )
        self._last = stamp_ns, positions
        return ""

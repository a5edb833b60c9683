# SPDX-License-Identifier: Apache-2.0
"""Leader vectors to follower commands: engage from where the robot is, then limits. No ROS."""

import numpy as np
from numpy.typing import NDArray

from act_core.command_limits import CommandLimits
from act_core.robot_spec import RobotSpec

# A pause longer than this means that the leader was away: the next command starts from the
# robot's measured pose again, at limited speed.
ENGAGE_GAP_NS = 500_000_000


class FollowerCommand:
    """Turns a stream of leader vectors into commands that the follower may take."""

    def __init__(self, spec: RobotSpec) -> None:
        """Start disengaged."""
        self._limits = CommandLimits(spec)
        self._period_ns = spec.period_ns
        self._last_stamp_ns: int | None = None

    def needs_pose(self, stamp_ns: int) -> bool:
        """Tell whether the next command has to start from the robot's measured pose."""
        last = self._last_stamp_ns
        return last is None or not 0 <= stamp_ns - last <= ENGAGE_GAP_NS

    def engage(self, measured: NDArray[np.float64]) -> None:
        """Start from the robot's measured pose (D,)."""
        self._limits.start_from(measured)
        self._last_stamp_ns = None

    def follow(self, leader: NDArray[np.float64], stamp_ns: int) -> NDArray[np.float64]:
        """Return the (D,) command for a leader vector (D,) of time `stamp_ns`.

        Raises:
            JointValuesError: the leader vector is not finite.
        """
        elapsed_ns = self._period_ns
        if self._last_stamp_ns is not None:
            # A pause must not buy a jump: at most two ticks' worth of motion at once.
            elapsed_ns = min(stamp_ns - self._last_stamp_ns, 2 * self._period_ns)
        command = self._limits.apply(leader, elapsed_ns / 1e9)
        self._last_stamp_ns = stamp_ns
        return command

    def disengage(self) -> None:
        """Demand a fresh start: the leader was lost or refused."""
        self._last_stamp_ns = None

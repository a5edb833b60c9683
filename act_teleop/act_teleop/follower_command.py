# SPDX-License-Identifier: Apache-2.0
"""Leader vectors to follower commands: engage from where the robot is, then limits. No ROS."""

import numpy as np
from numpy.typing import NDArray

from act_core.robot.command_limits import CommandLimits
from act_core.robot.robot_spec import RobotSpec

Vector = NDArray[np.float64]
# A pause longer than this means that the leader was away: the next command starts from the
# robot's measured pose again, at limited speed.
ENGAGE_GAP_NS = 500_000_000


class FollowerCommand:
    """Turns a stream of leader vectors into commands that the follower may take.

    Args:
        spec: the robot.
        align_speed_rad_s: how fast a distance between leader and robot is made up that was there
            when it engaged with an offset.

    Attributes:
        last: the (D,) command that was given last, None since it disengaged.
        ahead_ns: how far the leader's stamps ran ahead of the receiver's clock since engaging.
    """

    def __init__(self, spec: RobotSpec, align_speed_rad_s: float = 0.5) -> None:
        self._limits, self._align_speed = CommandLimits(spec), align_speed_rad_s
        self._is_gripper, self._period_ns = spec.is_gripper, spec.period_ns
        self._offset = np.zeros(spec.dim)
        # NaN for what follows: a gripper that does not yet, and the leader's first distance to it.
        self._kept = self._gap = np.full(spec.dim, np.nan)
        self._engaged = False
        self._last_stamp_ns: int | None = None
        self._received_ns = 0
        self._credit_ns = 0
        self._begun_ns = (0, 0)
        self.last: Vector | None = None
        self.ahead_ns = 0

    def needs_pose(self, stamp_ns: int) -> bool:
        """Tell whether the next command has to start from the robot's measured pose."""
        if self._last_stamp_ns is None:
            return not self._engaged
        return not 0 <= stamp_ns - self._last_stamp_ns <= ENGAGE_GAP_NS

    def engage(
        self, measured: Vector, leader: Vector | None = None, *, keep_grippers: bool = False
    ) -> None:
        """Start from the robot's measured pose (D,), or go on from a command under way.

        Args:
            measured: that pose.
            leader: the leader's pose (D,), if its motion is what counts: the distance to it is
                kept at first, and made up at limited speed.
            keep_grippers: let a gripper wait until the leader's comes by: what it holds is not
                dropped.
        """
        start = self.last
        if start is None:
            start = measured
            self._limits.start_from(measured)
        apart = np.zeros_like(start) if leader is None else start - leader
        self._offset = np.where(self._is_gripper, 0.0, apart)
        waits = self._is_gripper & (apart != 0.0) & keep_grippers
        self._kept, self._gap = np.where(waits, (start, -apart), np.nan)
        self._engaged, self._last_stamp_ns = True, None

    def follow(self, leader: Vector, stamp_ns: int, received_ns: int) -> Vector:
        """Return the (D,) command for a leader vector (D,) of time `stamp_ns`.

        The speed limit holds on the leader's clock and on the receiver's, so that stamps that run
        too fast buy no speed.

        Args:
            leader: (D,) rad, grippers 0 closed … 1 open.
            stamp_ns: the sample's own time.
            received_ns: when it came, on a clock of the receiver; in simulated time the stamp.

        Raises:
            JointValuesError: the leader vector is not finite.
        """
        self._limits.check_finite(leader, "command")
        # A pause must not buy a jump: at most two ticks' worth of motion at once.
        most_ns = 2 * self._period_ns
        if self._last_stamp_ns is None:
            elapsed_ns, credit_ns = self._period_ns, most_ns
            self._begun_ns = stamp_ns, received_ns
        else:
            credit_ns = min(self._credit_ns + max(received_ns - self._received_ns, 0), most_ns)
            gap_ns = stamp_ns - self._last_stamp_ns
            if gap_ns > most_ns:  # meanwhile the robot has stopped
                self._limits.rest()
            elapsed_ns = min(gap_ns, credit_ns)
        wish = self._with_offset(leader, elapsed_ns / 1e9)
        self.last = self._limits.apply(wish, elapsed_ns / 1e9)
        self._last_stamp_ns, self._received_ns = stamp_ns, received_ns
        self._credit_ns = credit_ns - elapsed_ns
        self.ahead_ns = (stamp_ns - self._begun_ns[0]) - (received_ns - self._begun_ns[1])
        return self.last

    def drive(self, wish: Vector) -> Vector:
        """Return the (D,) command that leads to `wish` (D,) one period after the last command."""
        self.last = self._limits.apply(wish, self._period_ns / 1e9)
        return self.last

    def disengage(self) -> None:
        """Demand a fresh start: the leader was lost or refused."""
        self._engaged = False
        self._last_stamp_ns = self.last = None

    def _with_offset(self, leader: Vector, elapsed_s: float) -> Vector:
        """Return where `leader` leads, and bring what is left of the distance nearer to 0."""
        left = np.maximum(np.abs(self._offset) - self._align_speed * elapsed_s, 0.0)
        self._offset = np.copysign(left, self._offset)
        come_by = (leader - self._kept) * self._gap <= 0
        self._kept = np.where(come_by, np.nan, self._kept)
        return np.where(np.isnan(self._kept), leader + self._offset, self._kept)

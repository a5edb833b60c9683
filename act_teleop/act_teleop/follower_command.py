# SPDX-License-Identifier: Apache-2.0
"""Leader vectors to follower commands: engage from where the robot is, then limits. No ROS."""

import numpy as np
from numpy.typing import NDArray

from act_core.robot.command_limits import CommandLimits
from act_core.robot.robot_spec import RobotSpec

# A pause longer than this means that the leader was away: the next command starts from the
# robot's measured pose again, at limited speed.
ENGAGE_GAP_NS = 500_000_000


class FollowerCommand:
    """Turns a stream of leader vectors into commands that the follower may take.

    Attributes:
        ahead_ns: how far the leader's stamps ran ahead of the receiver's clock since engaging.
    """

    def __init__(self, spec: RobotSpec) -> None:
        self._limits = CommandLimits(spec)
        self._period_ns = spec.period_ns
        self._last_stamp_ns: int | None = None
        self._received_ns = 0
        self._credit_ns = 0
        self._begun_ns = (0, 0)
        self.ahead_ns = 0

    def needs_pose(self, stamp_ns: int) -> bool:
        """Tell whether the next command has to start from the robot's measured pose."""
        last = self._last_stamp_ns
        return last is None or not 0 <= stamp_ns - last <= ENGAGE_GAP_NS

    def engage(self, measured: NDArray[np.float64]) -> None:
        """Start from the robot's measured pose (D,)."""
        self._limits.start_from(measured)
        self._last_stamp_ns = None

    def follow(
        self, leader: NDArray[np.float64], stamp_ns: int, received_ns: int
    ) -> NDArray[np.float64]:
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
        # A pause must not buy a jump: at most two ticks' worth of motion at once.
        most_ns = 2 * self._period_ns
        if self._last_stamp_ns is None:
            elapsed_ns, credit_ns = self._period_ns, most_ns
            self._begun_ns = stamp_ns, received_ns
        else:
            credit_ns = min(self._credit_ns + max(received_ns - self._received_ns, 0), most_ns)
            elapsed_ns = min(stamp_ns - self._last_stamp_ns, credit_ns)
        command = self._limits.apply(leader, elapsed_ns / 1e9)
        self._last_stamp_ns, self._received_ns = stamp_ns, received_ns
        self._credit_ns = credit_ns - elapsed_ns
        self.ahead_ns = (stamp_ns - self._begun_ns[0]) - (received_ns - self._begun_ns[1])
        return command

    def disengage(self) -> None:
        """Demand a fresh start: the leader was lost or refused."""
        self._last_stamp_ns = None

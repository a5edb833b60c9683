# SPDX-License-Identifier: Apache-2.0
"""What teleoperation has heard of leader and robot, and how long ago. No ROS."""

import math
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from act_core.observation import JointSample
from act_teleop.follower_command import ENGAGE_GAP_NS


@dataclass(frozen=True)
class LeaderSample:
    """Where the leader is.

    Attributes:
        vector: (D,) rad, grippers 0 closed … 1 open.
        stamp_ns: the sample's own time; 0 is refused.
        received_ns: when it came, on the receiver's clock; in simulated time the stamp.
    """

    vector: NDArray[np.float64]
    stamp_ns: int
    received_ns: int


class Order(Enum):
    """How a sample of the robot follows the one before."""

    NEXT = auto()
    LATE = auto()  # overtaken on its way, and not taken
    JUMPED = auto()  # the robot was reset, or was away for long


class TeleopInputs:
    """The newest samples. A late one is not taken, one of a clock that was set back is.

    Args:
        timeout_s: age at which leader or robot count as silent.

    Attributes:
        leader: its newest sample, or None.
        robot: its newest sample, or None.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self.leader: LeaderSample | None = None
        self.robot: JointSample | None = None
        self._leader_at_s = self._robot_at_s = -math.inf

    def see_robot(self, sample: JointSample, now_s: float) -> Order:
        """Take the robot's measured pose, unless it is late."""
        before_ns = self.robot.stamp_ns if self.robot else sample.stamp_ns
        if _is_overtaken(sample.stamp_ns, before_ns):
            return Order.LATE
        self.robot, self._robot_at_s = sample, now_s
        follows = 0 <= sample.stamp_ns - before_ns <= ENGAGE_GAP_NS
        return Order.NEXT if follows else Order.JUMPED

    def see_leader(self, sample: LeaderSample, now_s: float) -> bool:
        """Take a leader sample, unless it is late; tell whether it was taken."""
        if self.leader and _is_overtaken(sample.stamp_ns, self.leader.stamp_ns):
            return False
        self.leader = sample
        self.hear_leader(now_s)
        return True

    def hear_leader(self, now_s: float) -> None:
        """Take note that the leader is there, whatever it says."""
        self._leader_at_s = now_s

    def leader_age_s(self, now_s: float) -> float:
        """Return the time since the leader was heard, infinite before the first."""
        return now_s - self._leader_at_s

    def robot_is_silent(self, now_s: float) -> bool:
        """Tell whether nobody knows where the robot is."""
        return now_s - self._robot_at_s > self._timeout_s

    def missing(self, now_s: float) -> str:
        """Return in words who is silent; empty for nobody."""
        return "; ".join(
            f"{topic}: no sample "
            + ("yet" if math.isinf(s) else f"for {s:.2f} s (limit {self._timeout_s:g} s)")
            for topic, s in (
                ("leader/joint_states", self.leader_age_s(now_s)),
                ("joint_states", now_s - self._robot_at_s),
            )
            if s > self._timeout_s
        )


def _is_overtaken(stamp_ns: int, newest_ns: int) -> bool:
    """Tell whether a sample is late, and not of a clock that was set back."""
    return 0 < newest_ns - stamp_ns <= ENGAGE_GAP_NS

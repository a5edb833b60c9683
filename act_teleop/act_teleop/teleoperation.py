# SPDX-License-Identifier: Apache-2.0
"""When the follower follows: leader and robot are there, and nobody else commands. No ROS."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from act_core.errors import ActError, JointValuesError
from act_core.observation import JointSample
from act_core.robot.robot_spec import RobotSpec
from act_teleop.follower_command import FollowerCommand


class State(Enum):
    """What teleoperation does. Holding means to send nothing: the robot keeps its command."""

    WAITING = auto()  # not followed yet
    FOLLOWING = auto()
    HOLDING = auto()  # leader or robot lost, leader refused, or another node commands


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


class Teleoperation:
    """Turns leader samples into commands, from the robot's measured pose after each pause.

    Args:
        spec: the robot.
        timeout_s: longest silence of leader or robot.

    Attributes:
        state: what it does.
        reason: what is missing or refused, in words; empty while it follows.
        rejected: leader samples refused so far.
    """

    def __init__(self, spec: RobotSpec, timeout_s: float) -> None:
        self.state, self.reason = State.WAITING, "leader/joint_states: no sample yet"
        self.rejected = 0
        self._period_ns, self._timeout_s = spec.period_ns, timeout_s
        self._follower = FollowerCommand(spec)
        self._measured: JointSample | None = None
        self._leader_at_s = self._robot_at_s = -math.inf
        self._waiting: LeaderSample | None = None  # for the robot's present pose
        self._rivals: Sequence[str] = ()

    @property
    def ahead_s(self) -> float:
        """How far the leader's stamps run ahead of the receiver's clock."""
        return self._follower.ahead_ns / 1e9

    def leader_age_s(self, now_s: float) -> float:
        """Return the time since the leader's last sample, infinite before the first."""
        return now_s - self._leader_at_s

    def see_robot(self, sample: JointSample, now_s: float) -> NDArray[np.float64] | None:
        """Take the robot's measured pose; return the command that waited for it, if one did."""
        self._measured, self._robot_at_s = sample, now_s
        waiting, self._waiting = self._waiting, None
        return None if waiting is None else self._follow(waiting, now_s)

    def see_leader(self, sample: LeaderSample, now_s: float) -> NDArray[np.float64] | None:
        """Take a leader sample; return the (D,) command that follows it, if one may be sent."""
        self._leader_at_s = now_s
        return self._follow(sample, now_s)

    def refuse(self, reason: str, now_s: float) -> None:
        """Take note of a leader sample that cannot be used."""
        self._leader_at_s = now_s
        self._follower.disengage()
        self.rejected += 1
        self.state, self.reason = State.HOLDING, f"leader/joint_states refused: {reason}"

    def watch(self, now_s: float, rivals: Sequence[str]) -> None:
        """Look whether all is there; `rivals` are the other nodes that command the robot."""
        self._rivals = rivals
        reasons = [
            f"{topic}: no sample "
            + ("yet" if math.isinf(s) else f"for {s:.2f} s (limit {self._timeout_s:g} s)")
            for topic, s in (
                ("leader/joint_states", now_s - self._leader_at_s),
                ("joint_states", now_s - self._robot_at_s),
            )
            if s > self._timeout_s
        ]
        if rivals:  # two streams of commands would throw the arms to and fro
            reasons.append(f"joint_commands: {', '.join(rivals)} publishes them too; stop it")
        if not reasons:
            return
        self._follower.disengage()
        self._waiting = None
        self.reason = "; ".join(reasons)
        if self.state is not State.WAITING:
            self.state, self.reason = State.HOLDING, f"{self.reason}; holding"

    def _follow(self, sample: LeaderSample, now_s: float) -> NDArray[np.float64] | None:
        if self._rivals:
            return None  # `watch` says so
        try:
            if not sample.stamp_ns:
                raise JointValuesError("header.stamp is 0; the leader's driver has to set it")
            if self._follower.needs_pose(sample.stamp_ns):
                if self._measured is None or not self._knows_pose(sample.stamp_ns, now_s):
                    self._waiting = sample
                    return None
                self._follower.engage(self._measured.positions)
            command = self._follower.follow(sample.vector, sample.stamp_ns, sample.received_ns)
        except ActError as error:
            self.refuse(str(error), now_s)
            return None
        self.state, self.reason = State.FOLLOWING, ""
        return command

    def _knows_pose(self, stamp_ns: int, now_s: float) -> bool:
        if self._measured is None or now_s - self._robot_at_s > self._timeout_s:
            return False
        return self._measured.stamp_ns >= stamp_ns - 2 * self._period_ns

# SPDX-License-Identifier: Apache-2.0
"""A recorded episode as a leader: its actions by their times. No ROS."""

from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from act_core.robot.robot_spec import RobotSpec

Vector = NDArray[np.float64]


class ReplayState(Enum):
    """What the replay does."""

    WAITING = auto()  # at the first pose, for the robot
    PLAYING = auto()
    ENDED = auto()  # at the last pose


class EpisodeReplay:
    """Plays actions once the robot is at the first one, then stays at the last.

    Args:
        actions: (T, D) rad, grippers 0 … 1.
        times_s: (T,) increasing, from 0.
        spec: the robot.
        speed: times as fast as recorded.
        tolerance_rad: how near each arm joint has to be to the first pose; grippers may hold
            something.

    Attributes:
        state: what it does.
        reason: what it waits for, in words; empty otherwise.
    """

    def __init__(
        self, actions: Vector, times_s: Vector, spec: RobotSpec, speed: float, tolerance_rad: float
    ) -> None:
        self._actions, self._times_s, self._spec = actions, times_s, spec
        self._speed, self._tolerance_rad = speed, tolerance_rad
        self._first: Vector = actions[0]
        self.start()

    def start(self) -> Vector:
        """Begin anew; return the first pose (D,)."""
        self.state, self.reason = ReplayState.WAITING, "joint_states: no sample yet"
        self._at_s = 0.0
        return self._first

    def step(self, measured: Vector, elapsed_s: float) -> Vector:
        """Return the leader's vector (D,) `elapsed_s` after the last; `measured` (D,): robot."""
        if self.state is ReplayState.WAITING:
            self.reason = self._apart(measured)
            if self.reason:
                return self._first
            self.state = ReplayState.PLAYING
        self._at_s += elapsed_s * self._speed
        if self._at_s >= self._times_s[-1]:
            self.state = ReplayState.ENDED
        columns = self._actions.T
        return np.array([np.interp(self._at_s, self._times_s, column) for column in columns])

    def _apart(self, measured: Vector) -> str:
        apart = np.where(self._spec.is_gripper, 0.0, np.abs(measured - self._first))
        worst = int(np.argmax(apart))
        if apart[worst] <= self._tolerance_rad:
            return ""
        return (
            f"waiting for the robot: '{self._spec.columns[worst]}' is {apart[worst]:.2f} rad from "
            f"the first pose (tolerance_rad {self._tolerance_rad:g})"
        )

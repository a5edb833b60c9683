# SPDX-License-Identifier: Apache-2.0
"""Where the robot is, as far as its samples can be believed."""

import time

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import JointState

from act_core.errors import ActError, OtherJointsError
from act_core.observation import JointSample
from act_core.robot.motion_watch import MotionWatch
from act_core.robot.robot_spec import RobotSpec
from act_core.robot.tracking_watch import TrackingWatch
from act_core.ros.messages.joints import read_sample

# Older than this and nobody knows where the robot is, s; as the guard on the robot's side.
SILENCE_S = 0.5
# A simulator on a busy machine may be slow, and hurts nobody.
SIMULATED_SILENCE_S, LOCKSTEP_SILENCE_S = 2.0, 10.0


class WatchedRobot:
    """Takes joint states, refuses what cannot be, and notices silence and arms that go astray.

    Args:
        spec: the robot.
        lockstep: whether its simulator waits for answers; its poses may jump at a reset.
        simulated: whether its time is a simulator's.

    Attributes:
        sample: the newest, or None.
    """

    def __init__(self, spec: RobotSpec, *, lockstep: bool, simulated: bool) -> None:
        self._spec, self._lockstep = spec, lockstep
        self._limit_s = SIMULATED_SILENCE_S if simulated else SILENCE_S
        self._limit_s = LOCKSTEP_SILENCE_S if lockstep else self._limit_s
        self._motion, self._tracking = MotionWatch(spec), TrackingWatch(spec)
        self.sample: JointSample | None = None
        self._heard_s = time.monotonic()
        self._refused = ""

    def see(self, message: JointState) -> JointSample | None:
        """Take a message; return its sample, None if it is refused or of another device."""
        try:
            sample = read_sample(message, self._spec.state)
        except OtherJointsError:
            return None  # another device's, on the same topic
        except ActError as error:
            self._refused = f"joint_states refused: {error}"
            return None
        glitch = "" if self._lockstep else self._motion.see(sample.positions, sample.stamp_ns)
        if glitch:
            self._refused = f"joint_states refused: {glitch}"
            return None
        self.sample, self._heard_s, self._refused = sample, time.monotonic(), ""
        return sample

    def silence(self) -> str:
        """Return in words that the robot's joints are not known, or ""."""
        silent_s = time.monotonic() - self._heard_s
        if self.sample is not None and silent_s <= self._limit_s:
            return ""
        if self._refused:
            return self._refused
        return f"joint_states: nothing for {silent_s:.1f} s (limit {self._limit_s:g} s)"

    def astray(self, command: NDArray[np.float64] | None, now_s: float) -> str:
        """Return which joint stays far from the last command (D,), or ""."""
        if command is None or self.sample is None:
            return ""
        return self._tracking.see(command, self.sample.positions, now_s)

# SPDX-License-Identifier: Apache-2.0
"""Gives an episode's commands: from the robot's pose to the first, then by their times. No ROS."""

from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from act_core.robot.command_limits import CommandLimits
from act_core.robot.pose_motion import PoseMotion
from act_core.robot.robot_spec import RobotSpec
from act_recorder.dataset.replay.command_track import CommandTrack

Vector = NDArray[np.float64]

# A pause costs time and never buys a jump: the motion goes on where it was.
MOST_PERIODS = 2.0


class PlayState(Enum):
    """What the player does."""

    WAITING = auto()  # nothing may move
    RAMPING = auto()  # from the measured pose to the first command
    PLAYING = auto()
    ENDED = auto()  # at the last command


class CommandPlayer:
    """Commands that keep the robot's limits whatever the episode says.

    Args:
        spec: the robot.
        track: what to play.
        ramp_speed_rad_s: greatest speed of the motion to the first command.

    Attributes:
        state: what it does.
    """

    def __init__(self, spec: RobotSpec, track: CommandTrack, ramp_speed_rad_s: float) -> None:
        self._spec, self._track, self._ramp_speed = spec, track, ramp_speed_rad_s
        self._limits = CommandLimits(spec)
        self._motion: PoseMotion | None = None
        self._command = track.first
        self._at_s = 0.0
        self._begun = False
        self.state = PlayState.WAITING

    @property
    def progress_s(self) -> float:
        """How much of the episode was played."""
        return min(self._at_s, self._track.duration_s)

    def begin(self, measured: Vector) -> None:
        """Start from the measured pose (D,); a first command one tick away needs no ramp."""
        self._limits.start_from(measured)
        self._command = measured
        self._at_s, self._begun = 0.0, False
        near = np.abs(self._track.first - measured) <= self._spec.max_velocity / self._spec.rate_hz
        self.state = PlayState.PLAYING if near.all() else PlayState.RAMPING
        self._motion = PoseMotion(
            self._spec, measured, self._track.first, self._ramp_speed, now_s=0.0
        )

    def step(self, elapsed_s: float) -> Vector:
        """Return the command (D,) `elapsed_s` after the last one.

        Raises:
            JointValuesError: it has not begun.
        """
        elapsed_s = min(elapsed_s, MOST_PERIODS / self._spec.rate_hz)
        wish = self._ramp(elapsed_s) if self.state is PlayState.RAMPING else self._play(elapsed_s)
        command = self._command = self._limits.apply(wish, elapsed_s)
        if self.state is PlayState.RAMPING and np.allclose(command, self._track.first, atol=1e-6):
            self.state, self._at_s = PlayState.PLAYING, 0.0
        elif self._is_over and self._limits.reached:
            self.state = PlayState.ENDED
        return command

    @property
    def _is_over(self) -> bool:
        playing = self.state is PlayState.PLAYING
        return playing and self._begun and self._at_s >= self._track.duration_s - 1e-9

    def _ramp(self, elapsed_s: float) -> Vector:
        assert self._motion is not None
        self._at_s += elapsed_s
        # What limited acceleration has held back is not made up for at a greater speed.
        step = np.where(self._spec.is_gripper, 1.0, self._ramp_speed) * elapsed_s
        return np.clip(self._motion.at(self._at_s), self._command - step, self._command + step)

    def _play(self, elapsed_s: float) -> Vector:
        if self._begun:
            self._at_s += elapsed_s
        self._begun = True
        return self._track.at(self._at_s)

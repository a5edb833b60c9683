# SPDX-License-Identifier: Apache-2.0
"""An episode's commands on an axis of time. No ROS."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from act_core.episode.reader import EpisodeReader
from act_core.episode.recorded_commands import read_commands
from act_core.robot.robot_spec import RobotSpec
from act_recorder.dataset.replay.tracking import Tracking, measure

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class CommandTrack:
    """Commands to be given once more.

    Attributes:
        actions: (T, D) rad, grippers 0 … 1.
        times_s: (T,) increasing, from 0, as they were recorded.
        speed: times as fast as recorded.
    """

    actions: Vector
    times_s: Vector
    speed: float = 1.0

    @property
    def duration_s(self) -> float:
        """How long they take at `speed`."""
        return float(self.times_s[-1]) / self.speed

    @property
    def first(self) -> Vector:
        """(D,) the pose to begin at."""
        return np.array(self.actions[0])

    def at(self, time_s: float) -> Vector:
        """Return the command (D,) `time_s` after the first, linear between those recorded."""
        return np.array([np.interp(time_s, self._played_s, column) for column in self.actions.T])

    @cached_property
    def _played_s(self) -> Vector:
        return self.times_s / self.speed


def read_track(path: Path, spec: RobotSpec, speed: float) -> CommandTrack:
    """Return the commands of an episode; raises EpisodeError if they cannot be played."""
    return CommandTrack(*read_commands(path, spec), speed)


def recorded_tracking(path: Path, spec: RobotSpec) -> Tracking:
    """Return how well the robot followed when the episode was recorded."""
    with EpisodeReader(path, spec) as reader:
        first_ns = reader.action_stamps_ns[0]
        return measure(
            (reader.action_stamps_ns - first_ns) / 1e9, reader.actions.astype(np.float64),
            (reader.stamps_ns - first_ns) / 1e9, reader.positions.astype(np.float64),
        )  # fmt: skip

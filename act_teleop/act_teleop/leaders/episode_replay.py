# SPDX-License-Identifier: Apache-2.0
"""A recorded episode as a leader: its actions by their times. No ROS."""

from enum import Enum, auto
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.robot.robot_spec import RobotSpec

Vector = NDArray[np.float64]


class ReplayState(Enum):
    """What the replay does."""

    WAITING = auto()  # at the first pose, for the robot
    PLAYING = auto()
    ENDED = auto()  # at the last pose


def read_actions(path: Path, spec: RobotSpec) -> tuple[Vector, Vector]:
    """Return an episode's commands (T, D), rad, grippers 0 … 1, and their times (T,), s from 0.

    Raises:
        EpisodeError: no episode, of another robot, empty, with actions that are not finite, or
            time goes back.
    """
    with EpisodeReader(path) as reader:
        names = reader.meta.joint_names
        if names != spec.columns:
            missing = sorted(set(spec.columns) - set(names))
            extra = sorted(set(names) - set(spec.columns))
            raise EpisodeError(
                f"{path}: recorded with another robot than '{spec.name}': missing "
                f"{', '.join(missing) or '(none)'}; extra {', '.join(extra) or '(none)'}"
                f"{'' if missing or extra else '; other order'}"
            )
        actions, stamps_ns = reader.actions.astype(np.float64), reader.action_stamps_ns
    if not len(actions):
        raise EpisodeError(f"{path}: no rows to play")
    faults = {
        "is not finite": ~np.isfinite(actions).all(axis=1),
        "is earlier than the row before": np.diff(stamps_ns, prepend=stamps_ns[0]) < 0,
    }
    for fault, rows in faults.items():
        if rows.any():
            raise EpisodeError(f"{path}: row {np.argmax(rows)} {fault}; it cannot be played")
    # A command that stands in two rows was given once.
    given_ns, first_rows = np.unique(stamps_ns, return_index=True)
    return actions[first_rows], (given_ns - given_ns[0]) / 1e9


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

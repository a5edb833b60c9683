# SPDX-License-Identifier: Apache-2.0
"""What a task is: a scene, where it may start, when it is done, and how it can be done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEFT_FINGER = "vx300s_left/10_left_gripper_finger"
RIGHT_FINGER = "vx300s_right/10_right_gripper_finger"
TABLE = "table"
# Both published tasks have four stages; the last is success.
# Source: max_reward in tonyzhaozh/act sim_env.py.
SUCCESS_REWARD = 4


@dataclass(frozen=True)
class Contacts:
    """Which geoms touch at one moment, as unordered pairs of names."""

    pairs: frozenset[frozenset[str]]

    def touch(self, geom: str, *others: str) -> bool:
        """Tell whether `geom` touches any of `others`."""
        return any(frozenset((geom, other)) in self.pairs for other in others)


@dataclass(frozen=True)
class Waypoint:
    """Where a tool is at one time.

    Attributes:
        time_s: since the start of the episode.
        position: (3,) m, world: the point between the fingertips.
        pitch_rad: angle of the gripper below the horizontal.
        roll_rad: turn of the gripper about its own axis.
        gripper: 0 closed … 1 open.
        aligned: 1: the gripper heads along the table's x axis, as objects on it lie;
            0: it heads straight away from the arm's base, which needs neither forearm roll nor
            wrist turn and so passes the stretched wrist (a singularity) without a flip.
    """

    time_s: float
    position: NDArray[np.float64]
    pitch_rad: float
    roll_rad: float
    gripper: float
    aligned: float = 0.0


Sampler = Callable[[np.random.Generator], NDArray[np.float64]]
Poses = Mapping[str, NDArray[np.float64]]
Planner = Callable[[Poses, Poses], dict[str, list[Waypoint]]]


@dataclass(frozen=True)
class Task:
    """A scene with movable objects, a distribution of starts and a staged reward.

    Attributes:
        name: as in parameters and files.
        model_file: MJCF file among the assets of the gym-aloha package.
        object_joints: object name → its free joint.
        sample: random generator → (7 · objects,) start poses: x y z (m), w x y z per object.
        reward: contacts → 0 … SUCCESS_REWARD, the published stages.
        stages: what each reward from 1 to SUCCESS_REWARD means, in words.
        waypoints: how both arms do it: object name → (7,) pose, and arm name → (3,) present
            fingertip position (m), to arm name → waypoints.
        max_ticks: control ticks of an episode (400 in tonyzhaozh/act constants.py).
    """

    name: str
    model_file: str
    object_joints: Mapping[str, str]
    sample: Sampler
    reward: Callable[[Contacts], int]
    stages: tuple[str, str, str, str]
    waypoints: Planner
    max_ticks: int = 400


def upright(position: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (7,) pose of an object at `position` (m) with its axes along the world's."""
    return np.concatenate([position, [1.0, 0.0, 0.0, 0.0]])

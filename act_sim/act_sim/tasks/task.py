# SPDX-License-Identifier: Apache-2.0
"""What a task is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_core.errors import suggestion
from act_sim.errors import SimError

LEFT_FINGER = "vx300s_left/10_left_gripper_finger"
RIGHT_FINGER = "vx300s_right/10_right_gripper_finger"
TABLE = "table"


@dataclass(frozen=True)
class Contacts:
    """Which geoms touch at one moment, as unordered pairs of names."""

    pairs: frozenset[frozenset[str]]

    def touch(self, geom: str, *others: str) -> bool:
        """Tell whether `geom` touches any of `others`."""
        return any(frozenset((geom, other)) in self.pairs for other in others)


Sampler = Callable[[np.random.Generator], NDArray[np.float64]]


@dataclass(frozen=True)
class Task:
    """A scene with movable objects, a distribution of starts and a staged reward.

    Attributes:
        name: as in parameters and files.
        model_file: MJCF file among the assets of the gym-aloha package.
        object_joints: object name → its free joint.
        sample: random generator → (7 · objects,) start poses: x y z (m), w x y z per object.
        reward: contacts → 0 … 4, the published stages.
        stages: what each reward from 1 to 4 means, in words.
        max_ticks: control ticks of an episode (400 in tonyzhaozh/act constants.py).
    """

    name: str
    model_file: str
    object_joints: Mapping[str, str]
    sample: Sampler
    reward: Callable[[Contacts], int]
    stages: tuple[str, str, str, str]
    max_ticks: int = 400


def upright(position: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (7,) pose of an object at `position` (m) with its axes along the world's."""
    return np.concatenate([position, [1.0, 0.0, 0.0, 0.0]])


def task_named(name: str, tasks: Mapping[str, Task]) -> Task:
    """Return the task called `name`; raises SimError listing those there are."""
    if name not in tasks:
        raise SimError(f"no task '{name}'{suggestion(name, tasks)}")
    return tasks[name]

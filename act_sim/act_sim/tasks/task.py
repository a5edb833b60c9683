# SPDX-License-Identifier: Apache-2.0
"""What a task is: a scene, where it may start, when it is done, and how it can be done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LEFT_FINGER = "vx300s_left/10_left_gripper_finger"
RIGHT_FINGER = "vx300s_right/10_right_gripper_finger"
TABLE = "table"
ALOHA_HEADINGS_RAD = {"left": 0.0, "right": np.pi}
ALOHA_TIP_SITE = "cali_{arm}_site1"
# Both published tasks have four stages; the last is success.
# Source: max_reward in tonyzhaozh/act sim_env.py.
SUCCESS_REWARD = 4
# An object is held by a gripper that is closed this far, with its fingertips this near its centre.
HELD_OPENING, HELD_WITHIN_M = 0.8, 0.04
# A tool that is low and further than this from where it wants to go down rises first.
RISE_BEYOND_M = 0.02


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
        guided: from here on the task's guide leads the tool by what it sees.
    """

    time_s: float
    position: NDArray[np.float64]
    pitch_rad: float
    roll_rad: float
    gripper: float
    aligned: float = 0.0
    guided: bool = False

    def later(self, by_s: float) -> "Waypoint":
        """Return the same, `by_s` later."""
        return replace(self, time_s=self.time_s + by_s)


Sampler = Callable[[np.random.Generator], NDArray[np.float64]]
Poses = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Scene:
    """Where a plan begins: at an episode's start, or wherever a policy has got to.

    Attributes:
        objects: object name → (7,) pose: x y z (m), w x y z.
        tips: arm name → (3,) position of the point between its fingertips, m.
        turns: arm name → pitch below the horizontal and roll of its gripper, rad.
        openings: arm name → gripper, 0 closed … 1 open.
    """

    objects: Poses
    tips: Poses
    turns: Mapping[str, tuple[float, float]]
    openings: Mapping[str, float]

    def now(self, arm: str) -> Waypoint:
        """Return where the arm's tool is, as its first waypoint; what it holds stays pressed."""
        holds = any(self.offset(arm, name) is not None for name in self.objects)
        gripper = 0.0 if holds else self.openings[arm]
        return Waypoint(0.0, self.tips[arm], *self.turns[arm], gripper)

    def offset(self, arm: str, name: str) -> NDArray[np.float64] | None:
        """Return the object's centre from the arm's fingertips, (3,) m; None when not held."""
        offset: NDArray[np.float64] = self.objects[name][:3] - self.tips[arm]
        held = self.openings[arm] < HELD_OPENING and np.linalg.norm(offset) < HELD_WITHIN_M
        return offset if held else None


@dataclass(frozen=True)
class Guidance:
    """What a tool has to do about what is seen now.

    Attributes:
        shift: (3,) m by which it is off.
        go_on: whether it is near enough to go on; else the motion waits.
    """

    shift: NDArray[np.float64]
    go_on: bool


Planner = Callable[[Scene], dict[str, list[Waypoint]]]
Guide = Callable[[Poses], Guidance]


@dataclass(frozen=True)
class Task:
    """A scene with movable objects, a distribution of starts and a staged reward.

    Attributes:
        name: as in parameters and files.
        model_file: MJCF file; a bare name is one among the assets of the gym-aloha package.
        object_joints: object name → its free joint.
        sample: random generator → (7 · objects,) start poses: x y z (m), w x y z per object.
        reward: contacts → 0 … SUCCESS_REWARD, the published stages.
        stages: what each reward from 1 to SUCCESS_REWARD means, in words.
        waypoints: how both arms do it: scene → arm name → waypoints.
        max_ticks: control ticks of an episode (400 in tonyzhaozh/act constants.py).
        guide: leads the demonstrator's tool where waypoints are guided.
        headings_rad: arm name → heading of its gripper when it is aligned; 0 = +x. ALOHA's arms
            stand at opposite ends of the table and face each other.
        tip_site: MJCF site between the fingertips of {arm}: x away from the hand, y as they open.
        steadiness: object poses → the part of a disturbance that the moment can bear, 0 … 1.
    """

    name: str
    model_file: Path
    object_joints: Mapping[str, str]
    sample: Sampler
    reward: Callable[[Contacts], int]
    stages: tuple[str, str, str, str]
    waypoints: Planner
    max_ticks: int = 400
    guide: Guide | None = None
    headings_rad: Mapping[str, float] = field(default_factory=lambda: dict(ALOHA_HEADINGS_RAD))
    tip_site: str = ALOHA_TIP_SITE
    steadiness: Callable[[Poses], float] = lambda _: 1.0


def upright(position: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (7,) pose of an object at `position` (m) with its axes along the world's."""
    return np.concatenate([position, [1.0, 0.0, 0.0, 0.0]])


def rise(now: Waypoint, above: NDArray[np.float64]) -> list[Waypoint]:
    """Return how a tool leaves its place for `above` (3,): upwards first where it is low.

    A gripper that was shut beside an object opens on the way.
    """
    aside_m = np.linalg.norm(now.position[:2] - above[:2])
    if now.position[2] > above[2] - 0.01 or aside_m < RISE_BEYOND_M:
        return [now]
    up = np.array([*now.position[:2], above[2]])
    return [now, replace(now, time_s=0.5, position=up, gripper=1.0)]

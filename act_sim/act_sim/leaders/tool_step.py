# SPDX-License-Identifier: Apache-2.0
"""Where a tool goes within one tick when it is steered: never faster than it may. No ROS."""

from dataclasses import dataclass, field

import mink
import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Steering:
    """What an operator asks of one arm's tool.

    Attributes:
        shift: (3,) x, y, z of the world, −1 … 1 of the largest speed.
        turn: (3,) pitch (nose down), roll (clockwise, seen from behind) and yaw (to the left),
            −1 … 1 of the largest turning speed.
        grip: −1 closes the gripper, 1 opens it.
    """

    shift: Vector = field(default_factory=lambda: np.zeros(3))
    turn: Vector = field(default_factory=lambda: np.zeros(3))
    grip: float = 0.0


@dataclass(frozen=True)
class ToolLimits:
    """How a tool may be moved.

    Attributes:
        speed_m_s: largest speed of the fingertips.
        turn_rad_s: largest turning speed of the gripper.
        grip_per_s: speed of the gripper, whose range is 0 … 1.
        min_height_m: the fingertips are not led below this.
    """

    speed_m_s: float
    turn_rad_s: float
    grip_per_s: float
    min_height_m: float


def next_tip(
    tip: mink.SE3, base: Vector, steering: Steering, limits: ToolLimits, elapsed_s: float
) -> mink.SE3:
    """Return the pose of the fingertips `elapsed_s` after they were at `tip`.

    The gripper turns with its bearing from the arm's base, as the waist turns it; so the other
    joints of the wrist have to do only what is steered, and a stretched wrist does not flip.

    Args:
        tip: present pose, world.
        base: (2,) x and y of the arm's waist axis, m.
        steering: what is asked; longer vectors than 1 are cut to 1.
        limits: of the tool.
        elapsed_s: time of the step.
    """
    longest_rad = limits.turn_rad_s * elapsed_s
    shift = _cut(steering.shift) * limits.speed_m_s * elapsed_s
    turn = _cut(steering.turn) * longest_rad
    position, rotation = _moved(tip, base, shift, turn)
    angle = float(np.linalg.norm(rotation))
    if angle > longest_rad:  # near the base the bearing alone would turn faster
        share = longest_rad / angle
        position, rotation = _moved(tip, base, share * shift, share * turn)
        rotation = _cut(rotation / longest_rad) * longest_rad
    height = float(tip.translation()[2])
    position[2] = max(position[2], min(limits.min_height_m, height))
    return mink.SE3.from_rotation_and_translation(
        mink.SO3.exp(rotation) @ tip.rotation(), position
    )


def _moved(tip: mink.SE3, base: Vector, shift: Vector, turn: Vector) -> tuple[Vector, Vector]:
    """Return the (3,) position after `shift`, m, and the (3,) rotation vector of the way there."""
    before = tip.translation()
    after = before + shift
    heading, ahead = (np.arctan2(*(p[:2] - base)[::-1]) for p in (before, after))
    bearing = (ahead - heading + np.pi) % (2 * np.pi) - np.pi
    pitch, roll, yaw = turn
    lateral = np.array([-np.sin(heading), np.cos(heading), 0.0])
    rotation = (
        mink.SO3.from_z_radians(bearing + yaw)
        @ mink.SO3.exp(pitch * lateral)
        @ mink.SO3.exp(roll * tip.rotation().as_matrix()[:, 0])
    )
    return after, rotation.log()


def _cut(vector: Vector) -> Vector:
    return vector / max(1.0, float(np.linalg.norm(vector)))

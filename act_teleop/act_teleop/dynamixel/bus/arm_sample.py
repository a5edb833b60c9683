# SPDX-License-Identifier: Apache-2.0
"""What an arm's motors measured, and the way from ticks to joint angles and back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_teleop.dynamixel.bus.control_table import CENTRE_TICKS, RAD_PER_TICK

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class ArmSample:
    """What an arm measured, in the order of its bus file.

    Attributes:
        stamp_ns: middle between question and last answer.
        positions_rad: (N,) joint angles.
        velocities_rad_s: (N,).
        efforts_n_m: (N,) torque of the joint's first motor by its current; NaN if it has no
            current sensor.
    """

    stamp_ns: int
    positions_rad: Vector
    velocities_rad_s: Vector
    efforts_n_m: Vector


def to_rad(ticks: Vector, zero_rad: Vector) -> Vector:
    """Return joint angles of motor positions (N,)."""
    return (ticks - CENTRE_TICKS) * RAD_PER_TICK - zero_rad


def to_ticks(rad: Vector, zero_rad: Vector) -> Vector:
    """Return the motor positions nearest to joint angles (N,), as whole numbers."""
    return np.asarray(np.rint((rad + zero_rad) / RAD_PER_TICK) + CENTRE_TICKS)

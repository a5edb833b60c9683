# SPDX-License-Identifier: Apache-2.0
"""Calibration: an arm stands in a known pose without torque; where its motors say it stands."""

import numpy as np

from act_teleop.dynamixel.bus import control_table as table
from act_teleop.dynamixel.bus.arm_sample import Vector, to_rad
from act_teleop.dynamixel.bus.bus_file import BusSpec
from act_teleop.dynamixel.bus.errors import BusError
from act_teleop.dynamixel.bus.servo_port import ServoPort

# A horn that sits one notch of its spline off is further away than this, and a pose that a person
# holds is nearer.
PLAUSIBLE_RAD = 0.35
# What the motor's Homing Offset may be in position mode, and how well it has to fit, ticks.
_OFFSET_MOST, _OFFSET_WITHIN = 1024, 3


def check_released(port: ServoPort, spec: BusSpec) -> None:
    """Raise BusError if a motor has torque: a person could not have put it anywhere."""
    stiff = [spec.name_of(i) for i in spec.ids if port.read(i, table.TORQUE_ENABLE)]
    if stiff:
        raise BusError(
            f"{', '.join(stiff)} with torque; hold the arm, then `act dynamixel release --port "
            f"{port.path}`"
        )


def align_shadows(port: ServoPort, spec: BusSpec) -> list[str]:
    """Make motors on one joint agree, by the second one's Homing Offset; return that in words.

    Raises:
        BusError: they are too far apart, or the motor does not take the offset.
    """
    done = []
    for motor in spec.motors:
        at = port.read(motor.id, table.PRESENT_POSITION)
        for shadow in motor.shadows:
            port.write(shadow.id, table.HOMING_OFFSET, 0)
            offset = at - port.read(shadow.id, table.PRESENT_POSITION)
            name = spec.name_of(shadow.id)
            if abs(offset) > _OFFSET_MOST:
                raise BusError(
                    f"{name} is {offset} ticks away from motor {motor.id}, more than an offset "
                    "can be; turn its horn, or correct `reverse` in the bus file"
                )
            port.write(shadow.id, table.HOMING_OFFSET, offset)
            left = at - port.read(shadow.id, table.PRESENT_POSITION)
            if abs(left) > _OFFSET_WITHIN:
                raise BusError(f"{name}: still {left} ticks away with Homing Offset {offset}")
            done.append(f"{name}: Homing Offset {offset}")
    return done


def find_zeros(port: ServoPort, spec: BusSpec, pose: Vector) -> dict[str, float]:
    """Return joint → `zero_rad`, so that the arm's pose reads as `pose` (N,), as the bus file.

    Raises:
        BusError: a joint stands too far from `pose` for a calibration to be the reason.
    """
    ticks = [port.read(motor.id, table.PRESENT_POSITION) for motor in spec.motors]
    zeros = to_rad(np.array(ticks, float), np.zeros(len(ticks))) - pose
    for motor, zero in zip(spec.motors, zeros, strict=True):
        if abs(zero - motor.zero_rad) > PLAUSIBLE_RAD:
            raise BusError(
                f"'{motor.name}' stands {zero - motor.zero_rad:+.2f} rad from the pose (limit "
                f"{PLAUSIBLE_RAD:g} rad); move it there, or set zero_rad or reverse in the bus "
                "file"
            )
    return {m.name: round(float(z), 5) for m, z in zip(spec.motors, zeros, strict=True)}

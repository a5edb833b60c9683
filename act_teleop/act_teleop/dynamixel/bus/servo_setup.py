# SPDX-License-Identifier: Apache-2.0
"""Brings motors into the state their bus file asks for, without moving one."""

from collections.abc import Mapping
from dataclasses import dataclass

from act_teleop.dynamixel.bus import control_table as table
from act_teleop.dynamixel.bus.arm_sample import Vector
from act_teleop.dynamixel.bus.bus_file import BusSpec, MotorSpec
from act_teleop.dynamixel.bus.control_table import MODELS, Model, Register
from act_teleop.dynamixel.bus.errors import AnswerError, BusError
from act_teleop.dynamixel.bus.servo_port import ServoPort

Values = dict[Register, int]
# Two motors on one joint that differ by more would pull against each other, rad.
SHADOW_WITHIN_RAD = 0.1


@dataclass(frozen=True)
class FoundMotor:
    """What answers under an id.

    Attributes:
        model: of the motor.
        lowest: least goal that it takes, ticks.
        highest: greatest goal that it takes, ticks.
    """

    model: Model
    lowest: int
    highest: int

    def nearest_goal(self, tick: int) -> int:
        """Return the goal nearest to a position that the motor takes, ticks."""
        return min(max(tick, self.lowest), self.highest)


def eeprom_of(motor: MotorSpec) -> dict[int, Values]:
    """Return id → what EEPROM has to hold, for a joint's motor and its shadows."""
    common = {table.RETURN_DELAY_TIME: 0, table.OPERATING_MODE: table.MODES[motor.mode]}
    values = {
        motor.id: {
            table.DRIVE_MODE: table.REVERSE_BIT * motor.reverse,
            table.SECONDARY_ID: table.NO_SECONDARY_ID,
        }
    }
    for shadow in motor.shadows:
        values[shadow.id] = {
            table.DRIVE_MODE: table.REVERSE_BIT * shadow.reverse,
            table.SECONDARY_ID: motor.id,
        }
    return {motor_id: {**common, **own} for motor_id, own in values.items()}


def ram_of(motor: MotorSpec, model: Model) -> Values:
    """Return what RAM has to hold; it is lost with power and by a reboot."""
    acceleration = motor.profile_acceleration_rad_s2 / table.RAD_S2_PER_UNIT
    values = {
        table.PROFILE_ACCELERATION: round(acceleration),
        table.PROFILE_VELOCITY: round(motor.profile_velocity_rad_s / table.RAD_S_PER_UNIT),
    }
    gains = {
        table.POSITION_P_GAIN: motor.position_p_gain,
        table.POSITION_I_GAIN: motor.position_i_gain,
        table.POSITION_D_GAIN: motor.position_d_gain,
    }
    values |= {register: gain for register, gain in gains.items() if gain is not None}
    if motor.current_limit_a is not None:
        values[table.GOAL_CURRENT] = round(motor.current_limit_a / model.current_unit_a)
    return values


def find_motors(port: ServoPort, spec: BusSpec) -> dict[int, FoundMotor]:
    """Return id → motor for the whole bus.

    Raises:
        BusError: a motor does not answer, or is another than the bus file says.
    """
    return {
        motor_id: _find(port, spec, motor, motor_id)
        for motor in spec.motors
        for motor_id in (motor.id, *(s.id for s in motor.shadows))
    }


def _find(port: ServoPort, spec: BusSpec, motor: MotorSpec, motor_id: int) -> FoundMotor:
    name = spec.name_of(motor_id)
    try:
        number = port.ping(motor_id)
    except AnswerError as error:
        raise BusError(
            f"{name} does not answer on {port.path} at {spec.baud_rate} bit/s; check power and "
            f"cables, then `act dynamixel scan --port {port.path}`"
        ) from error
    model = MODELS.get(number)
    if model is None:
        known = ", ".join(m.name for m in MODELS.values())
        raise BusError(f"{name} is of the unknown model number {number}. Known: {known}")
    if motor.model and motor.model != model.name:
        raise BusError(f"{name} is a {model.name}, the bus file says {motor.model}; set model")
    if motor.mode == "current_based_position" and not model.current_unit_a:
        raise BusError(
            f"{name} is a {model.name}, which cannot limit its current; set mode: position"
        )
    if motor.mode != "position":
        return FoundMotor(model, -(2**31), 2**31 - 1)
    return FoundMotor(
        model,
        port.read(motor_id, table.MIN_POSITION_LIMIT),
        port.read(motor_id, table.MAX_POSITION_LIMIT),
    )


def set_up_eeprom(port: ServoPort, spec: BusSpec) -> list[str]:
    """Write what differs from the bus file, and return that in words.

    Raises:
        BusError: something differs in a motor that has torque; without torque an arm falls, so
            that is for a person to do.
    """
    changed = []
    for motor in spec.motors:
        for motor_id, values in eeprom_of(motor).items():
            differing = {r: v for r, v in values.items() if port.read(motor_id, r) != v}
            if not differing:
                continue
            name = spec.name_of(motor_id)
            texts = [f"{register.name} := {value}" for register, value in differing.items()]
            if port.read(motor_id, table.TORQUE_ENABLE):
                raise BusError(
                    f"{name} has torque, and {', '.join(texts)} can be written only without; hold "
                    f"the arm, then `act dynamixel release --port {port.path}`, and start again"
                )
            for register, value in differing.items():
                port.write(motor_id, register, value)
            changed.append(f"{name}: {', '.join(texts)}")
    return changed


def set_up_ram(port: ServoPort, motor: MotorSpec, found: Mapping[int, FoundMotor]) -> None:
    """Write gains, profile and current limit of a joint's motor and its shadows."""
    for motor_id in (motor.id, *(s.id for s in motor.shadows)):
        for register, value in ram_of(motor, found[motor_id].model).items():
            port.write(motor_id, register, value)


def check_shadows(spec: BusSpec, ticks: Vector) -> None:
    """Raise BusError if a joint's motors disagree about where it is; ticks as `spec.ids`."""
    at = dict(zip(spec.ids, ticks, strict=True))
    for motor in spec.motors:
        for shadow in motor.shadows:
            away_rad = (at[shadow.id] - at[motor.id]) * table.RAD_PER_TICK
            if abs(away_rad) > SHADOW_WITHIN_RAD:
                raise BusError(
                    f"{spec.name_of(shadow.id)} reads {away_rad:+.2f} rad against motor "
                    f"{motor.id} on the same joint (limit {SHADOW_WITHIN_RAD:g} rad); they would "
                    "pull against each other; `act dynamixel calibrate` aligns them"
                )


def check_limits(spec: BusSpec, found: Mapping[int, FoundMotor], ticks: Vector) -> None:
    """Raise BusError if a motor stands where it takes no goal; ticks as `spec.ids`."""
    at = dict(zip(spec.ids, ticks, strict=True))
    for motor in spec.motors:
        limits = found[motor.id]
        if not limits.lowest <= at[motor.id] <= limits.highest:
            raise BusError(
                f"{spec.name_of(motor.id)} stands at tick {at[motor.id]:.0f}, outside its own "
                f"limits {limits.lowest} … {limits.highest}; move it inside by hand"
            )

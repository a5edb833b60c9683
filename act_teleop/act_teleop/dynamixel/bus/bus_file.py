# SPDX-License-Identifier: Apache-2.0
"""Bus files: what hangs on one serial port. YAML, checked before anything is opened."""

from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from act_core.checked import CHECKED, checked
from act_core.errors import suggestion
from act_core.paths import user_path
from act_core.robot.arm_spec import Name, Positive, no_doubles
from act_core.yaml_file import parse_yaml, to_yaml
from act_teleop.dynamixel.bus.control_table import WATCHDOG_MOST, WATCHDOG_UNIT_S
from act_teleop.dynamixel.bus.crank import Crank
from act_teleop.dynamixel.bus.errors import BusError

Id = Annotated[int, Field(ge=0, le=252)]
Gain = Annotated[int, Field(ge=0, le=16_383)]
NotNegative = Annotated[float, Field(ge=0.0)]
Watchdog = Annotated[float, Field(ge=0.0, le=WATCHDOG_MOST * WATCHDOG_UNIT_S)]
BaudRate = Literal[57_600, 115_200, 1_000_000, 2_000_000, 3_000_000, 4_000_000]


@dataclass(frozen=True, config=CHECKED)
class ShadowSpec:
    """A second motor on the same joint: it takes the first one's goals by its Secondary ID."""

    id: Id
    reverse: bool = False


@dataclass(frozen=True, config=CHECKED)
class MotorSpec:
    """The motor of one joint.

    Attributes:
        name: of the joint in the robot file.
        id: on the bus.
        model: what has to answer there; empty: any that the suite knows.
        reverse: turns the other way round (Drive Mode, bit 0).
        shadows: further motors on this joint.
        zero_rad: motor angle from its centre, tick 2048, at which the joint is at 0; the
            calibration file has the last word.
        mode: Operating Mode.
        position_p_gain: of the motor's position loop; None leaves the motor's own.
        position_i_gain: the same.
        position_d_gain: the same.
        profile_velocity_rad_s: the motor's own limit between goals; 0 is none.
        profile_acceleration_rad_s2: the same.
        current_limit_a: in mode current_based_position, the most it pushes with.
        crank: of a gripper whose state the robot file has in metres of its finger; without it the
            finger is taken to move in proportion to the motor.
    """

    name: Name
    id: Id
    model: str = ""
    reverse: bool = False
    shadows: tuple[ShadowSpec, ...] = ()
    zero_rad: float = 0.0
    mode: Literal["position", "extended_position", "current_based_position"] = "position"
    position_p_gain: Gain | None = None
    position_i_gain: Gain | None = None
    position_d_gain: Gain | None = None
    profile_velocity_rad_s: NotNegative = 0.0
    profile_acceleration_rad_s2: NotNegative = 0.0
    current_limit_a: Positive | None = None
    crank: Crank | None = None

    @model_validator(mode="after")
    def _check(self) -> "MotorSpec":
        if self.current_limit_a is not None and self.mode != "current_based_position":
            raise ValueError(
                f"current_limit_a acts in mode current_based_position, mode is {self.mode}"
            )
        return self


@dataclass(frozen=True, config=CHECKED)
class BusSpec:
    """One port with an arm's motors.

    Attributes:
        port: device; `{arm}` stands for the arm's name in the robot file.
        baud_rate: bit/s, as the motors have it in their EEPROM.
        watchdog_s: silence after which motors with torque stand still by themselves; 0: never.
        check_clocks: refuse samples that were not taken when they were asked for, by the motors'
            own clocks; false for motors whose clocks prove to be no such thing.
        motors: one for each joint of the arm and one for its gripper.
    """

    port: Name
    baud_rate: BaudRate
    motors: Annotated[tuple[MotorSpec, ...], Field(min_length=1)]
    watchdog_s: Watchdog = 0.0
    check_clocks: bool = True

    @model_validator(mode="after")
    def _check(self) -> "BusSpec":
        no_doubles("motor", [motor.name for motor in self.motors])
        no_doubles("id", [str(number) for number in self.ids])
        return self

    @property
    def ids(self) -> tuple[int, ...]:
        """All motors of the bus, shadows after the motor they follow."""
        return tuple(i for m in self.motors for i in (m.id, *(s.id for s in m.shadows)))

    def name_of(self, motor_id: int) -> str:
        """Return "motor 3 (shoulder)", for messages to people."""
        for motor in self.motors:
            if motor_id in (motor.id, *(s.id for s in motor.shadows)):
                return f"motor {motor_id} ({motor.name})"
        return f"motor {motor_id}"


@dataclass(frozen=True, config=CHECKED)
class Calibration:
    """What the calibration command found: joint name → `zero_rad`."""

    zero_rad: Mapping[str, float]


def shipped_buses() -> dict[str, str]:
    """Return name → YAML text of the bus files that come with the suite."""
    folder = files("act_teleop.dynamixel") / "buses"
    return {Path(f.name).stem: f.read_text(encoding="utf-8") for f in folder.iterdir()}


def load_bus(name_or_path: str, arm: str, calibration_dir: Path) -> BusSpec:
    """Load a shipped bus by name, or any by the path of its file, for the arm called `arm`.

    The arm's calibration is taken from `calibration_dir`, if it is there.

    Raises:
        BusError: no such bus, or a file has a fault (which is named).
    """
    shipped = shipped_buses()
    path = user_path(name_or_path)
    if name_or_path not in shipped and path.suffix not in (".yaml", ".yml"):
        hint = suggestion(name_or_path, shipped)
        raise BusError(f"no bus '{name_or_path}'{hint}; or give the path of a .yaml file")
    text = shipped.get(name_or_path) or _read(path, "bus")
    try:
        spec = checked(BusSpec, parse_yaml(text))
    except ValueError as error:
        raise BusError(f"bus {name_or_path}: {error}") from error
    spec = replace(spec, port=spec.port.replace("{arm}", arm))
    calibration = calibration_file(name_or_path, arm, calibration_dir)
    return _calibrated(spec, calibration) if calibration.exists() else spec


def calibration_file(name_or_path: str, arm: str, calibration_dir: Path) -> Path:
    """Return where the calibration of an arm belongs."""
    return calibration_dir / f"{user_path(name_or_path).stem}_{arm}.yaml"


def write_calibration(path: Path, zero_rad: Mapping[str, float]) -> None:
    """Write a calibration file; joint name → zero_rad."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(to_yaml({"zero_rad": dict(zero_rad)}), encoding="utf-8")
    partial.replace(path)


def _calibrated(spec: BusSpec, path: Path) -> BusSpec:
    try:
        zero_rad = checked(Calibration, parse_yaml(_read(path, "calibration"))).zero_rad
    except ValueError as error:
        raise BusError(f"calibration {path}: {error}") from error
    known = [motor.name for motor in spec.motors]
    for name in zero_rad:
        if name not in known:
            raise BusError(f"calibration {path}: no joint '{name}'{suggestion(name, known)}")
    motors = [replace(m, zero_rad=zero_rad.get(m.name, m.zero_rad)) for m in spec.motors]
    return replace(spec, motors=tuple(motors))


def _read(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BusError(f"{what} file {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BusError(f"{what} file {path}: not UTF-8 text: {error}") from error

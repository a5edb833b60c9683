# SPDX-License-Identifier: Apache-2.0
"""The arms of one side of the robot, each on its bus, as one vector. No ROS."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from act_core.errors import JointValuesError, suggestion
from act_core.observation import JointSample, Missing
from act_core.robot.arm_spec import ArmSpec, GripperEnd
from act_core.robot.robot_spec import RobotSpec
from act_teleop.dynamixel.bus.arm_sample import ArmSample
from act_teleop.dynamixel.bus.crank import Crank
from act_teleop.dynamixel.bus.errors import AnswerError, BusError, PortLostError
from act_teleop.dynamixel.bus.serial_port import latency_ms
from act_teleop.dynamixel.bus.servo_bus import ServoBus

T = TypeVar("T")
# A bus without a sample for this long is opened and set up anew, and again after as long.
RECONNECT_S = 1.0


class ArmGroup:
    """Reads and commands all buses at the same time, each in a thread of its own.

    A sample has every arm, or there is none. A bus that is lost is sought in the background, while
    nothing is sent to the others.

    Args:
        spec: the robot.
        stream: which ranges of the grippers the motors' angles have: of its leaders or of its
            commands.
        buses: arm's name → bus.
    """

    def __init__(
        self, spec: RobotSpec, stream: Literal["leader", "command"], buses: Mapping[str, ServoBus]
    ) -> None:
        self._channel = spec.leader if stream == "leader" else spec.command
        self._buses = {arm.name: buses[arm.name] for arm in spec.arms}
        self._order = {arm.name: _order(spec, arm, stream, buses[arm.name]) for arm in spec.arms}
        self._cranks = _cranks(spec, stream, self._buses)
        self._pool = ThreadPoolExecutor(len(self._buses), "dynamixel")
        self._seen_s = dict.fromkeys(self._buses, time.monotonic())
        self._seeking: dict[str, Future[None]] = {}
        self._lost: dict[str, str] = {}  # why it is sought

    @property
    def torque(self) -> bool:
        """Whether all motors of all arms have torque."""
        return all(bus.torque for bus in self._buses.values())

    @property
    def any_torque(self) -> bool:
        """Whether an arm has torque."""
        return any(bus.torque for bus in self._buses.values())

    @property
    def faults(self) -> list[str]:
        """Hardware errors that motors report, in words."""
        return [text for bus in self._buses.values() for text in bus.faults.values()]

    def connect(self) -> list[str]:
        """Open and set up all buses; return what a person should know about it, in words.

        Raises:
            BusError: one cannot be used.
        """
        self._all(ServoBus.connect)
        notes = [
            f"{n}: wrote EEPROM of {t}" for n, bus in self._buses.items() for t in bus.changed
        ]
        for name, bus in self._buses.items():
            if (kept_ms := latency_ms(bus.port.path)) > 1:
                notes.append(
                    f"{name}: {bus.port.path} keeps bytes for {kept_ms} ms (latency_timer), "
                    "expected 1; install the udev rule of docs/how_to/connect_dynamixel_arms.md"
                )
        return notes

    def read(self) -> JointSample | Missing:
        """Return what all arms measured, or why there is no sample."""
        reading = {
            name: self._pool.submit(bus.read)
            for name, bus in self._buses.items()
            if not self._is_sought(name)
        }
        samples, reasons = {}, [f"{name}: {self._lost[name]}" for name in self._seeking]
        for name, future in reading.items():
            try:
                samples[name] = future.result()
                self._seen_s[name] = time.monotonic()
            except (AnswerError, PortLostError) as error:
                reasons.append(f"{name}: {error}")
                silent_s = time.monotonic() - self._seen_s[name]
                if isinstance(error, PortLostError) or silent_s > RECONNECT_S:
                    self._seek(name, error)
        if reasons:
            return Missing("; ".join(reasons))
        try:
            return self._joined(samples)
        except JointValuesError as error:
            return Missing(str(error))

    def write(self, vector: NDArray[np.float64]) -> None:
        """Send all arms to `vector` (D,); while a bus is sought, none of them."""
        if self._seeking:
            return
        rest = self._channel.to_raw(vector)
        futures = {}
        for name, bus in self._buses.items():
            order = self._order[name]
            goals = np.empty(len(order))
            goals[order], rest = rest[: len(order)], rest[len(order) :]
            futures[name] = self._pool.submit(bus.write, goals)
        for name, future in futures.items():
            try:
                future.result()
            except BusError as error:
                self._seek(name, error)

    def set_torque(self, on: bool) -> None:
        """Turn torque on at the present pose, or off; raises BusError with every fault."""
        self._all(lambda bus: bus.set_torque(on))

    def keep_torque(self, on: bool) -> None:
        """Turn torque on or off where it is not so yet; see `set_torque`."""
        if self.torque is not on:
            self.set_torque(on)

    def reboot(self) -> list[str]:
        """Restart the motors that report a hardware error; return their names."""
        return [name for names in self._all(ServoBus.reboot) for name in names]

    def figures(self) -> dict[str, object]:
        """Return how each bus does, by name, for diagnostics."""
        figures: dict[str, object] = {}
        for name, bus in self._buses.items():
            values = bus.statistics.values()
            if name not in self._seeking:
                with suppress(AnswerError, PortLostError):  # the next sample tells
                    values |= bus.look()
            figures |= {f"{name}: {key}": value for key, value in values.items()}
        return figures

    def close(self, *, release: bool) -> None:
        """Leave the buses: torque and goals are kept, or all arms are released and fall."""
        wait(self._seeking.values())
        self._seeking.clear()
        try:
            self._all(lambda bus: bus.close(release=release))
        finally:
            self._pool.shutdown()

    def _all(self, act: Callable[[ServoBus], T]) -> list[T]:
        if self._seeking:
            raise BusError(f"{', '.join(self._seeking)}: no connection to its motors")
        futures = [self._pool.submit(act, bus) for bus in self._buses.values()]
        faults = [f"{n}: {f.exception()}" for n, f in zip(self._buses, futures, strict=True)
                  if isinstance(f.exception(), BusError)]  # fmt: skip
        if faults:
            raise BusError("; ".join(faults))
        return [future.result() for future in futures]

    def _seek(self, name: str, reason: BusError) -> None:
        self._lost[name] = str(reason)
        self._seen_s[name] = time.monotonic()
        self._seeking[name] = self._pool.submit(self._buses[name].connect)

    def _is_sought(self, name: str) -> bool:
        """Tell whether a bus is still lost; try anew now and then."""
        future = self._seeking.get(name)
        if future is None:
            return False
        if not future.done():
            return True
        try:
            future.result()
        except BusError as error:
            if time.monotonic() - self._seen_s[name] > RECONNECT_S:
                self._seek(name, error)
            return True
        del self._seeking[name]
        return False

    def _joined(self, samples: Mapping[str, ArmSample]) -> JointSample:
        """Convert motor angles to the vector; raises JointValuesError beyond its ranges."""

        def column(field: str) -> NDArray[np.float64]:
            return np.concatenate(
                [getattr(samples[name], field)[self._order[name]] for name in self._buses]
            )

        angles, speeds = column("positions_rad"), column("velocities_rad_s")
        positions = self._channel.to_columns(self._channel.names, angles)
        velocities = speeds / self._channel.span
        for place, (crank, end) in self._cranks.items():
            angle, span = float(angles[place]), end.open - end.closed
            positions[place] = (crank.finger_m(angle) - end.closed) / span
            velocities[place] = crank.finger_m_per_rad(angle) * speeds[place] / span
        stamp_ns = sum(s.stamp_ns for s in samples.values()) // len(samples)
        return JointSample(stamp_ns, positions, velocities, column("efforts_n_m"))


def _cranks(
    spec: RobotSpec, stream: str, buses: Mapping[str, ServoBus]
) -> dict[int, tuple[Crank, GripperEnd]]:
    """Return column → crank and the range of its finger, where followers report fingers."""
    found = {}
    for arm in spec.arms if stream == "command" else ():
        for motor in buses[arm.name].spec.motors:
            if motor.crank and motor.name == arm.gripper.name and arm.gripper.state.unit == "m":
                column = spec.columns.index(f"{arm.name}_{motor.name}")
                found[column] = (motor.crank, arm.gripper.state)
    return found


def _order(spec: RobotSpec, arm: ArmSpec, stream: str, bus: ServoBus) -> NDArray[np.intp]:
    """Return for each joint of the arm the place of its motor in the bus file."""
    motors = [motor.name for motor in bus.spec.motors]
    for name in {*motors} ^ {*arm.names}:
        if name in motors:
            hint = suggestion(name, arm.names)
            raise BusError(f"bus of arm '{arm.name}': '{name}' is no joint of it{hint}")
        known = ", ".join(motors)
        raise BusError(f"bus of arm '{arm.name}' has no motor '{name}'; there are {known}")
    end: GripperEnd = getattr(arm.gripper, stream)
    if end.unit != "rad":
        raise BusError(
            f"robot '{spec.name}': {stream} of gripper '{arm.gripper.name}' is in {end.unit}, "
            "expected rad, the angle of its motor; take another robot file, or give the angles at "
            "which it is closed and open"
        )
    return np.array([motors.index(name) for name in arm.names])

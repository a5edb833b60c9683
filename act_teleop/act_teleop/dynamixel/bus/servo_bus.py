# SPDX-License-Identifier: Apache-2.0
"""One arm's motors: whole samples out, goals in, torque, and faults in words. No ROS."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress

import numpy as np

from act_teleop.dynamixel.bus import control_table as table
from act_teleop.dynamixel.bus.arm_sample import ArmSample, Vector, to_rad, to_ticks
from act_teleop.dynamixel.bus.bus_file import BusSpec
from act_teleop.dynamixel.bus.bus_statistics import BusStatistics
from act_teleop.dynamixel.bus.control_table import Register
from act_teleop.dynamixel.bus.errors import AnswerError, BusError
from act_teleop.dynamixel.bus.servo_clocks import ServoClocks
from act_teleop.dynamixel.bus.servo_port import Answer, ServoPort
from act_teleop.dynamixel.bus.servo_setup import (
    FoundMotor,
    check_limits,
    check_shadows,
    find_motors,
    set_up_eeprom,
    set_up_ram,
)

FIRST, LAST = table.REALTIME_TICK, table.PRESENT_POSITION
REBOOT_S = 2.0


class ServoBus:
    """An arm on a port. Not for two threads at a time.

    A sample is whole and of its time, or it is an AnswerError; what fails is counted. Torque is
    changed by `set_torque` alone.

    Args:
        arm: its name, for messages.
        spec: from the bus file.
        answer_timeout_s: for an answer beyond the time its bytes take.
        now_ns: the clock of the stamps.

    Attributes:
        torque: whether all motors have torque, as far as was read or written.
        faults: id → hardware error in words, of motors that report one.
        changed: what `connect` had to write into EEPROM, in words.
    """

    def __init__(
        self, arm: str, spec: BusSpec, answer_timeout_s: float, now_ns: Callable[[], int]
    ) -> None:
        self.arm, self.spec, self._now_ns = arm, spec, now_ns
        self.statistics = BusStatistics()
        self.port = ServoPort(spec.port, spec.baud_rate, answer_timeout_s)
        self.torque = False
        self.faults: dict[int, str] = {}
        self.changed: list[str] = []
        self._main = np.array([spec.ids.index(motor.id) for motor in spec.motors])
        self._zero_rad = np.array([motor.zero_rad for motor in spec.motors])
        self._found: Mapping[int, FoundMotor] = {}
        self._clocks = ServoClocks()
        self._ticks = np.zeros(len(spec.ids))
        self._talked_s = 0.0

    def connect(self) -> None:
        """Open the port and set up every motor; none moves, and torque stays as it is.

        Raises:
            BusError: port or motor missing, another motor than expected, or set-up needs torque
                off.
        """
        self.port.close()
        self.port.open()
        self._found = find_motors(self.port, self.spec)
        self._detect_fast_read()
        self._watch(False)  # what it has stopped refuses the current that set-up writes
        self.changed = set_up_eeprom(self.port, self.spec)
        for motor in self.spec.motors:
            set_up_ram(self.port, motor, self._found)
        self.torque = all(self.port.read(i, table.TORQUE_ENABLE) for i in self.spec.ids)
        self._clocks = ServoClocks()
        self._talked_s = time.monotonic()
        self.read()
        check_shadows(self.spec, self._ticks)
        self._watch(self.torque)

    def read(self) -> ArmSample:
        """Ask all motors at once.

        Raises:
            AnswerError: an answer is missing, damaged or late: there is no sample.
            PortLostError: the port is gone.
        """
        if self.torque and 0 < self.spec.watchdog_s < time.monotonic() - self._talked_s:
            self._watch(True)  # the motors have stopped by themselves in the meantime
        asked_s, asked_ns = time.monotonic(), self._now_ns()
        try:
            answers = self.port.sync_read(self.spec.ids, FIRST, LAST)
            answered_s, answered_ns = time.monotonic(), self._now_ns()
            if self.spec.check_clocks:
                ticks = {i: a.value(table.REALTIME_TICK) for i, a in answers.items()}
                self._clocks.check(ticks, asked_s, answered_s)
        except AnswerError as error:
            self.statistics.errors[error.kind] += 1
            raise
        self._talked_s = answered_s
        self.statistics.count_read(answered_s - asked_s)
        self._note_faults({i for i, answer in answers.items() if answer.alert})
        return self._sample(answers, (asked_ns + answered_ns) // 2)

    def write(self, goals_rad: Vector) -> None:
        """Send the arm's motors to (N,) joint angles."""
        self._send(to_ticks(goals_rad, self._zero_rad))

    def set_torque(self, on: bool) -> None:
        """Turn torque on, at the present pose, or off, when the arm falls.

        Raises:
            BusError: a motor stands outside its own limits, or does not do it.
        """
        if on:
            self.read()
            check_limits(self.spec, self._found, self._ticks)
            self._watch(False)
            self._send(self._ticks[self._main])
        enable = table.TORQUE_ENABLE
        self._write_all(enable, int(on))
        answers = self.port.sync_read(self.spec.ids, enable, enable)
        wrong = [self.spec.name_of(i) for i, a in answers.items() if a.value(enable) != on]
        self.torque = on and not wrong
        self._watch(self.torque)
        if wrong:
            faults = "; ".join(self.faults.values())
            raise BusError(
                f"{self.arm}: torque does not go {'on' if on else 'off'} at {', '.join(wrong)}"
                + (f"; {faults}; reboot it first" if faults else "")
            )

    def reboot(self) -> list[str]:
        """Restart the motors that report a hardware error, then give torque where it was.

        Returns:
            Their names.

        Raises:
            BusError: one does not come back.
        """
        rebooted = list(self.faults)
        for motor_id in rebooted:
            self.port.reboot(motor_id)
            self._await(motor_id)
        for motor in self.spec.motors:
            if {motor.id, *(s.id for s in motor.shadows)} & set(rebooted):
                set_up_ram(self.port, motor, self._found)
        self._clocks = ServoClocks()
        self.faults = {}
        if rebooted and self.torque:
            self.set_torque(True)
        return [self.spec.name_of(motor_id) for motor_id in rebooted]

    def look(self) -> dict[str, object]:
        """Return the hottest motor and the lowest voltage, for diagnostics."""
        first, last = table.PRESENT_INPUT_VOLTAGE, table.PRESENT_TEMPERATURE
        answers = self.port.sync_read(self.spec.ids, first, last)
        hottest = max(answers, key=lambda i: answers[i].value(last))
        volts = [0.1 * answer.value(first) for answer in answers.values()]
        return {
            "hottest": f"{self.spec.name_of(hottest)} {answers[hottest].value(last)} °C",
            "lowest_voltage": f"{min(volts):.1f} V",
        }

    def close(self, *, release: bool = False) -> None:
        """Leave the bus: motors keep torque and goal, or are released and the arm falls."""
        try:
            if self.port.is_open:
                with suppress(AnswerError):  # left on, it stops motors that hold anyway
                    self._watch(False)
                if release:
                    self.set_torque(False)
        finally:
            self.port.close()

    def _detect_fast_read(self) -> None:
        self.port.fast = True
        try:
            self.port.sync_read(self.spec.ids, FIRST, LAST)
        except AnswerError:  # firmware that does not know it keeps silent
            self.port.fast = False

    def _sample(self, answers: Mapping[int, Answer], stamp_ns: int) -> ArmSample:
        self._ticks = np.array([a.value(table.PRESENT_POSITION) for a in answers.values()], float)
        mains = [answers[motor.id] for motor in self.spec.motors]
        models = [self._found[motor.id].model for motor in self.spec.motors]
        speeds = np.array([a.value(table.PRESENT_VELOCITY) for a in mains])
        currents = np.array([a.value(table.PRESENT_CURRENT) for a in mains])
        torques = np.array([m.current_unit_a * m.torque_n_m_per_a or np.nan for m in models])
        return ArmSample(
            stamp_ns,
            to_rad(self._ticks[self._main], self._zero_rad),
            speeds * table.RAD_S_PER_UNIT,
            currents * torques,
        )

    def _send(self, ticks: Vector) -> None:
        sent = zip(self.spec.motors, ticks, strict=True)
        goals = {motor.id: self._found[motor.id].nearest_goal(int(tick)) for motor, tick in sent}
        self.port.sync_write(table.GOAL_POSITION, goals)
        self._talked_s = time.monotonic()

    def _watch(self, on: bool) -> None:
        """Clear the motors' watchdog, and set it anew where torque makes it matter.

        A motor that has stopped by it refuses goals until it is cleared, and is then given its
        present position: it must not go on to where it was sent long ago.
        """
        if not self.spec.watchdog_s:
            return
        stopped = any(self.port.read(i, table.BUS_WATCHDOG) == 255 for i in self.spec.ids)
        if stopped:
            answers = self.port.sync_read(self.spec.ids, FIRST, LAST)
            here = [answers[m.id].value(table.PRESENT_POSITION) for m in self.spec.motors]
        self._write_all(table.BUS_WATCHDOG, 0)
        if stopped:
            self._send(np.array(here, float))
        if on:
            units = round(self.spec.watchdog_s / table.WATCHDOG_UNIT_S)
            self._write_all(table.BUS_WATCHDOG, max(1, units))
        self._talked_s = time.monotonic()

    def _write_all(self, register: Register, value: int) -> None:
        self.port.sync_write(register, dict.fromkeys(self.spec.ids, value))

    def _note_faults(self, alerting: set[int]) -> None:
        self.faults = {i: text for i, text in self.faults.items() if i in alerting}
        for motor_id in sorted(alerting - set(self.faults)):
            status = self.port.read(motor_id, table.HARDWARE_ERROR_STATUS)
            self.faults[motor_id] = (
                f"{self.spec.name_of(motor_id)} of {self.arm}: {table.hardware_errors(status)}"
            )

    def _await(self, motor_id: int) -> None:
        end_s = time.monotonic() + REBOOT_S
        while True:
            try:
                self.port.ping(motor_id)
                return
            except AnswerError as error:
                if time.monotonic() > end_s:
                    name = self.spec.name_of(motor_id)
                    raise BusError(f"{name} does not come back after its reboot") from error

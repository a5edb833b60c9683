# SPDX-License-Identifier: Apache-2.0
"""One serial port with Dynamixel motors, over ROBOTIS's SDK: an answer is what was asked, or none.

The SDK (4.1.0) alone gives bytes of the checksum for data when a motor answers with an error, does
not look at error fields in a sync read, and times out by the wall clock; hence the checks here.
"""

import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from dynamixel_sdk import COMM_RX_TIMEOUT, COMM_SUCCESS, Protocol2PacketHandler

from act_teleop.dynamixel.bus.control_table import Register
from act_teleop.dynamixel.bus.errors import AnswerError, PortLostError
from act_teleop.dynamixel.bus.serial_port import SerialPort, lost_reason

T = TypeVar("T")

ALERT = 0x80
BROADCAST = 0xFE
# Of the error field of an answer. Source: e-Manual, Protocol 2.0, Status Packet.
_REFUSALS = {
    1: "failed", 2: "unknown instruction", 3: "checksum of the instruction",
    4: "value out of range", 5: "wrong length", 6: "value beyond its limit",
    7: "no access (in EEPROM: torque is on)",
}  # fmt: skip
_TRIES = 3
_SETTLE_S = 0.05


@dataclass(frozen=True)
class Answer:
    """What a motor answered.

    Attributes:
        data: the bytes of its registers.
        alert: whether it reports a hardware error.
        address: of the first byte.
    """

    data: bytes
    alert: bool
    address: int

    def value(self, register: Register) -> int:
        """Return what a register in it says."""
        start = register.address - self.address
        return register.decode(self.data[start : start + register.size])


class ServoPort:
    """Asks motors and checks what they answer. Not for two threads at a time.

    Args:
        path: of the device.
        baud_rate: bit/s.
        answer_timeout_s: for an answer beyond the time its bytes take.

    Attributes:
        path: of the device.
        fast: read many motors by Fast Sync Read, one answer for all; needs firmware that has it.
    """

    def __init__(self, path: str, baud_rate: int, answer_timeout_s: float) -> None:
        self.path, self._baud_rate = path, baud_rate
        self.fast = False
        self._serial = SerialPort(path, answer_timeout_s)
        self._packets: Any = Protocol2PacketHandler()

    def open(self) -> None:
        """Open the device; raises PortLostError saying why it cannot be."""
        with self._guarded():
            self._serial.setBaudRate(self._baud_rate)

    @property
    def is_open(self) -> bool:
        """Whether the device is open, as far as is known."""
        return bool(self._serial.is_open)

    def close(self) -> None:
        """Close the device, whatever has become of it."""
        if self._serial.is_open:
            self._serial.is_open = False
            for step in (self._serial.ser.flush, self._serial.ser.close):
                with suppress(OSError, termios.error):
                    step()

    def find(self) -> dict[int, int]:
        """Ask everybody on the bus (0.8 s); return id → model number."""
        with self._guarded():
            found, _ = self._packets.broadcastPing(self._serial)
        return {motor_id: number for motor_id, (number, _) in sorted(found.items())}

    def ping(self, motor_id: int) -> int:
        """Return the model number of a motor; raises AnswerError when it does not answer."""

        def ask() -> int:
            number, result, _ = self._packets.ping(self._serial, motor_id)
            _check_result(result, f"motor {motor_id}")
            return int(number)

        return self._retried(ask)

    def read(self, motor_id: int, register: Register) -> int:
        """Return a register's value; raises AnswerError."""

        def ask() -> int:
            result = self._packets.readTx(self._serial, motor_id, register.address, register.size)
            _check_result(result, f"motor {motor_id}, {register.name}")
            return self._receive(motor_id, register.address, register.size).value(register)

        return self._retried(ask)

    def write(self, motor_id: int, register: Register, value: int) -> None:
        """Set a register, and have it confirmed; raises AnswerError."""

        def ask() -> None:
            result, error = self._packets.writeTxRx(
                self._serial, motor_id, register.address, register.size, register.encode(value)
            )
            what = f"motor {motor_id}, {register.name} := {value}"
            _check_result(result, what)
            _check_refusal(error, what)

        self._retried(ask)

    def reboot(self, motor_id: int) -> None:
        """Restart a motor: its errors are cleared, its RAM has defaults, its torque is off."""
        with self._guarded():
            result, _ = self._packets.reboot(self._serial, motor_id)
        _check_result(result, f"motor {motor_id}, reboot")

    def sync_read(self, ids: Sequence[int], first: Register, last: Register) -> dict[int, Answer]:
        """Read the registers from `first` to `last` of all motors at once; never a part of them.

        Raises:
            AnswerError: one answer is missing, damaged, refused, or out of turn. What is still
                under way has been waited for and thrown away.
        """
        length = last.address + last.size - first.address
        receive = self._receive_fast if self.fast else self._receive_each
        with self._guarded():
            try:
                _check_result(
                    self._packets.syncReadTx(
                        self._serial, first.address, length, ids, len(ids), self.fast
                    ),
                    "sync read",
                )
                return receive(ids, first.address, length)
            except AnswerError:
                self._settle()
                raise

    def sync_write(self, register: Register, values: Mapping[int, int]) -> None:
        """Set a register of many motors at once, unconfirmed."""
        words = [b for i, value in values.items() for b in (i, *register.encode(value))]
        with self._guarded():
            result = self._packets.syncWriteTxOnly(
                self._serial, register.address, register.size, words, len(words)
            )
        _check_result(result, f"sync write of {register.name}")

    def _receive_each(self, ids: Sequence[int], address: int, length: int) -> dict[int, Answer]:
        return {motor_id: self._receive(motor_id, address, length) for motor_id in ids}

    def _receive(self, motor_id: int, address: int, length: int) -> Answer:
        packet, result = self._packets.rxPacket(self._serial, False)
        what = f"motor {motor_id}"
        _check_result(result, what)
        if packet[4] != motor_id:
            raise AnswerError("stale", f"{what}: motor {packet[4]} answered in its place")
        _check_refusal(packet[8], what)
        # After the header's 7 bytes: instruction, error, data, checksum.
        if packet[5] + 256 * packet[6] != length + 4:
            raise AnswerError("damaged", f"{what}: an answer of another length")
        return Answer(bytes(packet[9 : 9 + length]), bool(packet[8] & ALERT), address)

    def _receive_fast(self, ids: Sequence[int], address: int, length: int) -> dict[int, Answer]:
        packet, result = self._packets.rxPacket(self._serial, True)
        _check_result(result, "fast sync read")
        # One part for each motor: error, id, data, checksum.
        part = length + 4
        if packet[4] != BROADCAST or packet[5] + 256 * packet[6] != 1 + part * len(ids):
            raise AnswerError("stale", "fast sync read: an answer to something else")
        answers = {}
        for place, motor_id in enumerate(ids):
            error, answering, *data = packet[8 + place * part : 8 + (place + 1) * part - 2]
            if answering != motor_id:
                raise AnswerError("damaged", f"motor {motor_id}: {answering} is in its place")
            _check_refusal(error, f"motor {motor_id}")
            answers[motor_id] = Answer(bytes(data), bool(error & ALERT), address)
        return answers

    def _settle(self) -> None:
        """Wait until the bus is silent: a late answer must not be taken for the next one."""
        end_s = time.monotonic() + _SETTLE_S
        while self._serial.ser.read(256) and time.monotonic() < end_s:
            pass

    def _retried(self, ask: Callable[[], T]) -> T:
        with self._guarded():
            for tries_left in reversed(range(_TRIES)):
                try:
                    return ask()
                except AnswerError as error:
                    self._settle()
                    if not tries_left or error.kind == "refused":
                        raise
        raise AssertionError

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn what the operating system says about a lost device into our error."""
        try:
            yield
        except (OSError, termios.error) as error:
            text = str(error.args[-1] if error.args else error)
            raise PortLostError(f"port {self.path}: {lost_reason(text)}") from error
        finally:
            self._serial.is_using = False  # the SDK leaves it set when something raises


def _check_result(result: int, what: str) -> None:
    if result == COMM_RX_TIMEOUT:
        raise AnswerError("timeout", f"{what}: no answer")
    if result != COMM_SUCCESS:
        raise AnswerError("damaged", f"{what}: a damaged or partial answer")


def _check_refusal(error: int, what: str) -> None:
    number = error & ~ALERT
    if number:
        raise AnswerError("refused", f"{what}: {_REFUSALS.get(number, f'error {number}')}")

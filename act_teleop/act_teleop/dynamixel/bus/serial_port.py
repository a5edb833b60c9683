# SPDX-License-Identifier: Apache-2.0
"""The serial device below the SDK, and what the operating system says of it."""

import time
from contextlib import suppress
from pathlib import Path

import serial
from dynamixel_sdk import PortHandler

# A read returns once its bytes are there, and at the latest after this; then the time is checked.
_SLICE_S = 0.001
_NOISE_MS = 100.0


class SerialPort(PortHandler):
    """The SDK's port with exclusive access, blocking reads and a steady clock.

    Args:
        path: of the device.
        answer_timeout_s: for an answer beyond the time its bytes take.
    """

    def __init__(self, path: str, answer_timeout_s: float) -> None:
        super().__init__(path)
        self._answer_timeout_ms = 1e3 * answer_timeout_s

    def setupPort(self, cflag_baud: int) -> bool:  # noqa: N802 - the SDK's name
        """Open the device at the SDK's `baudrate`."""
        # exclusive: two programs on one port would read each other's answers.
        self.ser = serial.Serial(
            self.port_name, cflag_baud, timeout=_SLICE_S, write_timeout=0.1, exclusive=True
        )
        self.is_open = True
        self.tx_time_per_byte = 10e3 / self.baudrate
        return True

    def setPacketTimeout(self, packet_length: int) -> None:  # noqa: N802
        """Begin the time for an answer of so many bytes."""
        time_ms = self.tx_time_per_byte * packet_length + self._answer_timeout_ms
        self.setPacketTimeoutMillis(time_ms)

    def readPort(self, length: int) -> bytes:  # noqa: N802
        """Return what has come, `length` bytes at most."""
        # The SDK looks at the time only while bytes stay out; noise must not hold it for ever.
        if self.getTimeSinceStart() > self.packet_timeout + _NOISE_MS:
            return b""
        return bytes(self.ser.read(length))

    def getCurrentTime(self) -> float:  # noqa: N802
        """Return ms of a clock that nobody sets."""
        return time.monotonic_ns() / 1e6


def latency_ms(path: str) -> int:
    """Return how long the adapter of a device keeps bytes that have come, ms; 0: not known."""
    timer = Path("/sys/class/tty") / Path(path).resolve().name / "device" / "latency_timer"
    with suppress(OSError, ValueError):
        return int(timer.read_text())
    return 0


def lost_reason(text: str) -> str:
    """Return what to do about what the operating system says of a device."""
    if "exclusively lock" in text:
        return "another program has it open; end that one"
    if "No such file" in text:
        return "no such device; is it plugged in, is the udev rule installed?"
    if "Permission" in text:
        return "no permission; add yourself to the group dialout, log in again"
    return f"lost ({text})"

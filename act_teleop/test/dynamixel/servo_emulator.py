# SPDX-License-Identifier: Apache-2.0
"""Dynamixel motors on a port that is a pseudo terminal: Protocol 2.0 with faults on demand.

Written from the e-Manual, apart from the SDK, so that the two check each other. The frame of a
Fast Sync Read's answer is the SDK's alone, as the e-Manual's stored pages do not have it.
"""

import itertools
import os
import select
import signal
import sys
import threading
import time
import tty
from collections.abc import Callable, Iterable
from pathlib import Path

from emulated_servo import EmulatedServo

HEADER = b"\xff\xff\xfd\x00"
PING, READ, WRITE, REBOOT, STATUS = 0x01, 0x02, 0x03, 0x08, 0x55
SYNC_READ, SYNC_WRITE, FAST_SYNC_READ = 0x82, 0x83, 0x8A
BROADCAST = 0xFE
FAST_READ_FROM_FIRMWARE = 45
CRC_ERROR = 3
BIT_S = 1e-6


def crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x8005 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


_TABLE = [crc16(bytes([byte])) for byte in range(256)]


def checksum(data: bytes) -> bytes:
    crc = 0
    for byte in data:
        crc = (crc << 8 ^ _TABLE[crc >> 8 ^ byte]) & 0xFFFF
    return crc.to_bytes(2, "little")


def status(motor_id: int, error: int, data: bytes) -> bytes:
    body = bytes([STATUS, error]) + data
    body = body.replace(b"\xff\xff\xfd", b"\xff\xff\xfd\xfd")
    packet = HEADER + bytes([motor_id]) + (len(body) + 2).to_bytes(2, "little") + body
    return packet + checksum(packet)


class ServoEmulator:
    """Motors behind `path`, answering in a thread of their own.

    Attributes:
        servos: id → motor.
        disturb: what becomes of each answer's bytes; faults are put here.
        delay_s: before each answer.
        heard: instructions so far.
    """

    def __init__(self, path: Path, servos: Iterable[EmulatedServo], *, real_time: bool = False):
        self.path, self.servos = path, {servo.id: servo for servo in servos}
        self.disturb: Callable[[bytes], bytes] = lambda answer: answer
        self.delay_s = 0.0
        self.heard = 0
        self._real_time = real_time
        self._lock = threading.Lock()
        self._ended = False
        self._master = self._slave = -1
        self.plug()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def plug(self) -> None:
        with self._lock:
            self._buffer = b""
            self._master, self._slave = os.openpty()
            tty.setraw(self._slave)
            self.path.unlink(missing_ok=True)
            self.path.symlink_to(os.ttyname(self._slave))

    def unplug(self) -> None:
        with self._lock:
            self.path.unlink(missing_ok=True)
            for descriptor in (self._master, self._slave):
                os.close(descriptor)
            self._master = self._slave = -1

    def close(self) -> None:
        self._ended = True
        self._thread.join()
        if self._master >= 0:
            self.unplug()

    def _run(self) -> None:
        while not self._ended:
            with self._lock:
                master = self._master
                ready = master >= 0 and select.select([master], [], [], 0.002)[0]
                if ready:
                    self._buffer += os.read(master, 4096)
                    while self._take_packet():
                        pass
            if master < 0:
                time.sleep(0.005)

    def _take_packet(self) -> bool:
        start = self._buffer.find(HEADER)
        if start < 0 or len(self._buffer) < start + 7:
            return False
        length = int.from_bytes(self._buffer[start + 5 : start + 7], "little")
        end = start + 7 + length
        if len(self._buffer) < end:
            return False
        packet, self._buffer = self._buffer[start:end], self._buffer[end:]
        if checksum(packet[:-2]) == packet[-2:]:
            body = packet[7:-2].replace(b"\xff\xff\xfd\xfd", b"\xff\xff\xfd")
            self.heard += 1
            self._send(self._answer(packet[4], body[0], body[1:]), len(packet))
        return True

    def _send(self, answer: bytes, asked: int) -> None:
        if self._real_time:  # bytes on the wire, and the adapter's timer of 1 ms
            time.sleep(10 * BIT_S * (asked + len(answer)) + (1e-3 if answer else 0.0))
        if self.delay_s and answer:
            time.sleep(self.delay_s)
        answer = self.disturb(answer) if answer else b""
        if answer:
            os.write(self._master, answer)

    def _answer(self, motor_id: int, instruction: int, given: bytes) -> bytes:
        now_s = time.monotonic()
        here = {i: s for i, s in self.servos.items() if now_s >= s.away_until_s}
        for servo in here.values():
            servo.hear(now_s)
        if motor_id == BROADCAST:
            return self._answer_all(here, instruction, given)
        address, length = (int.from_bytes(given[i : i + 2], "little") for i in (0, 2))
        error = self._write(here, motor_id, address, given[2:]) if instruction == WRITE else 0
        if motor_id not in here:
            return b""
        servo = here[motor_id]
        if instruction == PING:
            return self._ping(servo)
        if instruction == READ:
            return self._status(servo, servo.read(address, length))
        answer = self._status(servo, b"", error)
        if instruction == REBOOT:
            servo.reboot()
        return answer

    def _answer_all(self, here: dict[int, EmulatedServo], instruction: int, given: bytes) -> bytes:
        address, length = (int.from_bytes(given[i : i + 2], "little") for i in (0, 2))
        if instruction == PING:
            return b"".join(self._ping(servo) for servo in here.values())
        if instruction == SYNC_READ:  # one that is away keeps those behind it waiting
            asked = itertools.takewhile(lambda i: i in here, given[4:])
            return b"".join(self._status(here[i], here[i].read(address, length)) for i in asked)
        if instruction == FAST_SYNC_READ:
            return self._fast(here, given[4:], address, length)
        assert instruction == SYNC_WRITE
        for place in range(4, len(given), 1 + length):
            self._write(here, given[place], address, given[place + 1 : place + 1 + length])
        return b""

    def _ping(self, servo: EmulatedServo) -> bytes:
        return self._status(servo, servo.read(0, 2) + servo.read(6, 1))

    def _write(self, here: dict[int, EmulatedServo], to: int, address: int, data: bytes) -> int:
        for servo in here.values():
            if servo.secondary_id == to and servo.id != to:
                servo.write(address, data, by_secondary=True)
        return here[to].write(address, data) if to in here else 0

    def _fast(
        self, here: dict[int, EmulatedServo], ids: bytes, address: int, length: int
    ) -> bytes:
        if any(i not in here or here[i].firmware < FAST_READ_FROM_FIRMWARE for i in ids):
            return b""
        total = 1 + len(ids) * (length + 4)
        packet = HEADER + bytes([BROADCAST]) + total.to_bytes(2, "little") + bytes([STATUS])
        for i in ids:
            packet += bytes([_alert(here[i]), i]) + here[i].read(address, length)
            packet += checksum(packet)
        return packet

    @staticmethod
    def _status(servo: EmulatedServo, data: bytes, error: int = 0) -> bytes:
        return status(servo.id, error | _alert(servo), b"" if error else data)


def _alert(servo: EmulatedServo) -> int:
    return 0x80 if servo.memory[70] else 0


def follower_servos() -> list[EmulatedServo]:
    """Return the nine motors of a ViperX-300, at rest, as they come from Interbotix."""
    servos = [EmulatedServo(i, 1120 if i < 8 else 1020) for i in range(1, 10)]
    for servo in servos:
        servo.memory[9] = 0
    return servos


def leader_servos() -> list[EmulatedServo]:
    """Return the nine motors of a WidowX-250 with the XL430s it is sold with, older firmware."""
    return [EmulatedServo(i, 1020 if i < 8 else 1060, firmware=43) for i in range(1, 10)]


def main() -> None:
    """Emulate an arm until killed: servo_emulator.py PATH follower|leader [wire].

    SIGUSR1 overloads its gripper.
    """
    path, arm, *more = sys.argv[1:]
    servos = follower_servos() if arm == "follower" else leader_servos()
    signal.signal(signal.SIGUSR1, lambda number, frame: servos[-1].overload())
    ServoEmulator(Path(path), servos, real_time=bool(more))
    while True:
        signal.pause()


if __name__ == "__main__":
    main()

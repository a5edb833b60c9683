# SPDX-License-Identifier: Apache-2.0
"""One Dynamixel X-series motor in software: control table, motion, watchdog, shutdown."""

import math
import time
from dataclasses import dataclass, field

EEPROM_END = 64
OVERLOAD = 0x20
RESULT_FAIL, RANGE, ACCESS = 1, 4, 7
TICKS_PER_S = 2600.0  # 4 rad/s
REBOOT_S = 0.15


def _table(model: int, firmware: int, motor_id: int) -> bytearray:
    memory = bytearray(256)
    values = {  # address: (size, value): defaults of the XM430-W350
        0: (2, model), 6: (1, firmware), 7: (1, motor_id), 8: (1, 3), 9: (1, 250), 11: (1, 3),
        12: (1, 255), 13: (1, 2), 38: (2, 1193), 48: (4, 4095), 52: (4, 0), 63: (1, 52),
        68: (1, 2), 84: (2, 800), 102: (2, 1193), 144: (2, 121), 146: (1, 31),
    }  # fmt: skip
    for address, (size, value) in values.items():
        memory[address : address + size] = value.to_bytes(size, "little")
    return memory


@dataclass
class EmulatedServo:
    """A motor. `angle` is what its shaft does, in ticks from the centre, whatever it reports."""

    id: int
    model: int = 1020
    firmware: int = 48
    angle: float = 0.0
    stiff: bool = True  # False: it does not move, as if something blocked it
    memory: bytearray = field(init=False)
    booted_s: float = field(default_factory=time.monotonic)
    away_until_s: float = -math.inf
    heard_s: float = math.inf
    moved_s: float = field(default_factory=time.monotonic)
    goals: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.memory = _table(self.model, self.firmware, self.id)
        self._publish()

    def get(self, address: int, size: int, signed: bool = True) -> int:
        return int.from_bytes(self.memory[address : address + size], "little", signed=signed)

    def put(self, address: int, size: int, value: int) -> None:
        data = value.to_bytes(size, "little", signed=value < 0)
        self.memory[address : address + size] = data

    @property
    def torque(self) -> bool:
        return bool(self.memory[64])

    @property
    def secondary_id(self) -> int:
        return self.memory[12]

    @property
    def position(self) -> int:
        sign = -1 if self.memory[10] & 1 else 1
        return round(2048 + sign * self.angle + self.get(20, 4))

    def overload(self) -> None:
        self.memory[70] |= OVERLOAD
        self.memory[64] = 0

    def lose_power(self) -> None:
        """For a moment: RAM is gone, its clock begins anew."""
        self.reboot()
        self.away_until_s = -math.inf

    def reboot(self) -> None:
        eeprom = self.memory[:EEPROM_END]
        self.memory = _table(self.model, self.firmware, self.id)
        self.memory[:EEPROM_END] = eeprom
        self.booted_s = time.monotonic()
        self.away_until_s = self.booted_s + REBOOT_S
        self._publish()

    def hear(self, now_s: float) -> None:
        """Any instruction on the bus: time goes on, the watchdog is content."""
        self.advance(now_s)
        self.heard_s = now_s

    def read(self, address: int, size: int) -> bytes:
        self._publish()
        return bytes(self.memory[address : address + size])

    def write(self, address: int, data: bytes, *, by_secondary: bool = False) -> int:
        """Return the error number."""
        if address < EEPROM_END and (self.torque or by_secondary):
            return ACCESS
        if address in (102, 104, 116) and self.memory[98] == 255:
            return RANGE
        if address == 116:
            goal = int.from_bytes(data, "little", signed=True)
            limited = self.memory[11] == 3
            if limited and not self.get(52, 4) <= goal <= self.get(48, 4):
                return RANGE
            self.goals.append(goal)
        if address == 64 and data[0] and self.memory[70]:
            return RESULT_FAIL  # after a shutdown only a reboot gives torque back
        if address == 64 and data[0] and not self.torque:
            self.put(116, 4, self.position)
        self.memory[address : address + len(data)] = data
        return 0

    def advance(self, now_s: float) -> None:
        """Move towards the goal, or not."""
        watchdog, until_s = self.memory[98], now_s
        stopped = watchdog == 255
        if self.torque and 0 < watchdog < 255 and now_s - self.heard_s > 0.02 * watchdog:
            until_s = self.heard_s + 0.02 * watchdog
            self.memory[98] = 255
        elapsed_s, self.moved_s = max(0.0, until_s - self.moved_s), now_s
        if not self.torque or not self.stiff or stopped:
            self.put(128, 4, 0)
            return
        away = self.get(116, 4) - self.position
        step = math.copysign(min(abs(away), TICKS_PER_S * elapsed_s), away)
        self.angle += -step if self.memory[10] & 1 else step
        self.put(128, 4, round(step / max(elapsed_s, 1e-3) / 4096 * 60 / 0.229))
        self.put(126, 2, round(step))

    def _publish(self) -> None:
        self.put(120, 2, int((time.monotonic() - self.booted_s) * 1e3) % 32_768)
        self.put(132, 4, self.position)

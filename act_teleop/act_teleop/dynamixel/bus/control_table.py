# SPDX-License-Identifier: Apache-2.0
"""The registers of Dynamixel's X series that the suite uses, the models, and units.

Source: ROBOTIS e-Manual, pages XM430-W350, XM540-W270, XL430-W250, XC430-W240, XL330-M288 and
"DYNAMIXEL Protocol 2.0"; model numbers also in its Arduino library.
"""

import math
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Register:
    """One entry of the control table.

    Attributes:
        name: as the e-Manual writes it.
        address: of its first byte.
        size: in bytes, little endian.
        signed: two's complement.
    """

    name: str
    address: int
    size: int
    signed: bool = False

    def encode(self, value: int) -> list[int]:
        """Return the bytes of `value`; raises OverflowError when it does not fit."""
        return list(value.to_bytes(self.size, "little", signed=self.signed))

    def decode(self, data: bytes) -> int:
        """Return the value of the register's bytes."""
        return int.from_bytes(data, "little", signed=self.signed)


# EEPROM: survives power-off, can be written only while torque is off.
FIRMWARE_VERSION = Register("Firmware Version", 6, 1)
RETURN_DELAY_TIME = Register("Return Delay Time", 9, 1)
DRIVE_MODE = Register("Drive Mode", 10, 1)
OPERATING_MODE = Register("Operating Mode", 11, 1)
SECONDARY_ID = Register("Secondary ID", 12, 1)
HOMING_OFFSET = Register("Homing Offset", 20, 4, signed=True)
MAX_POSITION_LIMIT = Register("Max Position Limit", 48, 4)
MIN_POSITION_LIMIT = Register("Min Position Limit", 52, 4)
# RAM: back to defaults after power-off and reboot.
TORQUE_ENABLE = Register("Torque Enable", 64, 1)
HARDWARE_ERROR_STATUS = Register("Hardware Error Status", 70, 1)
POSITION_D_GAIN = Register("Position D Gain", 80, 2)
POSITION_I_GAIN = Register("Position I Gain", 82, 2)
POSITION_P_GAIN = Register("Position P Gain", 84, 2)
BUS_WATCHDOG = Register("Bus Watchdog", 98, 1)
GOAL_CURRENT = Register("Goal Current", 102, 2, signed=True)
PROFILE_ACCELERATION = Register("Profile Acceleration", 108, 4)
PROFILE_VELOCITY = Register("Profile Velocity", 112, 4)
GOAL_POSITION = Register("Goal Position", 116, 4, signed=True)
REALTIME_TICK = Register("Realtime Tick", 120, 2)
PRESENT_CURRENT = Register("Present Current", 126, 2, signed=True)
PRESENT_VELOCITY = Register("Present Velocity", 128, 4, signed=True)
PRESENT_POSITION = Register("Present Position", 132, 4, signed=True)
PRESENT_INPUT_VOLTAGE = Register("Present Input Voltage", 144, 2)
PRESENT_TEMPERATURE = Register("Present Temperature", 146, 1)

MODES = MappingProxyType({"position": 3, "extended_position": 4, "current_based_position": 5})
NO_SECONDARY_ID = 255
REVERSE_BIT = 0x01
WATCHDOG_UNIT_S = 0.02
WATCHDOG_MOST = 127

TICKS_PER_TURN = 4096
CENTRE_TICKS = 2048
RAD_PER_TICK = 2 * math.pi / TICKS_PER_TURN
RAD_S_PER_UNIT = 0.229 * 2 * math.pi / 60  # 0.229 rev/min
RAD_S2_PER_UNIT = 214.577 * 2 * math.pi / 3600  # 214.577 rev/min²
# The motors' clock counts milliseconds to 32 767 and begins anew.
TICKS_OF_CLOCK = 32_768

# Bits of Hardware Error Status, as of Shutdown (63); any of 2, 4, 5 turns torque off by default.
HARDWARE_ERRORS = MappingProxyType({
    0: "input voltage out of range", 2: "overheating", 3: "encoder fault",
    4: "electrical shock or too little power", 5: "overload",
})  # fmt: skip


@dataclass(frozen=True)
class Model:
    """What differs between models.

    Attributes:
        name: as printed on the motor.
        number: as the motor answers a ping.
        current_unit_a: of Present and Goal Current, A; 0 where the motor has neither and its
            register 126 is a load in per mille.
        torque_n_m_per_a: stall torque over stall current at the recommended voltage, so an
            upper bound of what the shaft gives.
    """

    name: str
    number: int
    current_unit_a: float = 0.0
    torque_n_m_per_a: float = 0.0


MODELS = MappingProxyType({
    model.number: model
    for model in (
        Model("XM430-W350", 1020, 0.00269, 1.783),
        Model("XM540-W270", 1120, 0.00269, 2.409),
        Model("XM540-W150", 1130, 0.00269, 1.659),
        Model("XL430-W250", 1060),
        Model("XC430-W150", 1070),
        Model("XC430-W240", 1080),
        Model("2XL430-W250", 1090),
        Model("XL330-M077", 1190, 0.001, 0.146),
        Model("XL330-M288", 1200, 0.001, 0.354),
    )
})  # fmt: skip


def hardware_errors(status: int) -> str:
    """Return the bits of Hardware Error Status in words."""
    named = [text for bit, text in HARDWARE_ERRORS.items() if status & 1 << bit]
    return ", ".join(named) or f"unknown fault 0x{status:02x}"

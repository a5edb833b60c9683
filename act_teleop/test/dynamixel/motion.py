# SPDX-License-Identifier: Apache-2.0
"""Moving an emulated arm, and waiting for it."""

import time
from collections.abc import Callable

import numpy as np

from act_teleop.dynamixel.bus.control_table import RAD_PER_TICK
from act_teleop.dynamixel.bus.servo_bus import ServoBus

POSE = np.array([0.3, -0.9, 1.1, 0.2, -0.3, 0.1, 0.5])


def reach(bus: ServoBus, pose: np.ndarray, limit_s: float = 3.0) -> None:
    """Command `pose` until it is there."""
    end_s = time.monotonic() + limit_s
    while np.abs(bus.read().positions_rad - pose).max() > RAD_PER_TICK:
        assert time.monotonic() < end_s, bus.read().positions_rad
        bus.write(pose)


def await_that(true: Callable[[], bool], limit_s: float = 3.0) -> None:
    """Wait for the emulator, which reads in its own time."""
    end_s = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < end_s
        time.sleep(0.002)

# SPDX-License-Identifier: Apache-2.0
"""An emulated follower arm and the real bus on it."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from servo_emulator import ServoEmulator, follower_servos

from act_teleop.dynamixel.bus.bus_file import load_bus
from act_teleop.dynamixel.bus.servo_bus import ServoBus

ANSWER_TIMEOUT_S = 0.1  # for a machine that is busy with other tests


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[ServoEmulator]:
    """Nine motors of a follower."""
    running = ServoEmulator(tmp_path / "tty", follower_servos())
    yield running
    running.close()


@pytest.fixture
def bus(emulator: ServoEmulator, tmp_path: Path) -> Iterator[ServoBus]:
    """The shipped follower's bus on the emulated motors, connected."""
    spec = replace(load_bus("aloha_follower", "left", tmp_path), port=str(emulator.path))
    made = ServoBus("left", spec, ANSWER_TIMEOUT_S, time.time_ns)
    made.connect()
    yield made
    made.close()

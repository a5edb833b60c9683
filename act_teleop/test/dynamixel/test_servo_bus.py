# SPDX-License-Identifier: Apache-2.0
"""The bus by the real SDK against emulated motors: what it does, and what it never does."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from motion import POSE, await_that, reach
from servo_emulator import ServoEmulator, follower_servos, leader_servos

from act_teleop.dynamixel.bus.arm_sample import to_rad, to_ticks
from act_teleop.dynamixel.bus.bus_file import load_bus
from act_teleop.dynamixel.bus.control_table import RAD_PER_TICK
from act_teleop.dynamixel.bus.errors import BusError, PortLostError
from act_teleop.dynamixel.bus.servo_bus import ServoBus


def test_connecting_sets_up_and_moves_nothing(emulator: ServoEmulator, bus: ServoBus) -> None:
    servos = emulator.servos
    assert [servos[i].memory[10] for i in range(1, 10)] == [0, 1, 0, 1, 0, 0, 1, 0, 0]
    assert [servos[i].secondary_id for i in (2, 3, 4, 5)] == [255, 2, 255, 4]
    assert servos[9].memory[11] == 5
    assert servos[9].get(102, 2) == 200
    assert all(s.angle == 0 and not s.torque and not s.goals for s in servos.values())
    assert "motor 3 (shoulder): Secondary ID := 2" in bus.changed
    bus.connect()
    assert bus.changed == []


def test_torque_comes_at_the_present_pose(emulator: ServoEmulator, bus: ServoBus) -> None:
    for servo in emulator.servos.values():
        servo.angle = -100 if servo.memory[10] & 1 else 100
        servo.put(116, 4, 0)  # an old goal, far away
    bus.set_torque(True)
    bus.read()
    assert all(s.torque and abs(s.angle) == 100 for s in emulator.servos.values())
    bus.set_torque(False)
    assert not any(s.torque for s in emulator.servos.values())


def test_it_goes_where_it_is_sent_shadows_too(emulator: ServoEmulator, bus: ServoBus) -> None:
    bus.set_torque(True)
    reach(bus, POSE)
    assert emulator.servos[2].angle == -emulator.servos[3].angle != 0
    stamp = bus.read().stamp_ns
    assert 0 <= time.time_ns() - stamp < 100e6


def test_velocity_and_effort_have_si_units(emulator: ServoEmulator, bus: ServoBus) -> None:
    emulator.servos[1].put(128, 4, 100)
    emulator.servos[1].put(126, 2, -1000)
    emulator.servos[1].advance = lambda now_s: None  # type: ignore[method-assign]
    sample = bus.read()
    assert sample.velocities_rad_s[0] == pytest.approx(100 * 0.229 * 2 * np.pi / 60)
    assert sample.efforts_n_m[0] == pytest.approx(-2.69 * 2.409)


def test_old_firmware_is_read_without_the_fast_instruction(tmp_path: Path) -> None:
    emulator = ServoEmulator(tmp_path / "tty", leader_servos())
    spec = replace(load_bus("aloha_leader", "left", tmp_path), port=str(emulator.path))
    bus = ServoBus("left", spec, 0.02, time.time_ns)
    bus.connect()
    sample = bus.read()
    assert not bus.port.fast
    assert np.isnan(sample.efforts_n_m[-1])  # XL430: no current sensor
    assert np.isfinite(sample.efforts_n_m[:5]).all()
    bus.close()
    emulator.close()


def test_closing_keeps_torque_and_goal_unless_told(emulator: ServoEmulator, bus: ServoBus) -> None:
    bus.set_torque(True)
    reach(bus, POSE)
    bus.close()
    servos = emulator.servos.values()
    await_that(lambda: all(s.memory[98] == 0 for s in servos))
    assert all(s.torque for s in servos)
    bus.connect()
    bus.close(release=True)
    await_that(lambda: not any(s.torque for s in servos))


def test_two_programs_do_not_share_a_port(emulator: ServoEmulator, bus: ServoBus) -> None:
    second = ServoBus("left", bus.spec, 0.02, time.time_ns)
    with pytest.raises(PortLostError, match="another program has it open; end that one"):
        second.connect()


def test_what_hangs_there_has_to_be_what_the_file_says(tmp_path: Path) -> None:
    servos = follower_servos()
    servos[8].model = 1060
    servos[8].memory[0:2] = (1060).to_bytes(2, "little")
    emulator = ServoEmulator(tmp_path / "tty", servos[:4] + servos[5:])
    spec = replace(load_bus("aloha_follower", "left", tmp_path), port=str(emulator.path))
    bus = ServoBus("left", spec, 0.005, time.time_ns)
    with pytest.raises(BusError) as caught:
        bus.connect()
    assert str(caught.value) == (
        f"motor 5 (elbow) does not answer on {emulator.path} at 1000000 bit/s; check power and "
        f"cables, then `act dynamixel scan --port {emulator.path}`"
    )
    emulator.servos[5] = servos[4]
    with pytest.raises(BusError, match=r"motor 9 \(gripper\) is a XL430-W250, the bus file says"):
        bus.connect()
    bus.close()
    emulator.close()


def test_eeprom_is_not_written_under_torque(emulator: ServoEmulator, bus: ServoBus) -> None:
    bus.set_torque(True)
    emulator.servos[7].memory[10] = 0
    with pytest.raises(BusError) as caught:
        bus.connect()
    assert "motor 7 (wrist_angle) has torque, and Drive Mode := 1 can be written only" in str(
        caught.value
    )
    assert emulator.servos[7].torque


def test_shadows_that_disagree_are_refused(emulator: ServoEmulator, bus: ServoBus) -> None:
    emulator.servos[3].angle = 100
    with pytest.raises(BusError, match=r"motor 3 \(shoulder\) reads \+0.15 rad against motor 2"):
        bus.connect()


def test_a_motor_outside_its_limits_gets_no_torque(emulator: ServoEmulator, bus: ServoBus) -> None:
    emulator.servos[1].put(48, 4, 3000)
    emulator.servos[1].angle = 1000
    bus.connect()
    with pytest.raises(BusError) as caught:
        bus.set_torque(True)
    assert str(caught.value) == (
        "motor 1 (waist) stands at tick 3048, outside its own limits 0 … 3000; move it inside by "
        "hand"
    )
    assert not emulator.servos[1].torque


@given(
    ticks=st.lists(st.integers(-(2**20), 2**20), min_size=1, max_size=9),
    zero=st.floats(-7, 7, allow_nan=False),
)
def test_ticks_and_radians_are_one_to_one(ticks: list[int], zero: float) -> None:
    zeros = np.full(len(ticks), zero)
    assert to_ticks(to_rad(np.array(ticks, float), zeros), zeros).tolist() == ticks


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=9))
def test_radians_are_kept_to_half_a_tick(angles: list[float]) -> None:
    rad, zeros = np.array(angles), np.zeros(len(angles))
    assert np.abs(to_rad(to_ticks(rad, zeros), zeros) - rad).max() <= RAD_PER_TICK / 2 + 1e-9

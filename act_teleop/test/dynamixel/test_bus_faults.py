# SPDX-License-Identifier: Apache-2.0
"""The bus when answers are lost, damaged or late, and motors overloaded, stopped or gone."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from motion import POSE, reach
from servo_emulator import ServoEmulator

from act_teleop.dynamixel.bus.control_table import RAD_PER_TICK
from act_teleop.dynamixel.bus.errors import AnswerError, BusError, PortLostError
from act_teleop.dynamixel.bus.servo_bus import ServoBus


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize(
    ("disturb", "kind"),
    [
        (lambda answer: b"", "timeout"),
        (lambda answer: answer[:-3], "damaged"),
        (lambda answer: answer[:20] + answer[21:], "damaged"),
        (lambda answer: answer[:20] + bytes([answer[20] ^ 0x10]) + answer[21:], "damaged"),
    ],
    ids=["nothing", "cut", "a byte lost", "a bit turned"],
)
def test_a_bad_answer_is_no_sample_and_is_counted(
    emulator: ServoEmulator, bus: ServoBus, disturb, kind: str, fast: bool
) -> None:
    bus.port.fast = fast
    emulator.disturb = disturb
    with pytest.raises(AnswerError) as caught:
        bus.read()
    assert caught.value.kind == kind
    assert bus.statistics.errors == {kind: 1}
    emulator.disturb = lambda answer: answer
    assert bus.read().positions_rad == pytest.approx(0.0)


def test_one_silent_motor_takes_the_sample_with_it(emulator: ServoEmulator, bus: ServoBus) -> None:
    emulator.servos[9].away_until_s = time.monotonic() + 60.0
    for fast in (True, False):
        bus.port.fast = fast
        with pytest.raises(AnswerError):
            bus.read()
    assert bus.statistics.reads == 1  # the one of connect


def test_an_error_in_the_status_is_no_data(emulator: ServoEmulator, bus: ServoBus) -> None:
    servo = emulator.servos[4]
    real, bus.port.fast = emulator._status, False
    emulator._status = lambda s, data, error=0: real(s, data, 7 if s is servo else error)
    with pytest.raises(AnswerError, match=r"motor 4: no access \(in EEPROM: torque is on\)"):
        bus.read()


@pytest.mark.parametrize("fast", [True, False])
def test_a_late_answer_is_not_taken_for_the_next_one(
    emulator: ServoEmulator, bus: ServoBus, fast: bool
) -> None:
    bus.port.fast = fast
    kept: list[bytes] = []
    emulator.disturb = lambda answer: kept.append(answer) or b""
    with pytest.raises(AnswerError):
        bus.read()
    for servo in emulator.servos.values():
        servo.angle = 500
    time.sleep(0.1)
    emulator.disturb = lambda answer: kept.pop(0)  # the bytes of then, as an answer to now
    with pytest.raises(AnswerError, match="its clock went on") as caught:
        bus.read()
    assert caught.value.kind == "stale"
    emulator.disturb = lambda answer: answer
    assert abs(bus.read().positions_rad).min() == pytest.approx(500 * RAD_PER_TICK)


def test_noise_on_the_bus_does_not_hold_it_for_ever(
    bus: ServoBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus.port._serial.ser, "read", lambda count: bytes(count))
    with pytest.raises(AnswerError, match="damaged"):
        bus.read()


def test_a_motor_that_lost_power_is_noticed(emulator: ServoEmulator, bus: ServoBus) -> None:
    bus.set_torque(True)
    time.sleep(0.3)
    bus.read()
    emulator.servos[6].lose_power()
    with pytest.raises(AnswerError, match="motor 6: its clock .* or it has restarted"):
        bus.read()
    bus.connect()
    assert not bus.torque
    bus.read()


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_disturbance_makes_a_sample_that_was_not_measured(
    emulator: ServoEmulator, bus: ServoBus, data: st.DataObject
) -> None:
    """Bytes lost, doubled, inserted or turned: what comes out was measured, or nothing does."""
    bus.port.fast = data.draw(st.booleans())
    tick = data.draw(st.integers(-900, 900))
    for servo in emulator.servos.values():
        servo.angle = -tick if servo.memory[10] & 1 else tick

    place = data.draw(st.floats(0, 1, exclude_max=True))
    what = data.draw(st.sampled_from(["lose", "double", "insert", "turn", "swap", "cut"]))
    byte = bytes([data.draw(st.integers(0, 255))])

    def disturb(answer: bytes) -> bytes:
        at = int(place * len(answer))
        head, tail = answer[:at], answer[at:]
        return {
            "lose": head + tail[1:], "double": head + tail[:1] + tail,
            "insert": head + byte + tail, "turn": head + byte + tail[1:],
            "swap": head + tail[1:2] + tail[:1] + tail[2:],
            "cut": head,
        }[what]  # fmt: skip

    emulator.disturb = disturb
    try:
        sample = bus.read()
    except AnswerError:
        return
    finally:
        emulator.disturb = lambda answer: answer
    assert sample.positions_rad == pytest.approx(tick * RAD_PER_TICK)


def test_overload_is_named_and_ends_by_a_reboot(emulator: ServoEmulator, bus: ServoBus) -> None:
    bus.set_torque(True)
    reach(bus, POSE)
    emulator.servos[9].overload()
    bus.read()  # the sample itself is good
    assert bus.faults == {9: "motor 9 (gripper) of left: overload"}
    with pytest.raises(BusError) as caught:
        bus.set_torque(True)
    assert str(caught.value) == (
        "left: torque does not go on at motor 9 (gripper); motor 9 (gripper) of left: overload; "
        "reboot it first"
    )
    bus.torque = True
    assert bus.reboot() == ["motor 9 (gripper)"]
    sample = bus.read()
    assert bus.faults == {}
    assert emulator.servos[9].torque
    assert emulator.servos[9].get(102, 2) == 200  # the limit that RAM had lost
    assert sample.positions_rad == pytest.approx(POSE, abs=RAD_PER_TICK)


def test_unplugged_and_plugged_in_again(emulator: ServoEmulator, bus: ServoBus) -> None:
    bus.spec = replace(bus.spec, watchdog_s=0.0)
    bus.set_torque(True)
    reach(bus, POSE)
    emulator.unplug()
    with pytest.raises(PortLostError, match=f"port {emulator.path}: lost"):
        bus.read()
    with pytest.raises(PortLostError, match="no such device; is it plugged in"):
        bus.connect()
    goals = {i: len(s.goals) for i, s in emulator.servos.items()}
    emulator.plug()
    bus.connect()
    assert bus.torque
    assert bus.read().positions_rad == pytest.approx(POSE, abs=RAD_PER_TICK)
    assert {i: len(s.goals) for i, s in emulator.servos.items()} == goals  # kept, not sent anew


def test_plugged_in_again_after_the_watchdog_has_stopped_the_motors(
    emulator: ServoEmulator, bus: ServoBus
) -> None:
    bus.spec = replace(bus.spec, watchdog_s=0.1)
    bus.set_torque(True)
    reach(bus, POSE)
    emulator.unplug()
    with pytest.raises(PortLostError):
        bus.read()
    time.sleep(0.4)  # the silence that is tested
    emulator.plug()
    bus.connect()
    assert bus.torque
    time.sleep(0.05)
    assert bus.read().positions_rad == pytest.approx(POSE, abs=0.02)
    reach(bus, np.zeros(7))


def test_the_watchdog_stops_motors_and_they_stay_where_they_stopped(
    emulator: ServoEmulator, bus: ServoBus
) -> None:
    bus.spec = replace(bus.spec, watchdog_s=0.1)
    bus.set_torque(True)
    far = np.zeros(7)
    far[0] = 3.0
    bus.write(far)
    time.sleep(0.4)  # the silence that is tested
    stopped = bus.read().positions_rad[0]
    assert 0.1 < stopped < 2.0
    assert emulator.servos[1].memory[98] == 5  # set anew
    time.sleep(0.05)
    assert bus.read().positions_rad[0] == pytest.approx(stopped, abs=0.02)
    reach(bus, np.zeros(7))


def test_connecting_again_does_not_set_off_what_the_watchdog_stopped(
    emulator: ServoEmulator, bus: ServoBus
) -> None:
    bus.spec = replace(bus.spec, watchdog_s=0.1)
    bus.set_torque(True)
    bus.write(np.array([3.0, *6 * [0.0]]))
    time.sleep(0.4)  # the silence that is tested
    emulator.servos[9].memory[64] = 0  # an arm with torque but for one motor
    bus.connect()
    assert not bus.torque
    stopped = bus.read().positions_rad[0]
    time.sleep(0.1)
    assert bus.read().positions_rad[0] == pytest.approx(stopped, abs=0.02)

# SPDX-License-Identifier: Apache-2.0
"""Two arms on two buses as one robot: whole vectors, and what happens when one bus goes."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from servo_emulator import ServoEmulator, follower_servos

from act_core.observation import JointSample, Missing
from act_core.robot.robot_file import load_robot
from act_teleop.dynamixel import arm_group
from act_teleop.dynamixel.arm_group import ArmGroup
from act_teleop.dynamixel.bus.bus_file import load_bus
from act_teleop.dynamixel.bus.errors import BusError
from act_teleop.dynamixel.bus.servo_bus import ServoBus

SPEC = load_robot("aloha_original")
ARMS = ("left", "right")


@pytest.fixture
def emulators(tmp_path: Path) -> Iterator[dict[str, ServoEmulator]]:
    running = {arm: ServoEmulator(tmp_path / arm, follower_servos()) for arm in ARMS}
    yield running
    for emulator in running.values():
        emulator.close()


def buses(folder: Path) -> dict[str, ServoBus]:
    specs = {
        arm: replace(load_bus("aloha_follower", arm, folder), port=str(folder / arm))
        for arm in ARMS
    }
    return {arm: ServoBus(arm, spec, 0.1, time.time_ns) for arm, spec in specs.items()}


@pytest.fixture
def arms(emulators: dict[str, ServoEmulator], tmp_path: Path) -> Iterator[ArmGroup]:
    group = ArmGroup(SPEC, "command", buses(tmp_path))
    group.connect()
    group.set_torque(True)
    yield group
    group.close(release=False)


def read(arms: ArmGroup) -> JointSample:
    """Return the next sample that there is."""
    end_s = time.monotonic() + 5.0
    while isinstance(seen := arms.read(), Missing):
        assert time.monotonic() < end_s, seen.reason
    return seen


def test_a_vector_goes_out_and_comes_back(arms: ArmGroup) -> None:
    goal = SPEC.start.copy()
    goal[[6, 13]] = 0.0, 1.0  # between the ends the finger is where its crank puts it
    end_s = time.monotonic() + 5.0
    while np.abs(read(arms).positions - goal).max() > 0.005:
        assert time.monotonic() < end_s, read(arms).positions
        arms.write(goal)
    sample = read(arms)
    assert abs(sample.stamp_ns - time.time_ns()) < 1e9
    assert np.isfinite(sample.efforts).all()


@pytest.mark.parametrize("robot", ["aloha_original", "aloha_2"])
def test_the_crank_gives_the_robot_files_fingers(robot: str, tmp_path: Path) -> None:
    crank = load_bus("aloha_follower", "left", tmp_path).motors[-1].crank
    assert crank is not None
    gripper = load_robot(robot).arms[0].gripper
    for end in ("closed", "open"):
        angle = getattr(gripper.command, end)
        assert crank.finger_m(angle) == pytest.approx(getattr(gripper.state, end), abs=1.2e-4)
        slope = (crank.finger_m(angle + 1e-6) - crank.finger_m(angle - 1e-6)) / 2e-6
        assert crank.finger_m_per_rad(angle) == pytest.approx(slope)


def test_a_gripper_speed_is_that_of_its_finger(
    arms: ArmGroup, emulators: dict[str, ServoEmulator]
) -> None:
    servo = emulators["right"].servos[9]
    servo.advance = lambda now_s: None  # type: ignore[method-assign]
    servo.put(128, 4, 40)
    rad_s = 40 * 0.229 * 2 * np.pi / 60
    # The motor stands at 0: the rod is square to the horn.
    assert read(arms).velocities[13] == pytest.approx(rad_s * 0.022 / (0.05800 - 0.01844))


def test_without_one_arm_there_is_no_sample_and_nothing_is_sent(
    arms: ArmGroup, emulators: dict[str, ServoEmulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arm_group, "RECONNECT_S", 0.05)
    emulators["left"].unplug()
    seen = arms.read()
    assert isinstance(seen, Missing)
    assert seen.reason.startswith("left: port")
    sent = len(emulators["right"].servos[1].goals)
    arms.write(SPEC.start)
    with pytest.raises(BusError, match="left: no connection to its motors"):
        arms.set_torque(False)
    assert isinstance(arms.read(), Missing)
    emulators["left"].plug()
    read(arms)
    assert len(emulators["right"].servos[1].goals) == sent
    assert arms.torque


def test_an_angle_far_out_of_range_is_no_sample(
    arms: ArmGroup, emulators: dict[str, ServoEmulator]
) -> None:
    emulators["left"].servos[9].angle = 1900
    emulators["left"].servos[9].stiff = False
    seen = arms.read()
    assert isinstance(seen, Missing)
    assert "command: joint 'puppet_left/gripper' is 2.9" in seen.reason


def test_figures_name_what_went_wrong(arms: ArmGroup, emulators: dict[str, ServoEmulator]) -> None:
    emulators["left"].disturb = lambda answer: answer[:-1]
    arms.read()
    emulators["left"].disturb = lambda answer: answer
    figures = arms.figures()
    assert figures["left: damaged_answers"] == 1
    assert figures["right: hottest"] == "motor 1 (waist) 31 °C"


def test_bus_and_robot_have_to_fit(tmp_path: Path) -> None:
    with pytest.raises(BusError) as caught:
        ArmGroup(load_robot("aloha_sim"), "command", buses(tmp_path))
    assert "command of gripper 'gripper' is in m, expected rad" in str(caught.value)
    short = buses(tmp_path)
    spec = short["left"].spec
    short["left"].spec = replace(spec, motors=spec.motors[1:])
    with pytest.raises(BusError, match="bus of arm 'left' has no motor 'waist'; there are shoul"):
        ArmGroup(SPEC, "command", short)

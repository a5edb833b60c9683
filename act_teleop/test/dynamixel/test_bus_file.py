# SPDX-License-Identifier: Apache-2.0
"""Bus files: the shipped ones fit the shipped robots, faults are named."""

from pathlib import Path

import pytest

from act_core.robot.robot_file import load_robot
from act_teleop.dynamixel.bus.bus_file import (
    calibration_file,
    load_bus,
    shipped_buses,
    write_calibration,
)
from act_teleop.dynamixel.bus.errors import BusError

MOTOR = "{name: waist, id: 1}"


def write(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("robot", ["aloha_original", "aloha_2"])
@pytest.mark.parametrize("bus", sorted(shipped_buses()))
def test_shipped_buses_have_the_joints_of_shipped_robots(
    bus: str, robot: str, tmp_path: Path
) -> None:
    for arm in load_robot(robot).arms:
        spec = load_bus(bus, arm.name, tmp_path)
        assert sorted(m.name for m in spec.motors) == sorted(arm.names)
        assert spec.ids == tuple(range(1, 10))
        assert spec.port.endswith(f"_{arm.name}")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            f"port: x\nbaud_rate: 1000000\nmotors: [{MOTOR}, {MOTOR}]",
            "motor 'waist' is there twice",
        ),
        (
            f"port: x\nbaud_rate: 1000000\nmotors: [{MOTOR}, {{name: elbow, id: 1}}]",
            "id '1' is there twice, among 1, 1",
        ),
        (
            "port: x\nbaud_rate: 1000000\nmotors: [{name: waist, id: 300}]",
            "motors 'waist': id is 300, expected 0 … 252",
        ),
        (
            f"port: x\nbaud_rate: 100000\nmotors: [{MOTOR}]",
            "baud_rate is '100000'; did you mean '1000000'? Known: 1000000, 115200",
        ),
        (
            f"port: x\nbaudrate: 1000000\nmotors: [{MOTOR}]",
            "unknown key 'baudrate'; did you mean 'baud_rate'?",
        ),
        (
            "port: x\nbaud_rate: 1000000\nmotors: [{name: waist, id: 1, current_limit_a: 0.5}]",
            "motors 'waist': current_limit_a acts in mode current_based_position, mode is pos",
        ),
        (
            f"port: x\nbaud_rate: 1000000\nwatchdog_s: 3.0\nmotors: [{MOTOR}]",
            "watchdog_s is 3, expected 0 … 2.54",
        ),
    ],
)
def test_a_fault_is_named(text: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(BusError) as caught:
        load_bus(write(tmp_path, text), "left", tmp_path)
    assert fault in str(caught.value)


def test_an_unknown_bus_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(BusError) as caught:
        load_bus("aloha_folower", "left", tmp_path)
    assert str(caught.value) == (
        "no bus 'aloha_folower'; did you mean 'aloha_follower'? Known: aloha_follower, "
        "aloha_leader; or give the path of a .yaml file"
    )


def test_a_calibration_has_the_last_word_for_its_arm_alone(tmp_path: Path) -> None:
    write_calibration(calibration_file("aloha_leader", "left", tmp_path), {"gripper": 0.25})
    zeros = [
        load_bus("aloha_leader", arm, tmp_path).motors[-1].zero_rad for arm in ("left", "right")
    ]
    assert zeros == [0.25, 0.0]
    write_calibration(calibration_file("aloha_leader", "left", tmp_path), {"griper": 0.25})
    with pytest.raises(BusError, match="no joint 'griper'; did you mean 'gripper'"):
        load_bus("aloha_leader", "left", tmp_path)

# SPDX-License-Identifier: Apache-2.0
"""Jobs at a bus: what they say, what they change, and what they refuse."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from servo_emulator import ServoEmulator, follower_servos

from act_core.robot.robot_file import load_robot
from act_teleop.dynamixel.bus.bus_file import load_bus, shipped_buses
from act_teleop.dynamixel.bus.control_table import RAD_PER_TICK
from act_teleop.dynamixel.bus.errors import BusError
from act_teleop.dynamixel.dynamixel_tool import run_tool

ARM = load_robot("aloha_original").arms[0]
OFF = 40  # ticks by which every horn is off


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[ServoEmulator]:
    """A follower in its sleep pose, horns a little off, gripper closed; answers after Enter."""
    running = ServoEmulator(tmp_path / "left", follower_servos())
    values = [*(ARM.sleep[name] for name in ARM.names[:-1]), ARM.gripper.command.closed]
    ids = (1, 2, 4, 6, 7, 8, 9)
    reverse = (2, 4, 7)
    for motor_id, value in zip(ids, values, strict=True):
        ticks = value / RAD_PER_TICK + OFF
        running.servos[motor_id].angle = -ticks if motor_id in reverse else ticks
    for motor_id in (3, 5):  # mirrored beside the motor they help, and off by themselves
        running.servos[motor_id].angle = -running.servos[motor_id - 1].angle - 150
    yield running
    running.close()


@pytest.fixture
def bus_file(tmp_path: Path) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(
        shipped_buses()["aloha_follower"].replace("/dev/ttyDXL_follower_", f"{tmp_path}/")
    )
    return str(path)


@pytest.fixture(autouse=True)
def enter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda: "")


def calibrate(bus_file: str, folder: Path, *more: str) -> None:
    run_tool(
        "calibrate",
        ["--robot", "aloha_original", "--arm", "left", "--bus", bus_file,
         "--calibration-dir", str(folder), *more],
    )  # fmt: skip


def test_scan_tells_every_motor(
    emulator: ServoEmulator, capsys: pytest.CaptureFixture[str]
) -> None:
    emulator.servos[9].overload()
    run_tool("scan", ["--port", str(emulator.path)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{emulator.path} at 1000000 bit/s: 9 motors"
    assert " ".join(lines[1].split()) == (
        "id 1 XM540-W270 firmware 48 tick 2088 12.1 V 31 °C torque off"
    )
    assert lines[9].endswith("torque off  overload")


def test_calibration_makes_the_pose_read_as_the_pose(
    emulator: ServoEmulator, bus_file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calibrate(bus_file, tmp_path)
    assert "motor 3 (shoulder): Homing Offset 150" in capsys.readouterr().out
    assert emulator.servos[3].position == emulator.servos[2].position
    zeros = {m.name: m.zero_rad for m in load_bus(bus_file, "left", tmp_path).motors}
    assert zeros == pytest.approx(dict.fromkeys(ARM.names, OFF * RAD_PER_TICK), abs=RAD_PER_TICK)


def test_an_arm_in_another_pose_is_not_calibrated(
    emulator: ServoEmulator, bus_file: str, tmp_path: Path
) -> None:
    with pytest.raises(BusError, match=r"'shoulder' stands -0.68 rad from the pose \(limit 0.35"):
        calibrate(bus_file, tmp_path, "--pose", "start")
    assert not list(tmp_path.glob("mine_*"))
    assert emulator.servos[3].get(20, 4) == 0


def test_an_arm_with_torque_is_released_by_a_person_first(
    emulator: ServoEmulator, bus_file: str, tmp_path: Path
) -> None:
    emulator.servos[4].memory[64], emulator.servos[4].stiff = 1, False
    with pytest.raises(BusError) as caught:
        calibrate(bus_file, tmp_path)
    assert str(caught.value) == (
        f"motor 4 (elbow) with torque; hold the arm, then `act dynamixel release --port "
        f"{emulator.path}`"
    )
    run_tool("release", ["--port", str(emulator.path)])
    assert not emulator.servos[4].torque
    calibrate(bus_file, tmp_path)


def test_reboot_takes_those_with_an_error(
    emulator: ServoEmulator, capsys: pytest.CaptureFixture[str]
) -> None:
    emulator.servos[9].overload()
    run_tool("reboot", ["--port", str(emulator.path)])
    assert capsys.readouterr().out == "motor 9: overload; rebooted\n"
    assert emulator.servos[9].memory[70] == 0

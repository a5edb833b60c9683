# SPDX-License-Identifier: Apache-2.0
"""Bad input ends an executable with one line that names the fault, and a status other than 0."""

import signal
import subprocess
import time
from pathlib import Path

import pytest
from ament_index_python.packages import get_package_prefix
from processes import Processes, wait_until

from act_core.robot.robot_file import shipped_robots

pytestmark = [pytest.mark.ros, pytest.mark.timeout(120)]

ALOHA = shipped_robots()["aloha_sim"]
JOINT = next(line for line in ALOHA.splitlines(keepends=True) if "{name: elbow," in line)

ROBOTS = {
    "joint missing": (ALOHA.replace(JOINT, ""), "unknown key 'elbow'"),
    "joint doubled": (ALOHA.replace(JOINT, JOINT * 2), "joint 'elbow' is there twice"),
    "limit reversed": (
        ALOHA.replace("[-1.76278, 1.6057]", "[1.6057, -1.76278]"),
        "joints 'elbow': limits_rad is reversed",
    ),
    "camera that no topic can have": (
        ALOHA.replace("{name: top,", "{name: 'top cam',"),
        "name is 'top cam', expected letters, digits and underscores",
    ),
    "key unknown": (ALOHA.replace("rate_hz:", "rate_hzz:"), "did you mean 'rate_hz'?"),
}
ROBOT_READERS = (
    "act_sim.sim_node",
    "act_sim.demonstrator_node",
    "act_sim.evaluation.evaluate",
    "act_teleop.teleop_node",
    "act_recorder.recorder_node",
    "act_policy.policy_node",
)


def _one_line(text: str) -> str:
    (line,) = [t for t in text.splitlines() if t.startswith("error: ")]
    assert "Traceback" not in text
    return line


@pytest.mark.parametrize("fault", ROBOTS)
def test_robot_file(fault: str, processes: Processes, tmp_path: Path) -> None:
    text, expected = ROBOTS[fault]
    path = tmp_path / "robot.yaml"
    path.write_text(text)
    teleop = processes.start("act_teleop.teleop_node", robot_file=path)
    assert teleop.wait_for_exit() == 1
    assert expected in _one_line(teleop.text)
    assert str(path) in teleop.text


@pytest.mark.sim
@pytest.mark.parametrize("module", ROBOT_READERS)
def test_robot_file_in_every_executable(
    module: str, processes: Processes, tmp_path: Path, checkpoint: Path
) -> None:
    path = tmp_path / "robot.yaml"
    path.write_text(ALOHA.replace("rate_hz:", "rate_hzz:"))
    more = {"checkpoint": checkpoint} if module == "act_policy.policy_node" else {}
    process = processes.start(module, robot_file=path, **more)
    assert process.wait_for_exit() == 1
    assert "did you mean 'rate_hz'?" in _one_line(process.text)


@pytest.mark.parametrize("module", [*ROBOT_READERS, "act_recorder.record_session"])
def test_arguments_that_rclpy_would_ignore_or_choke_on(
    module: str, processes: Processes, tmp_path: Path
) -> None:
    for arguments, expected in (
        (["--robot", "mine"], "unknown argument '--robot'"),
        (["--ros-args", "--params-file", str(tmp_path / "gone.yaml")], "gone.yaml"),
    ):
        process = processes.start(module, *arguments)
        assert process.wait_for_exit() == 2
        assert expected in _one_line(process.text)


@pytest.mark.parametrize("module", [*ROBOT_READERS, "act_recorder.record_session"])
def test_clock_parameter_of_the_wrong_type(module: str, processes: Processes) -> None:
    process = processes.start(module, use_sim_time="maybe")
    assert process.wait_for_exit() == 1
    assert "use_sim_time" in _one_line(process.text)


def test_checkpoint_of_another_robot(
    processes: Processes, tmp_path: Path, checkpoint: Path
) -> None:
    path = tmp_path / "robot.yaml"
    path.write_text(ALOHA.replace("name: elbow", "name: knee").replace("elbow:", "knee:"))
    policy = processes.start(
        "act_policy.policy_node", robot_file=path, checkpoint=checkpoint, autostart=True
    )
    assert policy.wait_for_exit() == 1
    line = _one_line(policy.text)
    assert "only in the checkpoint: left_elbow, right_elbow" in line
    assert "only in the robot: left_knee, right_knee" in line


def test_camera_of_the_checkpoint_missing(
    processes: Processes, tmp_path: Path, checkpoint: Path
) -> None:
    path = tmp_path / "robot.yaml"
    path.write_text(ALOHA.replace("{name: top,", "{name: side,"))
    policy = processes.start(
        "act_policy.policy_node", robot_file=path, checkpoint=checkpoint, autostart=True
    )
    assert policy.wait_for_exit() == 1
    assert "camera 'top' is not among the robot's: side" in _one_line(policy.text)


@pytest.mark.sim
@pytest.mark.parametrize(
    ("camera", "expected"),
    [
        ("top:240x320", "camera 'top' is the robot's own"),
        ("angle:0x10", "camera 'angle:0x10': expected 1 … 4096 pixels each way"),
    ],
)
def test_camera_that_cannot_be_added(camera: str, expected: str, processes: Processes) -> None:
    sim = processes.start("act_sim.sim_node", extra_cameras=f"['{camera}']")
    assert sim.wait_for_exit() == 1
    assert expected in _one_line(sim.text)


@pytest.mark.sim
def test_unknown_camera(processes: Processes) -> None:
    sim = processes.start("act_sim.sim_node", extra_cameras="['tpo:120x160']")
    assert sim.wait_for_exit() == 1
    assert "the model has no camera 'tpo'; did you mean 'top'?" in _one_line(sim.text)


def test_unknown_checkpoint(processes: Processes) -> None:
    policy = processes.start("act_policy.policy_node", checkpoint="transfer_cub", autostart=True)
    assert policy.wait_for_exit() == 1
    assert "did you mean 'transfer_cube'?" in _one_line(policy.text)


def test_parameters_under_the_executables_name(processes: Processes, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("teleop_node:\n  ros__parameters:\n    input_timeout_s: 1.0\n")
    teleop = processes.start("act_teleop.teleop_node", "--ros-args", "--params-file", str(path))
    assert teleop.wait_for_exit() == 1
    assert "'teleop_node' is another node than this, /teleop; write /**/teleop" in teleop.text


@pytest.mark.parametrize("delay_s", [0.0, 0.1, 0.2, 0.4])
def test_interrupt_while_imports_are_under_way_ends_in_silence(delay_s: float) -> None:
    program = Path(get_package_prefix("act_sim")) / "lib" / "act_sim" / "sim_node"
    started = subprocess.Popen([program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    maps = Path(f"/proc/{started.pid}/maps")
    wait_until(lambda: b"_rclpy" in maps.read_bytes(), 10.0, "no import of rclpy")
    time.sleep(delay_s)
    started.send_signal(signal.SIGINT)
    output, _ = started.communicate(timeout=20)
    assert b"Traceback" not in output
    assert started.returncode in (0, -signal.SIGINT)


@pytest.mark.parametrize(
    ("module", "text", "status"),
    [
        ("act_teleop.teleop_node", "no sample yet", 0),
        ("act_recorder.session.session_node", "waiting, episode 1", 130),
    ],
)
def test_interrupts_that_go_on_do_not_make_an_end_a_death(
    module: str, text: str, status: int, processes: Processes
) -> None:
    """As by a terminal and `ros2 launch` at once."""
    node = processes.start(module)
    node.wait_for(text)
    end_s = time.monotonic() + 10.0
    while node.popen.poll() is None and time.monotonic() < end_s:
        node.popen.send_signal(signal.SIGINT)
        time.sleep(0.002)
    assert node.wait_for_exit(1.0) == status


def test_misspelt_parameter(processes: Processes) -> None:
    teleop = processes.start("act_teleop.teleop_node", input_timeout=1.0)
    assert teleop.wait_for_exit() == 1
    line = _one_line(teleop.text)
    assert "unknown parameter 'input_timeout'; did you mean 'input_timeout_s'?" in line

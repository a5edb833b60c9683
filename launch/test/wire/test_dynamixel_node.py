# SPDX-License-Identifier: Apache-2.0
"""Dynamixel arms over DDS: 18 emulated motors behind the real SDK, commanded, unplugged, back."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from processes import Process, Processes, wait_until
from sensor_msgs.msg import JointState
from spun_node import SpunNode
from std_srvs.srv import SetBool, Trigger

from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.messages.joints import read_sample, write_vector
from act_core.ros.messages.stamps import to_ns
from act_teleop.dynamixel.bus.bus_file import shipped_buses

pytestmark = [pytest.mark.ros, pytest.mark.slow, pytest.mark.timeout(120)]

EMULATOR = Path(__file__).parents[3] / "act_teleop/test/dynamixel/servo_emulator.py"
SPEC = load_robot("aloha_original")
NODE = "act_teleop.dynamixel.dynamixel_node"

Emulate = Callable[[str, str], subprocess.Popen[bytes]]


class Operator(SpunNode):
    """Commands `goal` from where the arms are, as fast as allowed; keeps what the arms say."""

    def __init__(self, domain: int):
        super().__init__("operator", domain)
        self.goal: np.ndarray | None = None
        self.states: list[np.ndarray] = []
        self.stamps_ns: list[int] = []
        self.ages_s: list[float] = []
        self._command = np.zeros(SPEC.dim)
        self._out = self.create_publisher(JointState, "joint_commands", qos.COMMANDS)
        self.create_subscription(JointState, "joint_states", self._keep, qos.JOINT_STATES)
        self.health: dict[str, str] = {}
        self.create_subscription(DiagnosticArray, "/diagnostics", self._hear, qos.DIAGNOSTICS)
        self.torque = self.create_client(SetBool, "dynamixel/torque")
        self.reboot = self.create_client(Trigger, "dynamixel/reboot")
        self.start()

    def _hear(self, message: DiagnosticArray) -> None:
        self.health = {v.key: v.value for status in message.status for v in status.values}

    def _keep(self, message: JointState) -> None:
        stamp_ns = to_ns(message.header.stamp)
        self.states.append(read_sample(message, SPEC.state).positions)
        self.stamps_ns.append(stamp_ns)
        self.ages_s.append((self.get_clock().now().nanoseconds - stamp_ns) / 1e9)
        if self.goal is None:
            self._command = self.states[-1]
            return
        step = SPEC.max_velocity / SPEC.rate_hz / 2
        self._command = np.clip(self.goal, self._command - step, self._command + step)
        command = write_vector(self._command, SPEC.command, self.get_clock().now().nanoseconds)
        command.header.frame_id = "operator"
        self._out.publish(command)


@pytest.fixture
def operator(domain: int) -> Iterator[Operator]:
    node = Operator(domain)
    yield node
    node.close()


@pytest.fixture
def emulate(tmp_path: Path) -> Iterator[Emulate]:
    """Starts the motors of one arm behind tmp_path/<role>_<arm>."""
    running = []

    def start(role: str, arm: str) -> subprocess.Popen[bytes]:
        path = tmp_path / f"{role}_{arm}"
        path.unlink(missing_ok=True)
        running.append(subprocess.Popen([sys.executable, EMULATOR, path, role]))
        wait_until(path.is_symlink, 10.0, "no emulator")
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


def bus_file(folder: Path, role: str) -> Path:
    """Write the shipped bus with ports of emulators."""
    path = folder / f"{role}.yaml"
    text = shipped_buses()[f"aloha_{role}"].replace("/dev/ttyDXL_", f"{folder}/")
    path.write_text(text)
    return path


def parameters(folder: Path, role: str) -> dict[str, object]:
    bus = bus_file(folder, role)
    buses = f'["left={bus}", "right={bus}"]'
    return {
        "robot_file": SPEC.name, "role": role, "buses": buses, "calibration_dir": folder,
        "answer_timeout_s": 0.05, "hold_without_samples_s": 0.3, "max_command_age_s": 1.0,
        "hold_after_s": 1.0,
    }  # fmt: skip


def moved(operator: Operator, node: Process) -> np.ndarray:
    """Let the operator move both arms from where they are; return the goal, once it is reached."""
    wait_until(lambda: len(operator.states) > 20, 20.0, "no samples", node)
    pose = operator.states[-1]
    assert np.abs(pose[~SPEC.is_gripper]).max() < 0.002  # nothing moved by itself
    assert 0 < np.median(operator.ages_s) < 0.1
    goal = pose.copy()
    goal[[0, 3, 9, 12]] += 0.5
    # Half way of its crank a gripper reports another part of its range than was commanded.
    goal[SPEC.is_gripper] = 1.0
    operator.goal = goal
    wait_until(lambda: near(operator.states[-1], goal), 20.0, "no motion", node)
    arrived = len(operator.states)
    wait_until(lambda: len(operator.states) > arrived + 10, 10.0, "no samples", node)
    return goal


def near(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.abs(one - other).max() < 0.01)


def test_followers_go_where_commanded_and_hold_when_a_bus_is_lost(
    processes: Processes, operator: Operator, emulate: Emulate, tmp_path: Path
) -> None:
    left = emulate("follower", "left")
    emulate("follower", "right")
    node = processes.start(NODE, **parameters(tmp_path, "follower"))
    node.wait_for("followers on joint_states at 50 Hz, torque on")
    goal = moved(operator, node)
    wait_until(lambda: bool(operator.health), 5.0, "no diagnostics", node)
    assert operator.health["right: hottest"] == "motor 1 (waist) 31 °C"
    assert float(operator.health["left: read_p50_ms"]) > 0

    left.kill()
    left.wait()
    lost_ns = time.time_ns()
    node.wait_for("no sample for", 10.0)
    # The first line may still be about the last answer that stayed out; the next is 2 s later.
    node.wait_for(f"left: port {tmp_path}/follower_left: ", 5.0)
    assert "nothing is sent, the arms keep goal and torque" in node.text
    operator.goal = None
    assert max(operator.stamps_ns) <= lost_ns

    emulate("follower", "left")
    node.wait_for("samples are back, without a fault; waiting for commands", 20.0)
    wait_until(lambda: operator.stamps_ns[-1] > lost_ns, 10.0, "no samples", node)
    back = operator.states[-1]
    # New motors stand at zero without torque; the right arm stayed.
    assert near(back[:6], np.zeros(6))
    assert near(back[7:], goal[7:])
    assert operator.torque.wait_for_service(10.0)
    answer = operator.torque.call(SetBool.Request(data=True), timeout_sec=10.0)
    assert answer.success, answer.message
    assert node.stop() == 0


def test_an_overloaded_gripper_is_named_and_comes_back_by_a_reboot(
    processes: Processes, operator: Operator, emulate: Emulate, tmp_path: Path
) -> None:
    emulate("follower", "left")
    right = emulate("follower", "right")
    node = processes.start(NODE, **parameters(tmp_path, "follower"))
    goal = moved(operator, node)
    right.send_signal(signal.SIGUSR1)
    node.wait_for(
        "motor 9 (gripper) of right: overload; see to the cause, then call /dynamixel/reboot; "
        "nothing is sent", 10.0,
    )  # fmt: skip
    operator.goal = None
    assert operator.reboot.wait_for_service(10.0)
    answer = operator.reboot.call(Trigger.Request(), timeout_sec=10.0)
    assert (answer.success, answer.message) == (True, "rebooted motor 9 (gripper)")
    node.wait_for("waiting for commands", 10.0)
    seen = len(operator.states)
    wait_until(lambda: len(operator.states) > seen, 10.0, "no samples", node)
    assert near(operator.states[-1], goal)
    assert node.stop() == 0


def test_a_source_has_to_start_from_where_the_arms_are(
    processes: Processes, operator: Operator, emulate: Emulate, tmp_path: Path
) -> None:
    for arm in ("left", "right"):
        emulate("follower", arm)
    node = processes.start(NODE, **parameters(tmp_path, "follower"))
    wait_until(lambda: bool(operator.states), 20.0, "no samples", node)
    far = operator.states[-1].copy()
    far[7] = -1.0
    operator._command, operator.goal = far, far
    node.wait_for("'right_waist' is commanded 1.", 10.0)
    assert abs(operator.states[-1][7]) < 0.01
    assert node.stop() == 0


def test_leaders_publish_and_are_free(
    processes: Processes, domain: int, emulate: Emulate, tmp_path: Path
) -> None:
    for arm in ("left", "right"):
        emulate("leader", arm)
    listener = SpunNode("listener", domain)
    seen: list[JointState] = []
    listener.create_subscription(JointState, "leader/joint_states", seen.append, qos.JOINT_STATES)
    listener.start()
    node = processes.start(NODE, **parameters(tmp_path, "leader"))
    node.wait_for("leaders on leader/joint_states at 50 Hz, torque off")
    wait_until(lambda: len(seen) > 5, 20.0, "no samples", node)
    assert tuple(seen[-1].name) == SPEC.leader.names
    assert seen[-1].position == pytest.approx([0.0] * SPEC.dim)
    # The last two motors, XL430, have no current sensor.
    assert np.isnan(seen[-1].effort).tolist() == 2 * [*5 * [False], True, True]
    assert node.stop() == 0
    listener.close()


def test_without_an_arm_it_says_so_and_ends(processes: Processes, tmp_path: Path) -> None:
    node = processes.start(NODE, **parameters(tmp_path, "follower"))
    assert node.wait_for_exit(30.0) == 1
    assert (
        f"error: start: left: port {tmp_path}/follower_left: no such device; is it plugged in, is "
        "the udev rule installed?; right: port"
    ) in node.text


class Follower(SpunNode):
    """An arm that stands still; keeps where the leaders are, and whether they have torque."""

    def __init__(self, domain: int, pose: np.ndarray):
        super().__init__("follower", domain)
        self.leader = np.zeros(SPEC.dim)
        self.torque = ""
        out = self.create_publisher(JointState, "joint_states", qos.JOINT_STATES)

        def send() -> None:
            now_ns = self.get_clock().now().nanoseconds
            out.publish(write_vector(pose, SPEC.state, now_ns))

        self.create_timer(1 / SPEC.rate_hz, send)
        self.create_subscription(JointState, "leader/joint_states", self._keep, qos.JOINT_STATES)
        self.create_subscription(DiagnosticArray, "/diagnostics", self._hear, qos.DIAGNOSTICS)
        self.start()

    def _keep(self, message: JointState) -> None:
        self.leader = read_sample(message, SPEC.leader).positions

    def _hear(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name == "/dynamixel":
                self.torque = {v.key: v.value for v in status.values}["torque"]


def test_leaders_with_motors_are_led_to_the_robot_and_let_go_when_nobody_leads_them(
    processes: Processes, domain: int, emulate: Emulate, tmp_path: Path
) -> None:
    for arm in ("left", "right"):
        emulate("leader", arm)
    leaders = processes.start(NODE, **parameters(tmp_path, "leader"), torque="driven")
    leaders.wait_for("leaders on leader/joint_states at 50 Hz, torque off")
    pose = np.zeros(SPEC.dim)
    pose[[0, 9]] = 0.5, -0.4
    follower = Follower(domain, pose)
    teleop = processes.start(
        "act_teleop.teleop_node", robot_file=SPEC.name, engage="call", active_leaders=True,
        input_timeout_s=1.0,
    )  # fmt: skip
    arms = ~SPEC.is_gripper
    wait_until(lambda: np.abs(follower.leader - pose)[arms].max() < 0.02, 30.0, "not led", leaders)
    wait_until(lambda: follower.torque == "True", 10.0, "no torque", leaders)
    teleop.kill()
    wait_until(lambda: follower.torque == "False", 10.0, "torque stays", leaders)
    assert leaders.stop() == 0

# SPDX-License-Identifier: Apache-2.0
"""`act dataset replay` over topics: into the simulator, and onto a robot that a test plays."""

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from processes import Process, Processes, wait_until
from sensor_msgs.msg import JointState
from spun_node import SpunNode

from act_core.episode.meta import EpisodeMeta
from act_core.episode.writer import EpisodeWriter
from act_core.observation import Observation
from act_core.robot.command_limits import CommandLimits
from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.messages.joints import read_vector, write_vector
from act_core.testing import make_observation
from act_sim.cell.session import SimSession
from act_sim.demonstrator.demonstrator import Demonstrator

pytestmark = [pytest.mark.ros, pytest.mark.sim, pytest.mark.slow, pytest.mark.timeout(300)]

SPEC = load_robot("aloha_sim")
DT = 1 / SPEC.rate_hz
TASK, SEED = "transfer_cube", 4
VERB = "act_recorder.dataset.command"


class Robot(SpunNode):
    """A robot that goes at once where it is commanded, and an ear for who commands it."""

    def __init__(self, domain: int):
        super().__init__("robot", domain)
        self.pose = SPEC.start.copy()
        self.commands: list[tuple[str, np.ndarray]] = []
        self._out = self.create_publisher(JointState, "joint_states", qos.JOINT_STATES)
        self._rival = self.create_publisher(JointState, "joint_commands", qos.COMMANDS)
        self.rivalry = False
        self.create_subscription(JointState, "joint_commands", self._on_command, qos.COMMANDS)
        self.create_timer(DT, self._on_tick)
        self.start()

    def _on_tick(self) -> None:
        now_ns = self.get_clock().now().nanoseconds
        self._out.publish(write_vector(self.pose, SPEC.state, now_ns))
        if self.rivalry:
            message = write_vector(self.pose, SPEC.command, now_ns)
            message.header.frame_id = "policy/1@lab"
            self._rival.publish(message)

    def _on_command(self, message: JointState) -> None:
        if message.header.frame_id.startswith("replay/"):
            self.pose = read_vector(message, SPEC.command)
            self.commands.append((message.header.frame_id, self.pose))


@pytest.fixture
def robot(domain: int) -> Iterator[Robot]:
    node = Robot(domain)
    yield node
    node.close()


@pytest.fixture
def swing(tmp_path: Path) -> Path:
    """A dataset of one episode: the left waist swings by 0.5 rad in 4 s, from 0.3 rad away."""
    meta = EpisodeMeta.for_robot(SPEC, sim=False, task="swing")
    writer = EpisodeWriter(tmp_path / "swing", meta, {})
    rng = np.random.default_rng(0)
    for row in range(200):
        obs = make_observation(row * SPEC.period_ns, SPEC.dim, {}, rng)
        obs.joints.positions[:] = SPEC.start
        obs.joints.positions[0] += 0.3 + 0.25 * (1 - np.cos(np.pi * row / 200))
        writer.append(obs, obs.joints.positions, row * SPEC.period_ns)
    return writer.finish().parent


def record_in_one_process(folder: Path) -> np.ndarray:
    """Record the demonstrator's episode; return where the robot was at its end, (D,)."""
    session = SimSession(SPEC, TASK, start_ns=0)
    tick = session.reset(TASK, SEED)
    plan = Demonstrator(SPEC, TASK).begin(tick.objects)
    limits = CommandLimits(SPEC)
    limits.start_from(tick.joints.positions)
    writer = EpisodeWriter(folder, EpisodeMeta.for_robot(SPEC, sim=True, task=TASK, seed=SEED), {})
    while not session.episode.done:
        wish = plan.command(tick.index, tick.objects)
        # What a file holds.
        command = np.float32(limits.apply(wish, DT)).astype(np.float64)
        writer.append(Observation(tick.stamp_ns, tick.joints, {}, {}), command, tick.stamp_ns)
        tick = session.step(command, render=False)
    success = session.episode.success
    session.close()
    writer.finish(verdict="success" if success else "failure")
    assert success
    return tick.joints.positions


def replay(processes: Processes, dataset: Path, *words: str, **more: object) -> Process:
    return processes.start(VERB, "replay", str(dataset), *words, **more)


def test_a_scripted_episode_ends_in_the_simulator_as_it_was_recorded(
    processes: Processes, tmp_path: Path, domain: int
) -> None:
    last = record_in_one_process(tmp_path / "data")
    robot_states: list[np.ndarray] = []
    ear = SpunNode("ear", domain)
    ear.create_subscription(
        JointState, "joint_states",
        lambda message: robot_states.append(read_vector(message, SPEC.state)), qos.LOCKSTEP,
    )  # fmt: skip
    ear.start()
    process = replay(processes, tmp_path / "data", "--sim", "--json")
    assert process.wait_for_exit(120.0) == 0, process.text
    report = json.loads(process.text[process.text.index('{\n "episode"') :])
    assert (report["success"], report["recorded_verdict"]) == (True, "success")
    np.testing.assert_allclose(robot_states[-1], last, atol=1e-5)
    for name, recorded in report["recorded"].items():
        assert report["joints"][name]["mean"] == pytest.approx(recorded["mean"], abs=1e-4)
        assert report["joints"][name]["max"] == pytest.approx(recorded["max"], abs=1e-4)
    assert report["joints"]["right_shoulder"]["lag_s"] == pytest.approx(0.06, abs=0.03)


def test_a_robot_is_led_to_the_start_and_through_the_episode(
    processes: Processes, swing: Path, robot: Robot
) -> None:
    process = replay(processes, swing, "--yes", "--speed", "2", "--ramp-speed", "0.4")
    assert process.wait_for_exit(90.0) == 0, process.text
    assert "start: up to 0.30 rad from the first command ('left_waist')" in process.text
    waist = np.array([command[0] for _, command in robot.commands])
    first = np.flatnonzero(waist >= 0.3 - 1e-6)[0]
    # 0.3 rad at 0.4 rad/s, fastest in the middle: 1.125 s.
    assert first * DT == pytest.approx(1.125, rel=0.2)
    assert waist[-1] == pytest.approx(0.3 + 0.5, abs=1e-3)
    assert (len(waist) - first) * DT == pytest.approx(2.0, rel=0.2)
    assert np.abs(np.diff(waist)).max() < 0.1
    assert len({source for source, _ in robot.commands}) == 1
    figures = re.search(r"left_waist +([\d.]+) +([\d.]+) ", process.text)
    assert figures is not None
    assert float(figures[2]) < 0.1


def test_nothing_moves_before_enter(processes: Processes, swing: Path, robot: Robot) -> None:
    refused = replay(processes, swing)
    assert refused.wait_for_exit(60.0) == 1
    assert "error: nothing moves without a word, and this is no terminal; --yes" in refused.text
    person, program = os.openpty()
    asked = replay(processes, swing, stdin=program)
    asked.wait_for("Enter moves 'aloha_sim', Ctrl-C leaves it where it is")
    time.sleep(0.5)
    assert not robot.commands
    os.write(person, b"\n")
    wait_until(lambda: len(robot.commands) > 5, 20.0, "no command after Enter", asked)
    asked.popen.send_signal(signal.SIGINT)
    assert asked.wait_for_exit(10.0) == 130
    assert "stopped; the robot keeps its last command" in asked.text
    held = len(robot.commands)
    time.sleep(0.3)
    assert len(robot.commands) == held


def test_who_commands_already_is_left_alone(
    processes: Processes, swing: Path, robot: Robot
) -> None:
    robot.rivalry = True
    refused = replay(processes, swing, "--yes")
    assert refused.wait_for_exit(60.0) == 1
    assert "error: policy/1@lab commands; stop it first" in refused.text
    assert not robot.commands
    robot.rivalry = False
    process = replay(processes, swing, "--yes")
    wait_until(lambda: len(robot.commands) > 5, 60.0, "no command", process)
    robot.rivalry = True
    assert process.wait_for_exit(10.0) == 1
    assert "error: policy/1@lab commands; stop it first" in process.text


def test_without_a_robot_it_says_so(processes: Processes, swing: Path) -> None:
    dry = replay(processes, swing, "--dry-run")
    assert dry.wait_for_exit(60.0) == 0
    assert "start: not known, joint_states: not there after 5 s" in dry.text
    refused = replay(processes, swing, "--yes")
    assert refused.wait_for_exit(60.0) == 1
    assert "error: joint_states: not there after 5 s; is its node running?" in refused.text

# SPDX-License-Identifier: Apache-2.0
"""Teleoperation without leader arms, as real processes: a gamepad, and a recorded episode."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gamepad_pilot import GamepadPilot
from processes import Processes, wait_until
from sensor_msgs.msg import JointState, Joy
from spun_node import SpunNode

from act_core.episode.meta import EpisodeMeta
from act_core.episode.writer import EpisodeWriter
from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.messages.joints import read_vector, write_vector
from act_core.testing import make_episode, make_observation

pytestmark = [pytest.mark.ros, pytest.mark.sim, pytest.mark.timeout(240)]

SPEC = load_robot("aloha_sim")
LIFTED = 2
TICK_NS = SPEC.period_ns


class Robot(SpunNode):
    """A robot that a test moves by hand, and ears for the leader."""

    def __init__(self, domain: int):
        super().__init__("robot", domain)
        self.leader: dict[int, np.ndarray] = {}  # by stamp
        self._state_out = self.create_publisher(JointState, "joint_states", qos.JOINT_STATES)
        self._joy_out = self.create_publisher(Joy, "joy", qos.JOY)
        self.create_subscription(
            JointState, "leader/joint_states", self._on_leader, qos.JOINT_STATES
        )
        self.start()

    def _on_leader(self, message: JointState) -> None:
        stamp = message.header.stamp
        vector = read_vector(message, SPEC.leader)
        self.leader[stamp.sec * 10**9 + stamp.nanosec] = vector

    def answer(self, pose: np.ndarray, stamp_ns: int) -> np.ndarray:
        """Publish the robot's pose until the leader answers it; return that answer."""

        def answered() -> bool:
            self._state_out.publish(write_vector(pose, SPEC.state, stamp_ns))
            return stamp_ns in self.leader

        wait_until(answered, 60.0, f"no leader sample for {stamp_ns}")
        return self.leader[stamp_ns]

    def push(self, *, deadman: bool) -> None:
        """Publish a stick that is all the way up."""
        axes, buttons = [0.0] * 8, [0] * 11
        axes[1], buttons[5] = 1.0, int(deadman)
        self._joy_out.publish(Joy(axes=axes, buttons=buttons))


@pytest.fixture
def robot(domain: int) -> Iterator[Robot]:
    node = Robot(domain)
    yield node
    node.close()


@pytest.fixture
def pilot(domain: int) -> Iterator[GamepadPilot]:
    node = GamepadPilot(domain)
    yield node
    node.close()


@pytest.mark.slow
def test_joy_messages_alone_pick_the_cube_up(processes: Processes, pilot: GamepadPilot) -> None:
    processes.start("act_sim.sim_node", reset_on_start=True, seed=3)
    processes.start("act_teleop.teleop_node", use_sim_time=True, engage="auto")
    gamepad = processes.start("act_sim.leaders.gamepad_node", joy_timeout_s=2.0)
    wait_until(lambda: pilot.stage == "hold", 90.0, f"only at {pilot.stage}", gamepad)
    wait_until(lambda: pilot.reward >= LIFTED, 5.0, f"reward {pilot.reward}", gamepad)


def test_gamepad_starts_from_where_the_robot_is_and_anew_after_a_pause(
    processes: Processes, robot: Robot
) -> None:
    gamepad = processes.start("act_sim.leaders.gamepad_node", joy_timeout_s=10.0)
    first = SPEC.start + 0.05 * ~SPEC.is_gripper
    start_ns = 100 * 10**9
    np.testing.assert_allclose(robot.answer(first, start_ns), first, atol=1e-9)

    stamp_ns, moved = start_ns, first
    while np.allclose(moved, first):  # the button has to come up before it goes down
        robot.push(deadman=False)
        robot.push(deadman=True)
        before, stamp_ns = moved, stamp_ns + TICK_NS
        moved = robot.answer(first, stamp_ns)
        assert np.all(np.abs(moved - before) <= SPEC.max_velocity * 0.02 + 1e-9)
    np.testing.assert_allclose(moved[7:], before[7:], atol=1e-9)  # the right arm

    elsewhere, stamp_ns = SPEC.start - 0.1 * ~SPEC.is_gripper, stamp_ns + 10**9
    np.testing.assert_allclose(robot.answer(elsewhere, stamp_ns), elsewhere, atol=1e-9)
    robot.push(deadman=True)  # held all the time, which counts no more
    held = robot.answer(elsewhere, stamp_ns + TICK_NS)
    np.testing.assert_allclose(held, elsewhere, atol=1e-9)
    gamepad.wait_for("joy: let go of button 5 first", 10.0)
    assert gamepad.stop() == 0


def episode(folder: Path) -> Path:
    """Write an episode in which every second tick was skipped."""
    meta = EpisodeMeta.for_robot(SPEC, sim=True)
    writer = EpisodeWriter(folder, meta, {})
    for index in range(26):
        stamp_ns = 2 * index * TICK_NS
        obs = make_observation(stamp_ns, SPEC.dim, {}, np.random.default_rng(0))
        action = SPEC.start + 0.01 * index * ~SPEC.is_gripper
        writer.append(obs, action, stamp_ns)
    return writer.finish(verdict="success")


def test_replay_waits_for_the_robot_then_plays_by_the_stamps(
    processes: Processes, robot: Robot, tmp_path: Path
) -> None:
    replay = processes.start("act_teleop.leaders.replay_node", episode=episode(tmp_path))
    stamp_ns, away = 100 * 10**9, SPEC.start + 0.5 * ~SPEC.is_gripper
    for _ in range(3):
        stamp_ns += TICK_NS
        np.testing.assert_allclose(robot.answer(away, stamp_ns), SPEC.start, atol=1e-6)
    replay.wait_for("is 0.50 rad from the first pose (tolerance_rad 0.1)", 10.0)
    for tick in range(1, 61):
        stamp_ns += TICK_NS
        played = robot.answer(SPEC.start, stamp_ns)
        # A hundredth of a rad for each second tick, and the last pose for ever.
        expected = SPEC.start + 0.005 * min(tick, 50) * ~SPEC.is_gripper
        np.testing.assert_allclose(played, expected, atol=1e-6)
    assert replay.text.count("playing") == 1
    replay.wait_for("played to the end; staying at the last pose", 5.0)
    again = robot.answer(SPEC.start, stamp_ns + 10**9)  # a pause, or another episode
    np.testing.assert_allclose(again, SPEC.start, atol=1e-6)
    assert replay.stop() == 0


def test_replay_of_another_robot_is_refused_in_one_line(
    processes: Processes, tmp_path: Path
) -> None:
    path = make_episode(tmp_path, joint_names=["left_waist"])
    replay = processes.start("act_teleop.leaders.replay_node", episode=path)
    status = replay.wait_for_exit()
    assert (status, replay.text.count("\n")) == (1, 1), replay.text
    assert f"{path}: recorded with another robot than 'aloha_sim': missing" in replay.text

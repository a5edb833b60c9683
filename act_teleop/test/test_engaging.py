# SPDX-License-Identifier: Apache-2.0
"""Teleoperation beside a real robot: nothing moves before a deliberate act."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_core.observation import JointSample
from act_core.robot.robot_file import load_robot
from act_teleop.teleop_inputs import LeaderSample
from act_teleop.teleop_params import TeleopParams
from act_teleop.teleoperation import State, Teleoperation

SPEC = load_robot("aloha_2")
TICK_S = 1 / SPEC.rate_hz
PARAMS = TeleopParams(robot_file="aloha_2")
OPEN = np.where(SPEC.is_gripper, 0.9, SPEC.start)
CLOSED = np.where(SPEC.is_gripper, 0.0, SPEC.start)


class Cell:
    """Robot, leader and time around a Teleoperation; the robot goes where it is commanded."""

    def __init__(self, params=PARAMS, robot=SPEC.start):
        self.teleop = Teleoperation(SPEC, params)
        self.robot, self.now_s, self.commands = robot.copy(), 100.0, []
        self.rivals, self.deadman = "", True
        self.stamps_ahead_s = 0.0

    def tick(self, leader, ticks=1):
        """Let `ticks` pass with the leader at `leader`, or away (None)."""
        for _ in range(ticks):
            self.now_s += TICK_S
            now_ns = round((self.now_s + self.stamps_ahead_s) * 1e9)
            still = np.zeros(SPEC.dim)
            self.teleop.see_robot(JointSample(now_ns, self.robot, still, still), self.now_s)
            command = None
            if leader is not None:
                # The leader's clock is three seconds ahead: nobody's business.
                sample = LeaderSample(leader, now_ns + 3_000_000_000, now_ns)
                command = self.teleop.see_leader(sample, self.now_s)
            self.teleop.watch(self.now_s, self.rivals, deadman=self.deadman)
            moved = self.teleop.tick(self.now_s)
            command = moved if command is None else command
            if command is not None:
                self.commands.append(command)
                self.robot = command
        return self

    @property
    def state(self):
        return self.teleop.state

    def close_grippers(self, at=SPEC.start):
        self.tick(np.where(SPEC.is_gripper, 0.9, at), 5)
        return self.tick(np.where(SPEC.is_gripper, 0.0, at), 20)


def test_a_leader_too_far_away_is_told_which_joint_to_move_and_how_far():
    far = OPEN.copy()
    far[2] -= 0.42
    far[8] += 0.31
    cell = Cell().tick(far, 20)
    assert cell.state is State.ALIGNING
    assert cell.teleop.reason == (
        "move the leader's 'left_elbow' by +0.42 rad (to within 0.3; 2 joints to go)"
    )
    assert cell.teleop.engage(cell.now_s) == cell.teleop.reason
    cell.close_grippers(far)
    assert cell.commands == []
    cell.tick(OPEN)
    assert (cell.state, cell.teleop.reason) == (
        State.READY, "open, then close all leader grippers to engage",
    )  # fmt: skip


def test_closing_all_grippers_engages_and_one_alone_does_not():
    cell = Cell().tick(OPEN, 10)
    one = OPEN.copy()
    one[6] = 0.0
    assert cell.tick(one, 50).state is State.READY
    assert cell.commands == []
    cell.tick(CLOSED, 10)
    assert cell.commands == []  # not for long enough
    assert cell.tick(CLOSED, 10).state is State.FOLLOWING


def test_grippers_that_are_closed_from_the_beginning_mean_nothing():
    assert Cell().tick(CLOSED, 100).state is State.READY


def test_with_call_the_grippers_engage_nothing():
    cell = Cell(replace(PARAMS, engage="call")).close_grippers()
    assert (cell.state, cell.teleop.reason) == (State.READY, "call ~/engage to engage")
    assert cell.teleop.engage(cell.now_s) == ""
    assert cell.tick(OPEN).state is State.FOLLOWING


def test_the_rest_of_the_distance_is_made_up_slowly_and_then_followed_exactly():
    leader = CLOSED + np.where(SPEC.is_gripper, 0.0, 0.25)
    cell = Cell().tick(np.where(SPEC.is_gripper, 0.9, leader), 5).tick(leader, 20)
    assert cell.state is State.FOLLOWING
    cell.tick(leader, 60)
    commands = np.array(cell.commands)[:, ~SPEC.is_gripper]
    assert np.abs(np.diff(commands, axis=0)).max() <= PARAMS.align_speed_rad_s * TICK_S + 1e-9
    np.testing.assert_allclose(cell.commands[-1], leader, atol=1e-12)


def test_after_a_loss_only_a_new_act_engages():
    cell = Cell().close_grippers()
    cell.tick(CLOSED, 10)
    cell.tick(None, 10)
    reason = "leader/joint_states: no sample for"
    assert cell.state is State.HOLDING
    assert cell.teleop.reason.startswith(reason)
    sent = len(cell.commands)
    cell.tick(CLOSED, 100)
    assert len(cell.commands) == sent
    assert cell.state is State.READY
    assert cell.teleop.reason.startswith(
        f"open, then close all leader grippers to engage (held: {reason}"
    )
    assert cell.close_grippers().state is State.FOLLOWING


def test_a_leader_whose_stamps_jump_is_let_go():
    cell = Cell().close_grippers()
    now_ns = round(cell.now_s * 1e9) + 9_000_000_000
    assert cell.teleop.see_leader(LeaderSample(CLOSED, now_ns, now_ns), cell.now_s) is None
    assert cell.state is State.HOLDING
    assert cell.teleop.reason == "leader/joint_states refused: its stamps jumped; holding"


def test_a_robot_whose_stamps_jump_was_reset_and_is_not_followed_up():
    cell = Cell().close_grippers()
    cell.stamps_ahead_s = 2.0
    cell.tick(CLOSED)
    assert cell.state is State.READY
    assert cell.teleop.reason.endswith("(held: joint_states: the stamps jumped)")


def test_the_deadman_button_has_to_be_held():
    cell = Cell(replace(PARAMS, deadman_button=4)).close_grippers()
    assert cell.state is State.FOLLOWING
    cell.deadman = False
    cell.tick(CLOSED)
    assert cell.teleop.reason == "the deadman button is not held; holding"
    cell.close_grippers()
    assert cell.state is State.READY
    assert cell.teleop.engage(cell.now_s) == "the deadman button is not held"
    cell.deadman = True
    assert cell.close_grippers().state is State.FOLLOWING


def test_an_arm_that_does_not_follow_is_named_and_let_go():
    cell = Cell().close_grippers()
    stuck = cell.robot.copy()
    away = CLOSED.copy()
    away[1] += 1.0
    for _ in range(60):
        cell.tick(away)
        cell.robot = stuck
    assert cell.teleop._held.startswith("'left_shoulder' is ")
    assert "rad from its command for 0.5 s; is its torque on, is it blocked?" in cell.teleop._held
    assert cell.state is State.ALIGNING


def test_it_drives_to_a_pose_slowly_and_then_waits_for_an_act():
    cell = Cell().close_grippers()
    cell.tick(CLOSED, 5)
    assert cell.teleop.go_to(SPEC.sleep, "park", cell.now_s) == ""
    assert (cell.state, cell.teleop.reason) == (State.PARKING, "on the way to the park pose")
    begun = len(cell.commands)
    cell.tick(CLOSED, 400)
    commands = np.array(cell.commands[begun:])[:, ~SPEC.is_gripper]
    assert np.abs(np.diff(commands, axis=0)).max() <= PARAMS.pose_speed_rad_s * TICK_S + 1e-9
    np.testing.assert_allclose(cell.robot, SPEC.sleep, atol=1e-6)
    assert cell.state is State.ALIGNING
    assert cell.teleop.reason.endswith("(held: the pose is reached)")


def test_without_a_leader_it_still_parks():
    cell = Cell().tick(None, 5)
    assert cell.teleop.go_to(SPEC.sleep, "park", cell.now_s) == ""
    assert cell.tick(None, 400).state is State.HOLDING
    np.testing.assert_allclose(cell.robot, SPEC.sleep, atol=1e-6)


def test_a_rival_stops_a_motion_and_lets_none_begin():
    cell = Cell().tick(OPEN, 5)
    cell.teleop.go_to(SPEC.sleep, "park", cell.now_s)
    cell.rivals = "policy/7@pc commands; stop it first"
    cell.tick(OPEN, 2)
    sent = len(cell.commands)
    cell.close_grippers()
    assert len(cell.commands) == sent
    assert (cell.state, cell.teleop.reason) == (State.READY, cell.rivals)
    for refusal in (
        cell.teleop.engage(cell.now_s, anywhere=True),
        cell.teleop.go_to(SPEC.sleep, "park", cell.now_s),
    ):
        assert refusal == cell.rivals


def test_taking_over_follows_the_motion_and_keeps_what_the_gripper_holds():
    robot = np.where(SPEC.is_gripper, 0.2, SPEC.start + 0.4)  # a leader far away, gripper open
    cell = Cell(robot=robot).tick(OPEN, 5)
    assert cell.state is State.ALIGNING
    assert cell.teleop.engage(cell.now_s, anywhere=True) == ""
    cell.tick(OPEN)
    assert np.abs(cell.commands[0] - robot).max() <= PARAMS.align_speed_rad_s * TICK_S + 1e-9
    cell.tick(OPEN, 200)
    assert np.all(cell.robot[SPEC.is_gripper] == 0.2)
    np.testing.assert_allclose(cell.robot[~SPEC.is_gripper], OPEN[~SPEC.is_gripper])
    cell.tick(CLOSED, 50)  # the leader's gripper comes by, and leads from then on
    np.testing.assert_allclose(cell.robot, CLOSED, atol=1e-6)
    assert cell.tick(OPEN, 50).robot[6] == pytest.approx(0.9)


def test_in_simulation_it_engages_by_itself_until_an_operator_lets_go():
    cell = Cell(replace(PARAMS, engage="auto")).tick(CLOSED, 3)
    assert cell.state is State.FOLLOWING
    cell.teleop.hold("asked to hold")
    sent = len(cell.commands)
    assert cell.tick(CLOSED, 50).state is State.READY
    assert len(cell.commands) == sent
    assert cell.teleop.engage(cell.now_s) == ""
    assert cell.tick(CLOSED).state is State.FOLLOWING


def test_leaders_with_motors_are_led_to_the_robot_slowly_and_let_go_when_followed():
    away = np.where(SPEC.is_gripper, 0.9, SPEC.start + 0.5)
    cell = Cell().tick(away, 5)
    assert cell.state is State.ALIGNING
    for _ in range(100):
        before, away = away, cell.teleop.leader_goal(cell.now_s)
        assert np.abs(away - before).max() <= 0.2 * PARAMS.pose_speed_rad_s + 1e-9
        cell.tick(away)
    np.testing.assert_allclose(away, OPEN)  # grippers stay the operator's
    assert cell.state is State.READY
    cell.close_grippers()
    assert cell.state is State.FOLLOWING
    assert cell.teleop.leader_goal(cell.now_s) is None
    assert Cell().teleop.leader_goal(100.0) is None


wild = st.one_of(
    st.none(),
    st.integers(0, 2**32 - 1).map(
        lambda seed: np.random.default_rng(seed).uniform(-4, 4, SPEC.dim)
    ),
    st.sampled_from([OPEN, CLOSED, SPEC.sleep, np.full(SPEC.dim, np.nan)]),
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            wild, st.integers(1, 25), st.sampled_from(["", "engage", "over", "park", "hold"])
        ),
        max_size=12,
    ),
    st.sampled_from(["grippers", "call", "auto"]),
)  # fmt: skip
def test_whatever_happens_commands_keep_the_limits(events, engage):
    cell = Cell(replace(PARAMS, engage=engage))
    before, silent = SPEC.start, 0
    for leader, ticks, act in events:
        acts = {
            "": lambda: "",
            "engage": lambda: cell.teleop.engage(cell.now_s),
            "over": lambda: cell.teleop.engage(cell.now_s, anywhere=True),
            "park": lambda: cell.teleop.go_to(SPEC.sleep, "park", cell.now_s),
            "hold": lambda: cell.teleop.hold("asked to hold"),
        }
        acts[act]()
        for _ in range(ticks):
            sent = len(cell.commands)
            cell.tick(leader)
            step, before = np.abs(cell.robot - before), cell.robot
            # What a leader misses of its time it may make up for, one tick at most.
            assert np.all(step <= SPEC.max_velocity * min(silent + 1, 2) * TICK_S + 1e-9)
            silent = 0 if len(cell.commands) > sent else silent + 1
            assert np.all((SPEC.lower <= before) & (before <= SPEC.upper))

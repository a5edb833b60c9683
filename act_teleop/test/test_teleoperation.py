# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from act_core.observation import JointSample
from act_core.robot.robot_file import load_robot
from act_teleop.teleop_inputs import LeaderSample
from act_teleop.teleop_params import TeleopParams
from act_teleop.teleoperation import State, Teleoperation

SPEC = load_robot("aloha_sim")
PERIOD_NS = SPEC.period_ns
SECOND_NS = 1_000_000_000
ALONE = TeleopParams(engage="auto", pace="lockstep", input_timeout_s=0.1)


def _robot(stamp_ns, positions=SPEC.start):
    return JointSample(stamp_ns, positions, positions, positions)


def _leader(stamp_ns, vector=SPEC.start):
    return LeaderSample(vector, stamp_ns, stamp_ns)


@pytest.fixture
def following():
    """Return one that follows since 1 s."""
    made = Teleoperation(SPEC, ALONE)
    made.see_robot(_robot(SECOND_NS), 1.0)
    assert made.see_leader(_leader(SECOND_NS), 1.0) is not None
    assert made.state is State.FOLLOWING
    return made


def test_a_leader_that_comes_before_the_robot_waits_for_its_pose():
    teleoperation = Teleoperation(SPEC, ALONE)
    assert teleoperation.leader_age_s(1.0) == np.inf
    assert teleoperation.see_leader(_leader(SECOND_NS), 1.0) is None
    assert teleoperation.state is State.WAITING
    command = teleoperation.see_robot(_robot(SECOND_NS), 1.01)
    np.testing.assert_allclose(command, SPEC.start)
    assert (teleoperation.state, teleoperation.reason) == (State.FOLLOWING, "")
    assert teleoperation.leader_age_s(1.5) == 0.5


@pytest.mark.parametrize(
    ("robot_s", "leader_s", "reason"),
    [
        (1.3, 1.0, "leader/joint_states: no sample for 0.30 s (limit 0.1 s); holding"),
        (1.0, 1.3, "joint_states: no sample for 0.30 s (limit 0.1 s); holding"),
    ],
)
def test_silence_of_either_holds_and_is_named(following, robot_s, leader_s, reason):
    following.see_robot(_robot(SECOND_NS), robot_s)
    following.see_leader(_leader(SECOND_NS), leader_s)
    following.watch(1.3)
    assert (following.state, following.reason) == (State.HOLDING, reason)


def test_silence_that_the_node_itself_slept_through_is_told_apart(following):
    following.watch(1.0)
    following.watch(1.3)
    assert following.state is State.HOLDING
    assert following.reason == (
        "leader/joint_states: no sample for 0.30 s (limit 0.1 s); "
        "joint_states: no sample for 0.30 s (limit 0.1 s); "
        "this node itself stood still for 0.30 s; holding"
    )
    following.watch(1.32)
    assert "stood still" not in following.reason


@pytest.mark.parametrize("first", ["robot", "leader"])
def test_a_sample_that_comes_before_the_watchdog_does_not_hide_a_silence(first):
    asked = TeleopParams(engage="call", pace="realtime", input_timeout_s=0.1)
    made = Teleoperation(SPEC, asked)
    made.see_robot(_robot(SECOND_NS), 1.0)
    made.see_leader(_leader(SECOND_NS), 1.0)
    assert made.engage(1.0) == ""
    made.watch(1.0)
    stamp_ns = SECOND_NS + 600_000_000
    if first == "robot":
        made.see_robot(_robot(stamp_ns), 1.6)
    else:
        assert made.see_leader(_leader(stamp_ns), 1.6) is None
    assert made.state is State.HOLDING
    assert "this node itself stood still for 0.60 s" in made.reason


def test_after_a_hold_it_starts_from_the_measured_pose_at_limited_speed(following):
    following.watch(2.0)
    moved = SPEC.start + 0.3
    following.see_robot(_robot(3 * SECOND_NS, moved), 3.0)
    command = following.see_leader(_leader(3 * SECOND_NS), 3.0)
    step = SPEC.max_velocity * PERIOD_NS / 1e9
    assert np.all(np.abs(command - moved) <= step + 1e-9)


def test_nothing_is_sent_while_another_node_commands(following):
    following.watch(1.0, "policy/7@pc commands; stop it first")
    assert following.state is State.HOLDING
    assert following.reason == "policy/7@pc commands; stop it first; holding"
    assert following.see_leader(_leader(SECOND_NS + PERIOD_NS), 1.02) is None
    following.watch(1.03)
    following.see_robot(_robot(SECOND_NS + 2 * PERIOD_NS), 1.04)
    assert following.see_leader(_leader(SECOND_NS + 2 * PERIOD_NS), 1.04) is not None


def test_a_leader_without_stamp_or_with_a_value_that_is_none_is_refused(following):
    assert following.see_leader(_leader(0), 1.0) is None
    assert following.reason == (
        "leader/joint_states refused: header.stamp is 0; the leader's driver has to set it; "
        "holding"
    )
    following.refuse("missing 'waist'", 1.0)
    assert (following.state, following.rejected) == (State.HOLDING, 2)
    assert following.reason == "leader/joint_states refused: missing 'waist'; holding"


def test_a_sample_that_was_overtaken_by_a_newer_one_changes_nothing(following):
    assert following.see_leader(_leader(SECOND_NS - PERIOD_NS, SPEC.sleep), 1.01) is None
    assert following.see_robot(_robot(SECOND_NS - PERIOD_NS, SPEC.sleep), 1.01) is None
    assert (following.state, following.rejected) == (State.FOLLOWING, 1)
    command = following.see_leader(_leader(SECOND_NS + PERIOD_NS), 1.02)
    np.testing.assert_allclose(command, SPEC.start)


def test_before_the_first_sample_it_waits_and_says_for_what():
    teleoperation = Teleoperation(SPEC, ALONE)
    teleoperation.watch(5.0)
    assert teleoperation.state is State.WAITING
    assert teleoperation.reason == (
        "leader/joint_states: no sample yet; joint_states: no sample yet"
    )

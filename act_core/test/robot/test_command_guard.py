# SPDX-License-Identifier: Apache-2.0
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_core.errors import JointValuesError
from act_core.robot.command_guard import Command, CommandGuard, CommandRefusedError, GuardState
from act_core.robot.robot_file import load_robot

SPEC = load_robot("aloha_sim")
POSE = SPEC.start
T0_NS = 1_000_000_000_000
TICK_S = 1 / SPEC.rate_hz


@pytest.fixture
def guard():
    guard = CommandGuard(SPEC, max_age_s=0.2, timeout_s=0.1)
    guard.see_pose(POSE, np.inf)
    return guard


def _take(guard, time_s, vector=POSE, source="teleop", stamp_s=None):
    stamp_ns = T0_NS + round(1e9 * (time_s if stamp_s is None else stamp_s))
    guard.take(Command(vector, stamp_ns, source), T0_NS + round(1e9 * time_s), time_s)


def test_before_any_command_nothing_moves(guard):
    assert guard.setpoint(0.0) is None
    assert (guard.state, guard.reason) == (GuardState.WAITING, "joint_commands: no command yet")


def test_what_one_source_commands_now_is_executed(guard):
    for tick in range(50):
        vector = POSE + 0.01 * np.sin(tick / 10) ** 2
        _take(guard, tick * TICK_S, vector)
        np.testing.assert_allclose(guard.setpoint(tick * TICK_S), vector)
    assert (guard.state, guard.source, guard.refused) == (GuardState.FOLLOWING, "teleop", 0)


def test_silence_is_a_hold_with_the_last_command_kept_and_the_same_source_may_go_on(guard):
    _take(guard, 0.0, POSE + 0.05)
    for tick in range(100):
        guard.watch(tick * TICK_S)
        setpoint = guard.setpoint(tick * TICK_S)
    np.testing.assert_allclose(setpoint, POSE + 0.05)
    assert guard.state is GuardState.HOLDING
    assert guard.reason == (
        "joint_commands: nothing from teleop for 0.12 s (limit 0.1 s); the last command is kept"
    )
    guard.see_pose(setpoint, 2.0)
    _take(guard, 2.0, setpoint)
    assert guard.state is GuardState.FOLLOWING


def test_a_source_that_was_held_up_shortly_goes_on_where_it_was(guard):
    _take(guard, 0.0, POSE + 0.1)
    before = guard.setpoint(0.0)
    guard.watch(0.5)
    assert guard.state is GuardState.HOLDING
    guard.see_pose(POSE - 0.3, 0.5)  # it lags
    _take(guard, 0.5, POSE + 0.15)
    step = guard.setpoint(0.5) - before
    assert np.all((step > 0) & (step <= SPEC.max_velocity * 2 * TICK_S))


def test_after_a_hold_it_starts_from_the_measured_pose(guard):
    _take(guard, 0.0)
    guard.watch(2.0)
    sagged = POSE - 0.1
    guard.see_pose(sagged, 2.0)
    _take(guard, 2.0, POSE)
    first = guard.setpoint(2.0)
    assert np.all(np.abs(first - sagged) <= SPEC.max_acceleration * TICK_S**2 + 1e-9)


REFUSALS = {
    "not_finite": (
        {"vector": np.where(np.arange(SPEC.dim) == 2, np.nan, POSE)},
        "command for 'left_elbow' is not finite; the whole vector is refused",
    ),
    "no_stamp": (
        {"stamp_s": -T0_NS / 1e9},
        "command of teleop: header.stamp is 0, expected the time it is meant for",
    ),
    "old": (
        {"stamp_s": 0.5},
        "command of teleop is 0.5 s old (limit 0.2 s); is the network slow, are the clocks "
        "synchronised, does use_sim_time differ?",
    ),
    "ahead": ({"stamp_s": 1.31}, "command of teleop is 0.31 s ahead of this machine's clock"),
    "far_away": (
        {"vector": POSE + 0.3 * (np.arange(SPEC.dim) == 8)},
        "'right_shoulder' is commanded 0.30 rad away from where the robot is (limit 0.2 rad); a "
        "source has to start from the measured pose",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_may_not_be_executed_is_refused_with_the_reason_and_moves_nothing(guard, case):
    options, text = REFUSALS[case]
    with pytest.raises((CommandRefusedError, JointValuesError), match=re.escape(text)):
        _take(guard, 1.0, **options)
    assert guard.setpoint(1.0) is None
    assert guard.refused == 1
    assert guard.reason.startswith(text)


def test_a_second_source_is_refused_until_the_first_has_been_silent(guard):
    _take(guard, 0.0, source="teleop/1@a")
    with pytest.raises(CommandRefusedError, match=re.escape(
        "policy/2@b commands while teleop/1@a does; one source at a time, stop one of them"
    )):  # fmt: skip
        _take(guard, 0.05, source="policy/2@b")
    _take(guard, 0.3, source="policy/2@b")
    assert guard.source == "policy/2@b"


def test_commands_out_of_order_are_refused(guard):
    _take(guard, 0.04)
    with pytest.raises(CommandRefusedError, match="teleop is older than the one before it"):
        _take(guard, 0.05, stamp_s=0.02)


def test_a_command_from_before_a_reset_is_never_executed(guard):
    _take(guard, 0.0, POSE + 0.01)
    guard.reset(POSE, T0_NS + 40_000_000)
    with pytest.raises(CommandRefusedError, match="command of teleop is from before the reset"):
        _take(guard, 0.05, POSE + 0.01, stamp_s=0.03)
    assert guard.setpoint(0.06) is None
    _take(guard, 0.06, POSE)
    assert guard.state is GuardState.FOLLOWING


def test_without_a_pose_nothing_is_executed():
    guard = CommandGuard(SPEC, max_age_s=0.2, timeout_s=0.1)
    with pytest.raises(CommandRefusedError, match="joint_states: no pose yet"):
        _take(guard, 0.0)


@settings(deadline=None, max_examples=60)
@given(st.lists(
    st.tuples(
        st.floats(0, 1.5), st.floats(-0.3, 0.3), st.sampled_from(["a", "b"]),
        st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.01, 1.0, 100.0, np.nan]),
    ), max_size=40,
))  # fmt: skip
def test_whatever_comes_the_setpoints_keep_the_limits(arrivals):
    guard, now_s, before, before_s, speed = _fresh(), 0.0, None, 0.0, np.zeros(SPEC.dim)
    for gap_s, age_s, source, seed, size in arrivals:
        now_s += gap_s
        vector = POSE + size * np.random.default_rng(seed).normal(size=SPEC.dim)
        guard.watch(now_s)
        starts = guard._starts(source, now_s)
        try:
            _take(guard, now_s, vector, source, now_s - age_s)
        except (CommandRefusedError, JointValuesError):
            starts = False
        if starts:  # anew from the pose, at rest
            before, before_s, speed = POSE, now_s - TICK_S, np.zeros(SPEC.dim)
        setpoint = guard.setpoint(now_s)
        if setpoint is None:
            continue
        if now_s - before_s > 2 * TICK_S:  # meanwhile it has stopped
            speed = np.zeros(SPEC.dim)
        elapsed_s = min(now_s - before_s, 2 * TICK_S)
        if elapsed_s > 1e-6:
            step = setpoint - before
            assert np.all(np.abs(step) <= SPEC.max_velocity * elapsed_s + 1e-9)
            gain = np.abs(step / elapsed_s - speed)
            assert np.all(gain <= SPEC.max_acceleration * elapsed_s + 1e-9 / elapsed_s)
            speed = step / elapsed_s
        assert np.all((SPEC.lower <= setpoint) & (setpoint <= SPEC.upper))
        before, before_s = setpoint, now_s
        guard.see_pose(POSE, np.inf)


def _fresh():
    guard = CommandGuard(SPEC, max_age_s=0.2, timeout_s=0.1)
    guard.see_pose(POSE, np.inf)
    return guard


def test_after_a_pause_the_robot_is_taken_to_stand_and_nothing_passes_the_goal(guard):
    goal = POSE.copy()
    for tick in range(40):  # up to speed, and stopped without braking
        goal = goal + 0.02 * min(tick, 5) / 5 * (np.arange(SPEC.dim) == 0)
        _take(guard, tick * TICK_S, goal)
        guard.setpoint(tick * TICK_S)
    stood = guard.setpoint(39 * TICK_S)
    for tick in range(60, 90):
        _take(guard, tick * TICK_S, goal)
        setpoint = guard.setpoint(tick * TICK_S)
        assert setpoint[0] <= max(goal[0], stood[0]) + 1e-9
    np.testing.assert_allclose(setpoint, goal)


def test_a_start_from_a_pose_of_long_ago_is_refused(guard):
    guard.see_pose(POSE, 1.0)
    with pytest.raises(CommandRefusedError, match=re.escape(
        "joint_states: the newest pose is 6.0 s old (limit 0.5 s); where the robot is has to be "
        "known at a start"
    )):  # fmt: skip
        _take(guard, 7.0)

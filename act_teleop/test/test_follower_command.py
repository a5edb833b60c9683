# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_core.errors import JointValuesError
from act_core.robot.robot_file import load_robot
from act_teleop.follower_command import ENGAGE_GAP_NS, FollowerCommand

SPEC = load_robot("aloha_sim")
PERIOD_NS = SPEC.period_ns
TICK = SPEC.max_velocity * PERIOD_NS / 1e9  # the largest motion of one tick
# The same from rest, for two ticks at once.
PAUSED = np.minimum(2 * TICK, SPEC.max_acceleration * (2 * PERIOD_NS / 1e9) ** 2)
FAR_AWAY = SPEC.start + 1.0

leaders = st.lists(
    st.floats(allow_nan=False, allow_infinity=False), min_size=SPEC.dim, max_size=SPEC.dim
).map(np.array)


@pytest.fixture
def engaged():
    follower = FollowerCommand(SPEC)
    follower.engage(SPEC.start)
    follower.follow(SPEC.start, 0, 0)
    return follower


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(leaders, st.integers(-(10**9), 10**9)), min_size=1, max_size=8))
def test_never_faster_than_the_limits_whatever_the_leader_does(samples):
    follower, stamp_ns, robot = FollowerCommand(SPEC), 0, SPEC.start
    for leader, gap_ns in samples:
        stamp_ns += gap_ns
        if follower.needs_pose(stamp_ns):
            follower.engage(robot)
            longest_ns = PERIOD_NS
        else:
            longest_ns = min(gap_ns, 2 * PERIOD_NS)
        command = follower.follow(leader, stamp_ns, stamp_ns)
        assert np.all((SPEC.lower <= command) & (command <= SPEC.upper))
        assert np.all(np.abs(command - robot) <= longest_ns / 1e9 * SPEC.max_velocity + 1e-12)
        robot = command


def test_first_command_is_one_tick_from_the_measured_pose():
    follower = FollowerCommand(SPEC)
    assert follower.needs_pose(123)
    follower.engage(SPEC.sleep)
    command = follower.follow(SPEC.start, 123, 123)
    assert np.all(np.abs(command - SPEC.sleep) <= TICK + 1e-12)
    moved = np.flatnonzero(SPEC.start != SPEC.sleep)
    assert np.all(command[moved] != SPEC.sleep[moved])
    assert not follower.needs_pose(123 + PERIOD_NS)


def test_a_slow_leader_is_followed_exactly(engaged):
    for tick in range(1, 20):
        leader = SPEC.start + 0.5 * TICK * np.sin(tick / 5)
        command = engaged.follow(leader, tick * PERIOD_NS, tick * PERIOD_NS)
        np.testing.assert_array_equal(command, leader)


def test_a_pause_buys_two_ticks_of_motion_and_no_more(engaged):
    command = engaged.follow(FAR_AWAY, ENGAGE_GAP_NS, ENGAGE_GAP_NS)
    np.testing.assert_allclose(command[:6] - SPEC.start[:6], PAUSED[:6])


def test_stamps_that_run_too_fast_buy_no_speed(engaged):
    for index in range(1, 51):  # stamps of 25 Hz, sent at 500 Hz for 0.1 s
        command = engaged.follow(FAR_AWAY, 2 * index * PERIOD_NS, index * PERIOD_NS // 10)
    moved = np.abs(command - SPEC.start)
    assert np.all(moved <= (0.1 + 2 * PERIOD_NS / 1e9) * SPEC.max_velocity + 1e-12)
    assert engaged.ahead_ns == 50 * 2 * PERIOD_NS - 5 * PERIOD_NS


def test_samples_that_come_in_a_bunch_after_a_stall_are_caught_up_at_the_limit(engaged):
    for index in range(1, 6):
        command = engaged.follow(FAR_AWAY, index * PERIOD_NS, 5 * PERIOD_NS)
    moved = command[:6] - SPEC.start[:6]
    assert np.all((PAUSED[:6] / 2 < moved) & (moved <= 2 * TICK[:6]))


def test_a_stamp_that_comes_twice_moves_nothing(engaged):
    np.testing.assert_array_equal(engaged.follow(FAR_AWAY, 0, PERIOD_NS), SPEC.start)


@pytest.mark.parametrize(
    ("stamp_ns", "needed"),
    [(0, False), (ENGAGE_GAP_NS, False), (ENGAGE_GAP_NS + 1, True), (-1, True)],
)
def test_a_long_gap_or_a_jump_back_needs_a_new_pose(engaged, stamp_ns, needed):
    assert engaged.needs_pose(stamp_ns) is needed


def test_engaged_while_under_way_it_goes_on_without_a_jolt(engaged):
    commands = [engaged.follow(FAR_AWAY, t * PERIOD_NS, t * PERIOD_NS) for t in range(1, 4)]
    engaged.engage(SPEC.sleep)
    commands.append(engaged.follow(FAR_AWAY, 10**12, 4 * PERIOD_NS))
    *_, before, after = np.diff(commands, axis=0)[:, 0]
    assert after > before


def test_after_a_gap_it_starts_from_where_the_robot_is(engaged):
    engaged.disengage()
    engaged.engage(SPEC.sleep)
    command = engaged.follow(SPEC.start, 10 * ENGAGE_GAP_NS, 0)
    assert np.all(np.abs(command - SPEC.sleep) <= TICK + 1e-12)


def test_disengaged_it_needs_a_pose_again(engaged):
    engaged.disengage()
    assert engaged.needs_pose(PERIOD_NS)


def test_not_finite_is_refused_and_nothing_remembered(engaged):
    leader = SPEC.start.copy()
    leader[7] = np.nan
    with pytest.raises(JointValuesError, match="command for 'right_waist' is not finite"):
        engaged.follow(leader, PERIOD_NS, PERIOD_NS)
    command = engaged.follow(FAR_AWAY, 2 * PERIOD_NS, 2 * PERIOD_NS)
    np.testing.assert_allclose(command[:6] - SPEC.start[:6], PAUSED[:6])


def test_without_any_pose_nothing_is_commanded():
    with pytest.raises(JointValuesError, match="no measured pose to start from"):
        FollowerCommand(SPEC).follow(SPEC.start, 0, 0)

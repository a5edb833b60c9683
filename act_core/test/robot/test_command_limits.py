# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_core.errors import JointValuesError
from act_core.robot.command_limits import CommandLimits
from act_core.robot.robot_file import load_robot

SPEC = load_robot("aloha_sim")

unit_vectors = st.lists(st.floats(0, 1), min_size=SPEC.dim, max_size=SPEC.dim).map(np.array)
wild_vectors = st.lists(
    st.floats(allow_nan=False, allow_infinity=False), min_size=SPEC.dim, max_size=SPEC.dim
).map(np.array)


def _inside(share):
    return SPEC.lower + share * (SPEC.upper - SPEC.lower)


def _check_stream(start, wishes):
    """Apply (wish, elapsed) pairs; check range, speed and acceleration of what comes out."""
    limits, previous, speed = CommandLimits(SPEC), start, np.zeros(SPEC.dim)
    limits.start_from(start)
    for wish, elapsed_s in wishes:
        command = limits.apply(wish, elapsed_s)
        assert np.all((SPEC.lower <= command) & (command <= SPEC.upper))
        if elapsed_s < 1e-6:
            np.testing.assert_array_equal(command, previous)
            continue
        step = command - previous
        assert np.all(np.abs(step) <= elapsed_s * SPEC.max_velocity + 1e-9)
        gain = step / elapsed_s - speed
        assert np.all(np.abs(gain) <= SPEC.max_acceleration * elapsed_s + 1e-9 / elapsed_s)
        previous, speed = command, step / elapsed_s


@settings(deadline=None, max_examples=80)
@given(
    start=unit_vectors.map(_inside),
    wishes=st.lists(
        st.tuples(wild_vectors | unit_vectors.map(_inside), st.floats(0, 0.1)),
        min_size=1, max_size=30,
    ),
)  # fmt: skip
def test_commands_stay_in_range_and_below_top_speed_and_acceleration(start, wishes):
    _check_stream(start, wishes)


def test_a_hundred_thousand_fuzzed_vectors_break_no_limit():
    rng = np.random.default_rng(7)
    for _ in range(10):  # streams of 10,000: noise, jumps, shuffles, degrees, units, drifts
        base = np.cumsum(rng.normal(0, rng.choice([0.001, 0.05]), (10_000, SPEC.dim)), axis=0)
        wild = rng.random(10_000) < rng.choice([0.0, 0.01, 0.5])
        base[wild] = rng.permuted(57.3 * base[wild], axis=1)
        elapsed_s = rng.uniform(0, 0.04, 10_000)
        _check_stream(_inside(rng.random(SPEC.dim)), zip(base, elapsed_s, strict=True))


@settings(deadline=None, max_examples=80)
@given(start=unit_vectors.map(lambda share: _inside(3 * share - 1)), wish=wild_vectors)
def test_from_a_pose_out_of_range_the_way_back_is_no_faster_and_never_out(start, wish):
    limits = CommandLimits(SPEC)
    limits.start_from(start)
    command = limits.apply(wish, 0.02)
    assert np.all(np.abs(command - start) <= 0.02 * SPEC.max_velocity + 1e-12)
    out_by = np.maximum(SPEC.lower - start, start - SPEC.upper)
    still_out_by = np.maximum(SPEC.lower - command, command - SPEC.upper)
    was_out = out_by > 0
    assert np.all(still_out_by[was_out] <= out_by[was_out])
    assert np.all(still_out_by[~was_out] <= 0)
    for _ in range(300):
        command = limits.apply(wish, 0.02)
    assert np.all((SPEC.lower <= command) & (command <= SPEC.upper))


@settings(deadline=None, max_examples=40)
@given(start=unit_vectors.map(_inside), goal=unit_vectors.map(_inside))
def test_a_goal_that_stands_still_is_reached_without_overshoot_and_kept(start, goal):
    limits, command = CommandLimits(SPEC), start
    limits.start_from(start)
    for _ in range(300):
        before, command = command, limits.apply(goal, 0.02)
        assert np.all((command - goal) * (before - goal) >= 0)
    np.testing.assert_array_equal(command, goal)
    np.testing.assert_array_equal(limits.apply(goal, 0.02), goal)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_stream_within_the_limits_passes_to_the_bit(seed):
    rng = np.random.default_rng(seed)
    centre, reach = _inside(np.full(SPEC.dim, 0.5)), (SPEC.upper - SPEC.lower) / 4
    # amplitude·ω² and amplitude·ω, of three sines together, below the limits.
    omega = rng.uniform(0.1, 3.0, (3, SPEC.dim))
    amplitude = np.minimum(reach / 3, 0.3 * np.minimum(
        SPEC.max_acceleration / omega**2, SPEC.max_velocity / omega
    ).min(axis=0)) * rng.random((3, SPEC.dim))  # fmt: skip
    limits = CommandLimits(SPEC)
    limits.start_from(centre)
    for tick in range(1, 200):
        rest = min(1.0, (tick / 50) ** 2 * (3 - 2 * tick / 50)) if tick < 50 else 1.0
        wish = centre + rest * (amplitude * np.sin(omega * tick / 50)).sum(axis=0)
        np.testing.assert_array_equal(limits.apply(wish, 0.02), wish)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_not_finite_is_refused_as_a_whole_and_changes_nothing(bad):
    limits = CommandLimits(SPEC)
    limits.start_from(SPEC.start)
    command = SPEC.sleep.copy()
    command[2] = bad
    with pytest.raises(JointValuesError) as caught:
        limits.apply(command, 0.02)
    assert str(caught.value) == (
        "command for 'left_elbow' is not finite; the whole vector is refused"
    )
    np.testing.assert_array_equal(limits.apply(SPEC.start, 0.02), SPEC.start)


def test_a_start_pose_is_needed_and_has_to_be_finite():
    limits = CommandLimits(SPEC)
    with pytest.raises(JointValuesError, match="no measured pose to start from"):
        limits.apply(SPEC.start, 0.02)
    pose = SPEC.start.copy()
    pose[13] = np.nan
    with pytest.raises(JointValuesError, match="pose for 'right_gripper' is not finite"):
        limits.start_from(pose)


def test_neither_pose_nor_result_is_shared_with_the_caller():
    limits, pose = CommandLimits(SPEC), SPEC.start.copy()
    limits.start_from(pose)
    pose[:] = 0.0
    limits.apply(SPEC.start, 0.0)[:] = 0.0
    np.testing.assert_array_equal(limits.apply(SPEC.start, 0.0), SPEC.start)

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


@settings(deadline=None, max_examples=80)
@given(
    start=unit_vectors.map(_inside),
    wishes=st.lists(st.tuples(wild_vectors, st.floats(0, 0.1)), min_size=1, max_size=6),
)
def test_commands_stay_in_range_and_below_the_top_speed(start, wishes):
    limits, previous = CommandLimits(SPEC), start
    limits.start_from(start)
    for wish, elapsed_s in wishes:
        command = limits.apply(wish, elapsed_s)
        assert np.all((SPEC.lower <= command) & (command <= SPEC.upper))
        assert np.all(np.abs(command - previous) <= elapsed_s * SPEC.max_velocity + 1e-12)
        previous = command


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
    limits.apply(wish, 10.0)
    inside = limits.apply(wish, 10.0)
    assert np.all((SPEC.lower <= inside) & (inside <= SPEC.upper))


@settings(deadline=None, max_examples=40)
@given(start=unit_vectors.map(_inside), goal=unit_vectors.map(_inside))
def test_an_admissible_goal_is_reached_and_kept(start, goal):
    limits = CommandLimits(SPEC)
    limits.start_from(start)
    limits.apply(goal, 10.0)
    np.testing.assert_array_equal(limits.apply(goal, 0.0), goal)


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

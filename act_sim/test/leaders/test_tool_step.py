# SPDX-License-Identifier: Apache-2.0
import mink
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_sim.leaders.tool_step import Steering, ToolLimits, next_tip

LIMITS = ToolLimits(speed_m_s=0.15, turn_rad_s=1.0, grip_per_s=2.0, min_height_m=0.005)
BASE = np.array([-0.469, 0.5])
TICK_S = 0.02


def vectors(low, high):
    return st.lists(st.floats(low, high), min_size=3, max_size=3).map(np.array)


def at(position, rotation=(0.0, 0.0, 0.0)):
    return mink.SE3.from_rotation_and_translation(
        mink.SO3.exp(np.array(rotation)), np.array(position)
    )


def turned_rad(before, after):
    return np.linalg.norm((after.rotation() @ before.rotation().inverse()).log())


@settings(deadline=None)
@given(vectors(-0.8, 0.8), vectors(-3, 3), vectors(-9, 9), vectors(-9, 9), st.floats(0, 0.04))
def test_the_tool_is_never_faster_than_its_limits(position, rotation, shift, turn, elapsed_s):
    tip = at(position, rotation)
    after = next_tip(tip, BASE, Steering(shift, turn), LIMITS, elapsed_s)
    moved_m = np.linalg.norm(after.translation() - tip.translation())
    assert moved_m <= LIMITS.speed_m_s * elapsed_s + 1e-9
    assert turned_rad(tip, after) <= LIMITS.turn_rad_s * elapsed_s + 1e-6
    assert after.translation()[2] >= min(tip.translation()[2], LIMITS.min_height_m)


def test_the_gripper_turns_with_its_bearing_from_the_base():
    tip = at([0.0, 0.5, 0.2])
    for _ in range(50):
        tip = next_tip(tip, BASE, Steering(shift=np.array([0.0, 1.0, 0.0])), LIMITS, TICK_S)
    x, y, _ = tip.translation()
    assert (x, y) == (pytest.approx(0.0), pytest.approx(0.5 + 0.15))
    forward = tip.rotation().as_matrix()[:, 0]
    assert np.arctan2(forward[1], forward[0]) == pytest.approx(np.arctan2(0.15, 0.469))
    assert forward[2] == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("turn", "axis", "expected"),
    [
        ([1, 0, 0], 0, [0, 0, -1]),  # pitch: the nose goes down
        ([0, 1, 0], 1, [0, 0, 1]),  # roll: the left side comes up
        ([0, 0, 1], 0, [0, 1, 0]),  # yaw: to the left
    ],
)
def test_turns_go_the_way_they_are_called(turn, axis, expected):
    tip = at([0.0, 0.5, 0.2])
    after = next_tip(tip, BASE, Steering(turn=np.array(turn, float)), LIMITS, TICK_S)
    change = after.rotation().as_matrix()[:, axis] - tip.rotation().as_matrix()[:, axis]
    np.testing.assert_allclose(change / np.linalg.norm(change), expected, atol=0.02)
    assert turned_rad(tip, after) == pytest.approx(LIMITS.turn_rad_s * TICK_S)
    np.testing.assert_allclose(after.translation(), tip.translation())

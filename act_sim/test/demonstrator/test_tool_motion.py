# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_sim.demonstrator.tool_motion import ToolMotion, Waypoint

BASE = np.array([-0.4, 0.5])


def _waypoints(rows):
    """Put waypoints half a second apart; a row is x y z pitch roll gripper aligned."""
    return [
        Waypoint(0.5 * i, np.array(row[:3]), row[3], row[4], row[5], row[6])
        for i, row in enumerate(rows)
    ]


def _numbers(low, high):
    # In steps of a micrometre: differences of 1e-300 make PCHIP warn of an overflow.
    return st.integers(round(low * 1e6), round(high * 1e6)).map(lambda n: n / 1e6)


paths = st.lists(
    st.tuples(
        *[_numbers(-0.3, 0.3)] * 3, *[_numbers(-1.5, 1.5)] * 2, *[_numbers(0, 1)] * 2
    ),
    min_size=2,
    max_size=5,
).map(_waypoints)  # fmt: skip


def _values(motion, time_s):
    pose, gripper = motion.at(time_s)
    return np.array([*pose.position, pose.pitch_rad, pose.roll_rad, gripper])


@settings(deadline=None, max_examples=50)
@given(paths)
def test_every_waypoint_is_passed_and_nothing_overshoots(path):
    motion = ToolMotion(path, BASE, 0.0)
    assert motion.duration_s == path[-1].time_s
    rows = [np.array([*w.position, w.pitch_rad, w.roll_rad, w.gripper]) for w in path]
    for waypoint, row in zip(path, rows, strict=True):
        np.testing.assert_allclose(_values(motion, waypoint.time_s), row, atol=1e-9)
    for index, (before, after) in enumerate(zip(rows, rows[1:], strict=False)):
        low, high = np.minimum(before, after) - 1e-9, np.maximum(before, after) + 1e-9
        for part in (0.2, 0.5, 0.8):
            values = _values(motion, 0.5 * (index + part))
            assert np.all((low <= values) & (values <= high))


@settings(deadline=None, max_examples=50)
@given(paths)
def test_it_is_at_rest_at_both_ends_and_stays_at_the_last_waypoint(path):
    motion, step_s = ToolMotion(path, BASE, 0.0), 1e-4
    first, last = _values(motion, 0.0), _values(motion, motion.duration_s)
    assert np.abs(_values(motion, step_s) - first).max() < 50 * step_s**2
    assert np.abs(_values(motion, motion.duration_s - step_s) - last).max() < 50 * step_s**2
    np.testing.assert_allclose(_values(motion, motion.duration_s + 100.0), last, atol=1e-9)


@pytest.mark.parametrize("yaw_rad", [0.0, np.pi])
@pytest.mark.parametrize(("x", "y"), [(0.1, 0.6), (0.1, 0.4), (-0.2, 0.5)])
def test_heading_is_away_from_the_base_unless_aligned(yaw_rad, x, y):
    base = np.array([0.4, 0.5]) if yaw_rad else BASE
    rows = [(x, y, 0.1, 0, 0, 0, aligned) for aligned in (0.0, 1.0)]
    motion = ToolMotion(_waypoints(rows), base, yaw_rad)
    free, aligned = motion.at(0.0)[0].yaw_rad, motion.at(0.5)[0].yaw_rad
    assert aligned == pytest.approx(yaw_rad)
    away = np.array([x, y]) - base
    np.testing.assert_allclose(
        [np.cos(free), np.sin(free)], away / np.linalg.norm(away), atol=1e-9
    )
    assert abs(free - yaw_rad) < np.pi / 2

# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from act_core.robot.motion_watch import SLACK_RAD, MotionWatch
from act_core.robot.robot_file import load_robot

SPEC = load_robot("aloha_sim")
MS = 10**6


@pytest.mark.parametrize("glitch", [0.0, -np.pi])
def test_one_poisoned_sample_is_named_and_the_next_good_one_passes(glitch):
    watch = MotionWatch(SPEC)
    assert watch.see(SPEC.start, 10 * MS) == ""
    assert watch.see(np.full(SPEC.dim, glitch), 20 * MS).startswith("'left_")
    assert watch.see(SPEC.start + 0.02, 30 * MS) == ""


def test_the_text_says_joint_distance_time_and_limit():
    watch, moved = MotionWatch(SPEC), SPEC.start.copy()
    watch.see(SPEC.start, 0)
    moved[1] += 0.5
    assert watch.see(moved, 10 * MS) == (
        "'left_shoulder' moved 0.50 rad in 10 ms (limit 0.23 rad, by its max_velocity_rad_s); is "
        "it a glitch of its bus?"
    )


def test_what_lasts_is_believed_in_the_end():
    watch = MotionWatch(SPEC)
    watch.see(SPEC.start, 0)
    moved = SPEC.start + 1.0
    believed = [t for t in range(10, 1000, 10) if not watch.see(moved, t * MS)]
    assert believed[0] == 260


@given(st.lists(st.tuples(st.integers(1, 100), st.floats(-1, 1)), max_size=50))
def test_what_keeps_the_speed_is_never_refused(steps):
    watch, pose, stamp_ns = MotionWatch(SPEC), SPEC.start.copy(), 0
    for step_ms, part in steps:
        stamp_ns += step_ms * MS
        pose = pose + part * (SPEC.max_velocity * step_ms / 1000 + 0.9 * SLACK_RAD)
        assert watch.see(pose, stamp_ns) == ""

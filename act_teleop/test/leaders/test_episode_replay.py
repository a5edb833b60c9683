# SPDX-License-Identifier: Apache-2.0
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from act_core.robot.robot_file import load_robot
from act_teleop.leaders.episode_replay import EpisodeReplay, ReplayState

SPEC = load_robot("aloha_sim")
TIMES_S = np.array([0.0, 0.02, 0.10, 0.12])  # with a gap, as where ticks were skipped
ACTIONS = SPEC.start + TIMES_S[:, None]  # each joint turns at 1 rad/s


def replay_of(speed=1.0):
    return EpisodeReplay(ACTIONS, TIMES_S, SPEC, speed, tolerance_rad=0.1)


def test_it_rests_at_the_first_pose_until_the_robot_is_there():
    replay, measured = replay_of(), SPEC.start.copy()
    measured[8] += 0.3
    for _ in range(3):
        assert np.array_equal(replay.step(measured, 0.02), ACTIONS[0])
    assert replay.state is ReplayState.WAITING
    assert replay.reason == (
        "waiting for the robot: 'right_shoulder' is 0.30 rad from the first pose "
        "(tolerance_rad 0.1)"
    )
    replay.step(SPEC.start, 0.02)
    assert (replay.state, replay.reason) == (ReplayState.PLAYING, "")


def test_a_gripper_that_holds_something_does_not_keep_it_waiting():
    replay = replay_of()
    replay.step(np.where(SPEC.is_gripper, 1.0, SPEC.start), 0.02)
    assert replay.state is ReplayState.PLAYING


@given(st.floats(0.05, 4.0), st.lists(st.floats(0.001, 0.04), min_size=1, max_size=200))
def test_motion_has_the_recorded_speed_times_the_factor_across_gaps(speed, steps_s):
    replay, before = replay_of(speed), ACTIONS[0]
    for step_s in steps_s:
        after = replay.step(SPEC.start, step_s)
        if replay.state is ReplayState.PLAYING:
            np.testing.assert_allclose(after - before, speed * step_s, atol=1e-9)
        else:
            assert np.array_equal(after, ACTIONS[-1])
        before = after
    assert (replay.state is ReplayState.ENDED) == (speed * sum(steps_s) >= TIMES_S[-1] - 1e-12)


def test_it_begins_anew_after_a_pause():
    replay = replay_of()
    replay.step(SPEC.start, 0.1)
    assert np.array_equal(replay.start(), ACTIONS[0])
    assert replay.state is ReplayState.WAITING

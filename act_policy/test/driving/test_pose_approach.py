# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_core.robot.robot_file import load_robot
from act_policy.driving.pose_approach import PoseApproach

SPEC = load_robot("aloha_sim")
PERIOD_S = 1 / SPEC.rate_hz
ARMS = ~SPEC.is_gripper


def _pose(shares):
    return SPEC.lower + np.array(shares) * (SPEC.upper - SPEC.lower)


poses = st.lists(st.floats(0.0, 1.0), min_size=SPEC.dim, max_size=SPEC.dim).map(_pose)


@settings(deadline=None, max_examples=50)
@given(poses, poses, st.floats(0.1, 3.0), st.lists(st.floats(0.0, 0.3), max_size=20))
def test_it_reaches_its_goal_within_the_limits_whatever_the_ticks(start, goal, speed, delays):
    approach, now_s = PoseApproach(SPEC, start, goal, speed, 0.0), 0.0
    commands = [start]
    for tick in range(20_000):
        elapsed_s = PERIOD_S + (delays[tick] if tick < len(delays) else 0.0)
        now_s += elapsed_s
        commands.append(approach.command(now_s))
        most = SPEC.max_velocity * min(elapsed_s, 2 * PERIOD_S) + 1e-9
        assert (np.abs(commands[-1] - commands[-2]) <= most).all()
        if approach.reached:
            break
    np.testing.assert_allclose(commands[-1], goal, atol=1e-9)


def test_it_takes_its_time():
    goal = np.where(ARMS, np.clip(SPEC.start + 0.5, SPEC.lower, SPEC.upper), SPEC.start)
    approach = PoseApproach(SPEC, SPEC.start, goal, 0.5, 0.0)
    ticks = 0
    speeds = []
    command = SPEC.start
    while not approach.reached:
        ticks += 1
        before, command = command, approach.command(ticks * PERIOD_S)
        speeds.append(np.abs(command - before)[ARMS].max() / PERIOD_S)
    assert ticks * PERIOD_S == pytest.approx(1.5, abs=0.1)
    assert max(speeds) == pytest.approx(0.5, abs=0.02)

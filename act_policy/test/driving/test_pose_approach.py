# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_core.robot.command_limits import CommandLimits
from act_core.robot.robot_file import load_robot
from act_policy.driving.pose_approach import PoseApproach

SPEC = load_robot("aloha_sim")
PERIOD_S = 1 / SPEC.rate_hz
ARMS = ~SPEC.is_gripper


def _at_rest(pose):
    limits = CommandLimits(SPEC)
    limits.start_from(pose)
    return limits


def _pose(shares):
    return SPEC.lower + np.array(shares) * (SPEC.upper - SPEC.lower)


poses = st.lists(st.floats(0.0, 1.0), min_size=SPEC.dim, max_size=SPEC.dim).map(_pose)


@settings(deadline=None, max_examples=50)
@given(poses, poses, st.floats(0.1, 3.0), st.lists(st.floats(0.0, 0.3), max_size=20))
def test_it_reaches_its_goal_within_the_limits_whatever_the_ticks(start, goal, speed, delays):
    approach, now_s = PoseApproach(SPEC, _at_rest(start), start, goal, speed, 0.0), 0.0
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
    approach = PoseApproach(SPEC, _at_rest(SPEC.start), SPEC.start, goal, 0.5, 0.0)
    ticks = 0
    speeds = []
    command = SPEC.start
    while not approach.reached:
        ticks += 1
        before, command = command, approach.command(ticks * PERIOD_S)
        speeds.append(np.abs(command - before)[ARMS].max() / PERIOD_S)
    assert ticks * PERIOD_S == pytest.approx(1.5, abs=0.1)
    assert max(speeds) == pytest.approx(0.5, abs=0.02)


def test_what_still_moves_is_braked_and_not_cut_off():
    limits, commands = _at_rest(SPEC.start), [SPEC.start]
    for _ in range(10):  # a policy on its way
        commands.append(limits.apply(SPEC.start + 1.0 * ARMS, PERIOD_S))
    moving = len(commands)
    approach = PoseApproach(SPEC, limits, commands[-1], SPEC.start, 0.5, 0.0)
    while not approach.reached:
        commands.append(approach.command((len(commands) - moving + 1) * PERIOD_S))
    speeds = np.diff(commands, axis=0) / PERIOD_S
    assert np.abs(speeds[moving - 2]).max() > 0.5  # when the approach began
    accelerations = np.abs(np.diff(speeds, axis=0)) / PERIOD_S
    assert (accelerations <= SPEC.max_acceleration * (1 + 1e-6)).all()

# SPDX-License-Identifier: Apache-2.0
"""The scripted demonstrator, played in the simulated cell without ROS."""

import numpy as np
import pytest

from act_core.robot.command_limits import CommandLimits
from act_core.robot.robot_file import load_robot
from act_sim.cell.hold_judge import HoldJudge
from act_sim.cell.world import World
from act_sim.demonstrator.demonstrator import Demonstrator
from act_sim.errors import PlanError, SimError
from act_sim.tasks.task import SUCCESS_REWARD, upright

pytestmark = pytest.mark.sim

SPEC = load_robot("aloha_sim")
HOLD_TICKS = 75
LIFTED_TICK = 160
RIGHT_WAIST = np.array([column == "right_waist" for column in SPEC.columns])
PEG_AND_SOCKET = np.concatenate([upright(np.array([0.1, 0.6, 0.05])),
                                 upright(np.array([-0.2, 0.4, 0.05]))])  # fmt: skip


@pytest.mark.parametrize(
    ("task", "start"),
    [
        ("transfer_cube", 0),
        ("transfer_cube", upright(np.array([0.0, 0.4, 0.05]))),
        ("transfer_cube", upright(np.array([0.2, 0.6, 0.05]))),
        ("insertion", PEG_AND_SOCKET),
    ],
    ids=["seed 0", "near corner", "far corner", "insertion, corners"],
)
def test_it_succeeds_and_holds_within_the_episode(task, start):
    world = World(SPEC, task)
    if isinstance(start, int):
        world.reset(start)
    else:
        world.reset_to(start)
    demonstration = Demonstrator(SPEC, task).begin(world.object_poses())
    plan = demonstration.plan

    assert np.all((SPEC.lower <= plan) & (plan <= SPEC.upper + 1e-9))
    speed = np.abs(np.diff(plan, axis=0)).max(axis=0) * SPEC.rate_hz
    # At the far corners one wrist wants 1.2 % more for a tick; what is sent is limited (below).
    assert np.all(speed <= 1.02 * SPEC.max_velocity), dict(
        zip(SPEC.columns, speed.round(2).tolist(), strict=True)
    )

    assert played(world, demonstration)


def played(world, demonstration, bias=0.0):
    """Play it as the teleoperation does, from the measured pose, at limited speed; tell if held.

    Once the objects are lifted, the robot goes by `bias` beside what it is told.
    """
    limits, hold = CommandLimits(SPEC), HoldJudge(HOLD_TICKS)
    limits.start_from(world.joint_sample(0).positions)
    for tick in range(world.task.max_ticks):
        leader = demonstration.command(tick, world.object_poses())
        aside = bias if tick > LIFTED_TICK else 0.0
        world.step(limits.apply(leader, 1 / SPEC.rate_hz) + aside)
        if hold.see(world.reward() == SUCCESS_REWARD):
            return True
    return False


@pytest.mark.parametrize("bias_rad", [0.04, -0.04])
def test_a_peg_that_comes_aside_is_led_into_the_socket_and_without_guide_it_is_not(bias_rad):
    world = World(SPEC, "insertion")
    demonstrator = Demonstrator(SPEC, "insertion")
    outcomes = []
    for guided in (True, False):
        world.reset(1000)
        demonstration = demonstrator.begin(world.object_poses())
        if not guided:
            demonstration._guided.clear()
        outcomes.append(played(world, demonstration, bias_rad * RIGHT_WAIST))
    assert outcomes == [True, False]


@pytest.mark.parametrize("seed", range(1000, 1003))
def test_a_disturbed_insertion_is_held(seed):
    world = World(SPEC, "insertion")
    world.reset(seed, disturbance=1.0)
    assert played(world, Demonstrator(SPEC, "insertion").begin(world.object_poses()))


@pytest.mark.parametrize("left_at", [40, 120, 200, 240])
@pytest.mark.parametrize("task", ["transfer_cube", "insertion"])
def test_it_goes_on_from_wherever_the_robot_was_left(task, left_at):
    world, demonstrator = World(SPEC, task), Demonstrator(SPEC, task)
    world.reset(3)
    first = demonstrator.begin(world.object_poses())
    for tick in range(left_at):
        world.step(first.command(tick, world.object_poses()))
    measured = world.joint_sample(0).positions
    demonstration = demonstrator.begin(world.object_poses(), measured)
    arms = ~SPEC.is_gripper
    np.testing.assert_allclose(demonstration.plan[0][arms], measured[arms], atol=1e-9)
    assert played(world, demonstration)


def test_a_motion_waits_while_its_tool_is_not_where_the_guide_wants_it():
    world, demonstrator = World(SPEC, "insertion"), Demonstrator(SPEC, "insertion")
    world.reset(0)
    demonstration = demonstrator.begin(world.object_poses())
    astray = {"peg": np.array([0.06, 0.5, 0.17, 1.0, 0, 0, 0]),
              "socket": np.array([-0.06, 0.5, 0.15, 1.0, 0, 0, 0])}  # fmt: skip
    for tick in range(len(demonstration.plan)):
        before = demonstration.command(tick, astray)
    assert not demonstration.over
    np.testing.assert_allclose(demonstration.command(tick + 50, astray)[:7], before[:7])
    in_line = astray | {"peg": np.array([0.06, 0.5, 0.15, 1.0, 0, 0, 0])}
    for later in range(tick + 51, tick + 151):
        demonstration.command(later, in_line)
    assert demonstration.over


def test_same_scene_gives_the_same_plan():
    objects = {"cube": upright(np.array([0.1, 0.5, 0.05]))}
    demonstrator = Demonstrator(SPEC, "transfer_cube")
    np.testing.assert_array_equal(
        demonstrator.begin(objects).plan, demonstrator.begin(objects).plan
    )


def test_cube_out_of_reach_is_refused():
    objects = {"cube": upright(np.array([-0.6, 0.5, 0.05]))}
    with pytest.raises(PlanError, match=r"arm 'right' cannot reach \[-0\."):
        Demonstrator(SPEC, "transfer_cube").begin(objects)


def test_unknown_task_is_answered_with_the_known_ones():
    with pytest.raises(SimError, match="no task 'transfer'; did you mean 'transfer_cube'?"):
        Demonstrator(SPEC, "transfer")

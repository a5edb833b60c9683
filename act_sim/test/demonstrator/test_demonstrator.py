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
    plan = Demonstrator(SPEC, task).plan(world.object_poses())

    assert np.all((SPEC.lower <= plan) & (plan <= SPEC.upper + 1e-9))
    speed = np.abs(np.diff(plan, axis=0)).max(axis=0) * SPEC.rate_hz
    # At the far corners one wrist wants 1.2 % more for a tick; what is sent is limited (below).
    assert np.all(speed <= 1.02 * SPEC.max_velocity), dict(
        zip(SPEC.columns, speed.round(2).tolist(), strict=True)
    )

    # As the teleoperation does: from the measured pose, at limited speed.
    limits, hold, held = CommandLimits(SPEC), HoldJudge(HOLD_TICKS), False
    limits.start_from(world.joint_sample(0).positions)
    for tick in range(world.task.max_ticks):
        world.step(limits.apply(plan[min(tick, len(plan) - 1)], 1 / SPEC.rate_hz))
        held |= hold.see(world.reward() == SUCCESS_REWARD)
    assert held


def test_same_scene_gives_the_same_plan():
    objects = {"cube": upright(np.array([0.1, 0.5, 0.05]))}
    demonstrator = Demonstrator(SPEC, "transfer_cube")
    np.testing.assert_array_equal(demonstrator.plan(objects), demonstrator.plan(objects))


def test_cube_out_of_reach_is_refused():
    objects = {"cube": upright(np.array([-0.6, 0.5, 0.05]))}
    with pytest.raises(PlanError, match=r"arm 'right' cannot reach \[-0\."):
        Demonstrator(SPEC, "transfer_cube").plan(objects)


def test_unknown_task_is_answered_with_the_known_ones():
    with pytest.raises(SimError, match="no task 'transfer'; did you mean 'transfer_cube'?"):
        Demonstrator(SPEC, "transfer")

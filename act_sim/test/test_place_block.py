# SPDX-License-Identifier: Apache-2.0
"""The example of a robot and a task of one's own, with an MJCF of its own."""

import numpy as np
import pytest

from act_core.robot.command_limits import CommandLimits
from act_core.robot.robot_file import load_robot
from act_sim.cell.cell_model import load_model_of, map_joints
from act_sim.cell.hold_judge import HoldJudge
from act_sim.cell.kinematics import CellKinematics
from act_sim.cell.session import SimSession
from act_sim.cell.world import World
from act_sim.demonstrator.demonstrator import Demonstrator
from act_sim.errors import SimError
from act_sim.tasks import TASKS, Contacts
from act_sim.tasks.task import SUCCESS_REWARD, TABLE, upright

pytestmark = pytest.mark.sim

SPEC = load_robot("desk_arm")
TASK = TASKS["place_block"]
CORNERS = [(x, y) for x in (-0.08, 0.12) for y in (-0.15, 0.08)]


def played(world, demonstration):
    limits, hold = CommandLimits(SPEC), HoldJudge(75)
    limits.start_from(world.joint_sample(0).positions)
    for tick in range(world.task.max_ticks):
        leader = demonstration.command(tick, world.object_poses())
        world.step(limits.apply(leader, 1 / SPEC.rate_hz))
        if hold.see(world.reward() == SUCCESS_REWARD):
            return True
    return False


@pytest.mark.parametrize(("x", "y"), CORNERS)
def test_the_block_is_placed_from_every_corner(x, y):
    world = World(SPEC, "place_block")
    world.reset_to(upright(np.array([x, y, 0.02])))
    assert played(world, Demonstrator(SPEC, "place_block").begin(world.object_poses()))


@pytest.mark.parametrize("left_at", [50, 140, 200])
def test_it_goes_on_from_wherever_the_arm_was_left(left_at):
    world, demonstrator = World(SPEC, "place_block"), Demonstrator(SPEC, "place_block")
    world.reset(1, disturbance=1.0)
    first = demonstrator.begin(world.object_poses())
    for tick in range(left_at):
        world.step(first.command(tick, world.object_poses()))
    measured = world.joint_sample(0).positions
    assert played(world, demonstrator.begin(world.object_poses(), measured))


@pytest.mark.parametrize(
    ("pairs", "reward"),
    [
        ([("block", TABLE)], 0),
        ([("block", TABLE), ("block", "left_pad")], 1),
        ([("block", "right_pad")], 2),
        ([("block", "pad"), ("block", "right_pad")], 3),
        ([("block", "pad"), ("block", TABLE)], 0),
        ([("block", "pad")], 4),
    ],
)
def test_stages(pairs, reward):
    assert TASK.reward(Contacts(frozenset(map(frozenset, pairs)))) == reward


def test_the_robot_file_is_that_of_the_model():
    world = World(SPEC, "place_block")
    world.reset(0)
    lower, upper = np.array([world.model.joint(n).range for n in SPEC.state.names]).T
    arm = ~SPEC.is_gripper
    np.testing.assert_allclose(lower[arm], SPEC.lower[arm])
    np.testing.assert_allclose(upper[arm], SPEC.upper[arm])
    # The other finger has no actuator: the model couples it to the first.
    assert map_joints(world.model, SPEC).mirror_names == ()
    opened = SPEC.start.copy()
    opened[SPEC.is_gripper] = 1.0
    for _ in range(100):
        world.step(opened)
    fingers = [world.data.joint(n).qpos[0] for n in ("left_finger", "other_finger")]
    np.testing.assert_allclose(fingers, 0.04, atol=1e-3)


def test_each_robot_finds_its_own_cell_and_a_robot_without_one_is_told():
    assert load_model_of(SPEC)[0] is TASK
    assert load_model_of(load_robot("aloha_sim"))[0].name == "insertion"
    with pytest.raises(SimError, match="no simulated cell has robot 'trossen_ai'; robot 'tros"):
        load_model_of(load_robot("trossen_ai"))


def test_a_gamepad_can_lead_it():
    task, model = load_model_of(SPEC)
    kinematics = CellKinematics(model, SPEC, task.tip_site)
    kinematics.stand(SPEC.start)
    tip = kinematics.tip("arm")
    moved = type(tip).from_rotation_and_translation(
        tip.rotation(), tip.translation() + np.array([0.0, 0.01, -0.01])
    )
    reached = kinematics.follow("arm", moved)
    kinematics.stand(reached)
    np.testing.assert_allclose(kinematics.tip_position("arm"), moved.translation(), atol=1e-3)


def test_its_cameras_see_block_and_pad():
    session = SimSession(SPEC, "place_block", start_ns=0)
    images = session.reset("place_block", 5).images
    assert set(images) == {"top", "front"}
    for image in images.values():
        assert image.shape == (60, 80, 3)
        red, green, _ = image.astype(int).transpose(2, 0, 1)
        assert ((red - green) > 60).sum() >= 4
        assert ((green - red) > 40).sum() >= 8
    session.close()

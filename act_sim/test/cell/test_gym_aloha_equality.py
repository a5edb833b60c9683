# SPDX-License-Identifier: Apache-2.0
"""Our world against gym-aloha's own environment: same poses and commands, same outcome."""

import numpy as np
import pytest

from act_core.robot.robot_file import load_robot
from act_sim.cell.world import World

pytestmark = pytest.mark.sim

SPEC = load_robot("aloha_sim")


def _environment(task_name):
    """Build gym-aloha's dm_control environment without images, which would need its renderer."""
    from dm_control import mujoco
    from dm_control.rl import control
    from gym_aloha.constants import ASSETS_DIR, DT
    from gym_aloha.tasks import sim

    kind = {"transfer_cube": sim.TransferCubeTask, "insertion": sim.InsertionTask}[task_name]

    class WithoutImages(kind):
        def get_observation(self, physics):
            return {}

    physics = mujoco.Physics.from_xml_path(str(ASSETS_DIR / f"bimanual_viperx_{task_name}.xml"))
    return control.Environment(physics, WithoutImages(), control_timestep=DT), sim.BOX_POSE


def _poses_in_the_grippers(world):
    """Hold each object between the fingertips, so that closing them gives rewards at once."""
    world.reset(0)
    sides = {"cube": "right", "peg": "right", "socket": "left"}
    upright = [1.0, 0.0, 0.0, 0.0]
    return np.concatenate(
        [
            [*world.data.site(f"cali_{sides[name]}_site1").xpos, *upright]
            for name in world.task.object_joints
        ]
    )


def _poses_of_a_seed(world):
    world.reset(3)
    return np.concatenate(list(world.object_poses().values()))


@pytest.mark.parametrize(
    ("task_name", "place", "ticks"),
    [
        ("transfer_cube", _poses_in_the_grippers, 60),
        # Two dozen contacts at once amplify the last bits; longer, nothing could be compared.
        ("insertion", _poses_in_the_grippers, 10),
        ("insertion", _poses_of_a_seed, 60),
    ],
)
def test_states_and_rewards_are_equal(task_name, place, ticks):
    world = World(SPEC, task_name)
    environment, box_pose = _environment(task_name)
    poses = place(world)
    box_pose[0] = poses
    environment.reset()
    world.reset_to(poses)
    qpos = environment.physics.data.qpos
    np.testing.assert_allclose(world.data.qpos, qpos, atol=1e-9)
    rewards = []
    for tick in range(ticks):
        command = SPEC.start + 0.2 * np.sin(tick / 15)
        command[[6, 13]] = 0.1 if tick < 10 else min(1.0, (tick - 10) / 20)
        rewards.append(environment.step(command).reward)
        world.step(command)
        assert world.reward() == rewards[-1], f"tick {tick}"
        np.testing.assert_allclose(world.data.qpos, qpos, atol=1e-6, err_msg=f"tick {tick}")
    assert world.stage == max(rewards)
    if place is _poses_in_the_grippers:
        assert len(set(rewards)) > 1, "the rewards compared should have changed"

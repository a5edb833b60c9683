# SPDX-License-Identifier: Apache-2.0
import mujoco
import numpy as np
import pytest

from act_core.robot.robot_file import load_robot
from act_sim.cell.kinematics import CellKinematics, ToolPose
from act_sim.cell.world import World
from act_sim.errors import PlanError

pytestmark = pytest.mark.sim

SPEC = load_robot("aloha_sim")


@pytest.fixture(scope="module")
def world():
    return World(SPEC, "transfer_cube")


def _poses(kinematics, offset):
    return {
        arm: ToolPose(kinematics.tip_position(arm) + offset, 0.3, 0.2, yaw_rad)
        for arm, yaw_rad in (("left", 0.0), ("right", np.pi))
    }


def test_solution_brings_the_fingertips_to_the_pose(world):
    kinematics = CellKinematics(world.model, SPEC)
    poses = _poses(kinematics, np.array([0.0, 0.03, -0.05]))
    columns = kinematics.solve(poses)
    assert np.all((SPEC.lower <= columns) & (columns <= SPEC.upper))
    assert columns[[6, 13]].tolist() == [0.0, 0.0]
    data = mujoco.MjData(world.model)
    data.qpos[world.joints.qpos] = SPEC.state.to_raw(columns)
    mujoco.mj_forward(world.model, data)
    for arm, pose in poses.items():
        site = data.site(f"cali_{arm}_site1")
        np.testing.assert_allclose(site.xpos, pose.position, atol=1e-3)
        # The site's x axis is the gripper's: heading by yaw, pointing down by pitch.
        forward = np.cos(0.3) * np.cos(pose.yaw_rad)
        np.testing.assert_allclose(
            site.xmat.reshape(3, 3)[:, 0], [forward, 0.0, -np.sin(0.3)], atol=0.03
        )


def test_it_starts_from_the_start_pose(world):
    world.reset(0)
    kinematics = CellKinematics(world.model, SPEC)
    for arm in ("left", "right"):
        expected = world.data.site(f"cali_{arm}_site1").xpos
        np.testing.assert_allclose(kinematics.tip_position(arm), expected, atol=1e-6)
    assert kinematics.base_position("left")[0] < -0.4 < 0.4 < kinematics.base_position("right")[0]


def test_pose_out_of_reach_is_named_with_what_is_left(world):
    kinematics = CellKinematics(world.model, SPEC)
    poses = _poses(kinematics, np.zeros(3))
    poses["right"] = ToolPose(np.array([-0.9, 0.5, 0.2]), 0.0, 0.0, np.pi)
    with pytest.raises(
        PlanError,
        match=r"arm 'right' cannot reach \[-0\.9, 0\.5, 0\.2\]: "
        r"[0-9.]+ mm and [0-9.]+ rad are left",
    ):
        kinematics.solve(poses)

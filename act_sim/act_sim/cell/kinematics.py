# SPDX-License-Identifier: Apache-2.0
"""Inverse kinematics of the cell's arms: tool poses to joint positions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import mink
import mujoco
import numpy as np
from numpy.typing import NDArray

from act_core.robot.robot_spec import RobotSpec
from act_sim.cell.cell_model import map_joints
from act_sim.errors import PlanError
from act_sim.tasks.task import ALOHA_TIP_SITE

POSITION_TOLERANCE_M = 1e-3
ROTATION_TOLERANCE_RAD = 0.02
MAX_ITERATIONS = 60
# From one tick to the next a tool moves a few millimetres, for which three do.
TICK_ITERATIONS = 8
# A joint this near to the end of its range is at it.
AT_END_RAD = 0.01


@dataclass(frozen=True)
class ToolPose:
    """Where the fingertips of one arm are and how the gripper is turned.

    Attributes:
        position: (3,) m, world: the point between the fingertips.
        pitch_rad: angle of the gripper below the horizontal.
        roll_rad: turn about its own axis; 0: the fingers open sideways.
        yaw_rad: heading of the gripper; 0 = +x, π = −x.
    """

    position: NDArray[np.float64]
    pitch_rad: float
    roll_rad: float
    yaw_rad: float

    def transform(self) -> mink.SE3:
        """Return the pose of the fingertip site."""
        turn = (
            mink.SO3.from_z_radians(self.yaw_rad)
            @ mink.SO3.from_y_radians(self.pitch_rad)
            @ mink.SO3.from_x_radians(self.roll_rad)
        )
        return mink.SE3.from_rotation_and_translation(turn, self.position)


class CellKinematics:
    """Follows tool poses of all arms from tick to tick, joint limits respected.

    Each solution starts from the one before, so a path of small steps stays on one branch.

    The first one starts from the robot's start pose.

    Args:
        model: of the cell.
        spec: of the robot.
        tip_site: as in Task.

    Attributes:
        columns: arm name → (J,) columns of its joints in the robot's vector.
    """

    def __init__(
        self, model: mujoco.MjModel, spec: RobotSpec, tip_site: str = ALOHA_TIP_SITE
    ) -> None:
        self._spec, self._tip_site = spec, tip_site
        self._columns = map_joints(model, spec).qpos
        owners = np.array([arm.name for arm in spec.arms for _ in arm.names])
        self.columns = {
            arm.name: np.flatnonzero((owners == arm.name) & ~spec.is_gripper) for arm in spec.arms
        }
        self._configuration = mink.Configuration(model)
        self._home = np.zeros(model.nq)
        mujoco.mj_resetData(model, self._configuration.data)
        self._home[:] = self._configuration.data.qpos
        self._home[self._columns] = spec.command.to_raw(spec.start)
        self._configuration.update(self._home)
        self._ranges = np.array([model.joint(name).range for name in spec.state.names]).T
        self._posture = mink.PostureTask(model, cost=1e-3)
        self._posture.set_target(self._home)
        self._limits = [mink.ConfigurationLimit(model)]
        self._tips = {
            arm.name: mink.FrameTask(
                tip_site.format(arm=arm.name), "site", position_cost=1.0, orientation_cost=0.2,
                lm_damping=1e-3,
            )
            for arm in spec.arms
        }  # fmt: skip

    def tip(self, arm: str) -> mink.SE3:
        """Return the present pose of the arm's fingertips, world."""
        return self._configuration.get_transform_frame_to_world(
            self._tip_site.format(arm=arm), "site"
        )

    def tip_position(self, arm: str) -> NDArray[np.float64]:
        """Return the present (3,) position of the arm's fingertips, m."""
        return np.asarray(self.tip(arm).translation())

    def pitch_and_roll(self, arm: str) -> tuple[float, float]:
        """Return how the arm's gripper is turned now, as in ToolPose, rad."""
        _, _, down = self.tip(arm).rotation().as_matrix()
        return float(np.arcsin(np.clip(-down[0], -1.0, 1.0))), float(np.arctan2(down[1], down[2]))

    def base_position(self, arm: str) -> NDArray[np.float64]:
        """Return (2,) x and y of the arm's waist axis, m."""
        waist = next(a for a in self._spec.arms if a.name == arm).joints[0].name
        prefix = next(a for a in self._spec.arms if a.name == arm).state_prefix
        joint = self._configuration.model.joint(prefix + waist)
        return np.asarray(self._configuration.data.xanchor[joint.id][:2]).copy()

    def solve(self, poses: Mapping[str, ToolPose]) -> NDArray[np.float64]:
        """Return (D,) joint positions that reach `poses`, one per arm; gripper columns unset (0).

        Raises:
            PlanError: a pose is out of reach; names the arm, the pose and the distance left.
        """
        for arm, pose in poses.items():
            self._tips[arm].set_target(pose.transform())
        self._approach([*self._tips.values()], MAX_ITERATIONS)
        for arm, pose in poses.items():
            self._check(arm, pose.position)
        return self._present()

    def stand(self, columns: NDArray[np.float64]) -> None:
        """Take the pose `columns` (D,); a joint outside the model's range stands at its end."""
        q = self._home.copy()
        for joints in self.columns.values():
            q[self._columns[joints]] = np.clip(columns[joints], *self._ranges[:, joints])
        self._configuration.update(q)

    def follow(self, arm: str, tip: mink.SE3) -> NDArray[np.float64]:
        """Return (D,) joint positions with the arm's fingertips at `tip`, near the present pose.

        The other arms stay as they are; gripper columns are unset (0).

        Raises:
            PlanError: out of reach; names the arm, the place, what is left and, if there is one,
                the joint that stands at its end.
        """
        # Near a stretched wrist many solutions are equal: the nearest is wanted.
        self._posture.set_target(self._configuration.q)
        self._tips[arm].set_target(tip)
        try:
            self._approach([self._tips[arm]], TICK_ITERATIONS)
        except mink.NoSolutionFound as error:
            raise PlanError(f"arm '{arm}': {error}") from error
        self._check(arm, tip.translation())
        return self._present()

    def _approach(self, tips: Sequence[mink.FrameTask], iterations: int) -> None:
        for _ in range(iterations):
            velocity = mink.solve_ik(
                self._configuration, [*tips, self._posture], 1.0, "daqp", limits=self._limits
            )
            self._configuration.integrate_inplace(velocity, 1.0)
            if np.abs(velocity).max() < 1e-5:
                break

    def _present(self) -> NDArray[np.float64]:
        columns = self._spec.state.to_columns(
            self._spec.state.names, self._configuration.q[self._columns]
        )
        columns[self._spec.is_gripper] = 0.0
        return columns

    def _check(self, arm: str, position: NDArray[np.float64]) -> None:
        error = self._tips[arm].compute_error(self._configuration)
        distance, angle = np.linalg.norm(error[:3]), np.linalg.norm(error[3:])
        if distance > POSITION_TOLERANCE_M or angle > ROTATION_TOLERANCE_RAD:
            raise PlanError(
                f"arm '{arm}' cannot reach {np.round(position, 3).tolist()}: "
                f"{1000 * distance:.1f} mm and {angle:.3f} rad are left{self._at_end(arm)}"
            )

    def _at_end(self, arm: str) -> str:
        """Say which joint of the arm stands at the end of its range, if one does."""
        joints = self.columns[arm]
        angles, (low, high) = self._configuration.q[self._columns[joints]], self._ranges[:, joints]
        ends = joints[np.minimum(angles - low, high - angles) < AT_END_RAD]
        return f"; '{self._spec.columns[ends[0]]}' is at the end of its range" if ends.size else ""

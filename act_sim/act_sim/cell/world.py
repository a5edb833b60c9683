# SPDX-License-Identifier: Apache-2.0
"""The simulated cell: reset, step by control ticks, look at joints, objects and contacts."""

from collections.abc import Mapping

import mujoco
import numpy as np
from numpy.typing import NDArray

from act_core.observation import JointSample
from act_core.robot.robot_spec import RobotSpec
from act_sim.cell.cell_model import load_model, map_joints
from act_sim.cell.disturbance import Disturbance
from act_sim.errors import SimError
from act_sim.tasks import Contacts, Task, task_named


class World:
    """A task's MuJoCo model with the robot of a RobotSpec in it. No ROS, no images.

    Call `reset` before anything else.

    Raises:
        SimError: unknown task, or robot and model do not fit.
    """

    def __init__(self, spec: RobotSpec, task: str) -> None:
        self.spec = spec
        self.task: Task = task_named(task)
        self.model = load_model(self.task)
        # A diverged simulation must be seen, not silently set back to its start.
        self.model.opt.disableflags |= mujoco.mjtDisableBit.mjDSBL_AUTORESET
        self.data = mujoco.MjData(self.model)
        self.joints = map_joints(self.model, spec)
        period_s = 1 / spec.rate_hz
        self._substeps = round(period_s / self.model.opt.timestep)
        if not np.isclose(self._substeps * self.model.opt.timestep, period_s):
            raise SimError(
                f"rate_hz {spec.rate_hz:g} is not a whole number of physics steps of "
                f"{self.model.opt.timestep:g} s"
            )
        self._geoms = [self.model.geom(i).name for i in range(self.model.ngeom)]
        self._disturbance = self._no_disturbance()
        self.stage = 0

    def reset(self, seed: int, disturbance: float = 0.0) -> None:
        """Put robot and objects to the start of the episode that `seed` stands for."""
        rng = np.random.default_rng(seed)
        self.reset_to(self.task.sample(rng))
        self._disturbance = Disturbance(
            disturbance, self._arm_columns(), 1 / self.spec.rate_hz, rng
        )

    def reset_to(self, object_poses: NDArray[np.float64]) -> None:
        """Put the robot to its start pose and the objects to `object_poses` (7 · objects,)."""
        data, joints = self.data, self.joints
        mujoco.mj_resetData(self.model, data)
        raw = self.spec.command.to_raw(self.spec.start)
        data.qpos[joints.qpos] = raw
        data.qpos[joints.mirror_qpos] = -raw[joints.mirror_columns]
        self._set_ctrl(raw)
        for joint, pose in zip(
            self.task.object_joints.values(), object_poses.reshape(-1, 7), strict=True
        ):
            data.joint(joint).qpos[:] = pose
        # As dm_control does on reset, so that both step through identical states.
        flags = self.model.opt.disableflags
        self.model.opt.disableflags = flags | mujoco.mjtDisableBit.mjDSBL_ACTUATION
        mujoco.mj_forward(self.model, data)
        self.model.opt.disableflags = flags
        self._disturbance = self._no_disturbance()
        self.stage = 0

    def step(self, command: NDArray[np.float64]) -> None:
        """Advance one control tick under `command` (D,), robot vector.

        Raises:
            SimError: the command is not finite, or the simulation diverged.
        """
        if not np.isfinite(command).all():
            bad = self.spec.columns[int(np.flatnonzero(~np.isfinite(command))[0])]
            raise SimError(f"command for '{bad}' is not finite; nothing was stepped")
        offset = self._disturbance.next() * self.task.steadiness(self.object_poses())
        self._set_ctrl(self.spec.command.to_raw(command + offset))
        # Position-dependent quantities stay current after the call (dm_control's order).
        mujoco.mj_step2(self.model, self.data)
        mujoco.mj_step(self.model, self.data, self._substeps - 1)
        mujoco.mj_step1(self.model, self.data)
        if not (np.isfinite(self.data.qpos).all() and np.isfinite(self.data.qvel).all()):
            raise SimError(f"the simulation diverged at {self.data.time:.3f} s; reset it")
        self.stage = max(self.stage, self.reward())

    def joint_sample(self, stamp_ns: int) -> JointSample:
        """Return positions, velocities and actuator forces of the robot, vector order."""
        channel, data, joints = self.spec.state, self.data, self.joints
        return JointSample(
            stamp_ns,
            channel.to_columns(channel.names, data.qpos[joints.qpos]),
            channel.rates_to_columns(channel.names, data.qvel[joints.qvel]),
            data.qfrc_actuator[joints.qvel].copy(),
        )

    def object_poses(self) -> Mapping[str, NDArray[np.float64]]:
        """Return object name → (7,) pose: x y z (m), w x y z."""
        return {
            name: self.data.joint(joint).qpos.copy()
            for name, joint in self.task.object_joints.items()
        }

    def contacts(self) -> Contacts:
        """Return which named geoms touch now."""
        pairs = self.data.contact.geom
        return Contacts(frozenset(frozenset((self._geoms[a], self._geoms[b])) for a, b in pairs))

    def reward(self) -> int:
        """Return the published staged reward of this moment, 0 … 4."""
        return self.task.reward(self.contacts())

    def _set_ctrl(self, raw: NDArray[np.float64]) -> None:
        self.data.ctrl[self.joints.ctrl] = raw
        self.data.ctrl[self.joints.mirror_ctrl] = -raw[self.joints.mirror_columns]

    def _arm_columns(self) -> NDArray[np.bool_]:
        return ~self.spec.is_gripper

    def _no_disturbance(self) -> Disturbance:
        return Disturbance(
            0.0, self._arm_columns(), 1 / self.spec.rate_hz, np.random.default_rng(0)
        )

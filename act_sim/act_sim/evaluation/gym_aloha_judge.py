# SPDX-License-Identifier: Apache-2.0
"""The same policy in gym-aloha's own environment: an independent judge of the simulator.

Physics, stepping and rewards are gym-aloha's and dm_control's; only the images are drawn by this
suite, since a policy has to see what it was trained on (size, no shadows).
"""

from typing import Any

import numpy as np
from dm_control import mujoco as dm_mujoco
from dm_control.rl import control
from gym_aloha.constants import ASSETS_DIR, DT
from gym_aloha.tasks import sim as gym_tasks
from numpy.typing import NDArray

from act_core.policy_protocol import Policy
from act_core.robot.robot_spec import RobotSpec
from act_sim.cell.renderer import CellRenderer


class _WithoutImages(gym_tasks.TransferCubeTask):  # type: ignore[misc]  # it is untyped
    """gym-aloha's task, without the three 480x640 images that it draws every step."""

    def get_observation(self, physics: Any) -> dict[str, Any]:
        return {"qpos": self.get_qpos(physics)}


class GymAlohaTransferCube:
    """gym-aloha's transfer cube with cube poses given from outside."""

    def __init__(self, spec: RobotSpec) -> None:
        self._spec = spec
        path = str(ASSETS_DIR / "bimanual_viperx_transfer_cube.xml")
        self._physics = dm_mujoco.Physics.from_xml_path(path)
        self._environment = control.Environment(
            self._physics, _WithoutImages(), control_timestep=DT, flat_observation=False
        )
        self._renderer = CellRenderer(self._physics.model.ptr, spec.cameras)

    def roll_out(
        self, policy: Policy, cube_pose: NDArray[np.float64], max_ticks: int = 400
    ) -> list[int]:
        """Drive one episode from `cube_pose` (7,); return gym-aloha's reward of each tick."""
        gym_tasks.BOX_POSE[0] = cube_pose
        positions = self._environment.reset().observation["qpos"]
        policy.start(0, positions)
        rewards: list[int] = []
        for tick in range(max_ticks):
            stamp_ns = tick * self._spec.period_ns
            step = self._environment.step(policy.command(stamp_ns, positions, self._look))
            positions = step.observation["qpos"]
            rewards.append(int(step.reward))
        return rewards

    def _look(self) -> dict[str, NDArray[np.uint8]]:
        return self._renderer.render(self._physics.data.ptr)

    def close(self) -> None:
        """Free the OpenGL contexts."""
        self._renderer.close()

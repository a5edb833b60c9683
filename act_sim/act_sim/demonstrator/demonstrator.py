# SPDX-License-Identifier: Apache-2.0
"""The scripted demonstrator: a plan for a scene, then one leader vector a tick. No ROS."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from act_core.robot.robot_spec import RobotSpec
from act_sim.cell.cell_model import load_model
from act_sim.cell.kinematics import CellKinematics
from act_sim.demonstrator.tool_motion import ToolMotion
from act_sim.tasks import task_named

# The arms stand at opposite ends of the table and face each other.
YAW_RAD = {"left": 0.0, "right": np.pi}


class Demonstrator:
    """Plans the whole motion when an episode begins and then plays it back by tick.

    The labels are absolute joint targets, so they stay right when the robot is pushed off the
    plan: the same target is also the way back.

    An unknown task raises SimError.
    """

    def __init__(self, spec: RobotSpec, task: str) -> None:
        self._spec = spec
        self._task = task_named(task)
        self._model = load_model(self._task)

    def plan(self, objects: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the leader vectors of an episode: (T, D) float64, rad, grippers 0 … 1.

        Args:
            objects: object name → (7,) pose at the start: x y z (m), w x y z.

        Raises:
            PlanError: a waypoint is out of reach.
        """
        kinematics = CellKinematics(self._model, self._spec)
        tips = {arm.name: kinematics.tip_position(arm.name) for arm in self._spec.arms}
        waypoints = self._task.waypoints(objects, tips)
        motions = {
            arm: ToolMotion(points, kinematics.base_position(arm), YAW_RAD[arm])
            for arm, points in waypoints.items()
        }
        end_s = max(m.duration_s for m in motions.values())
        ticks = round(end_s * self._spec.rate_hz) + 1
        grippers = np.flatnonzero(self._spec.is_gripper)
        vectors = np.empty((ticks, self._spec.dim))
        for tick in range(ticks):
            tools = {a: motions[a].at(tick / self._spec.rate_hz) for a in motions}
            vectors[tick] = kinematics.solve({a: pose for a, (pose, _) in tools.items()})
            vectors[tick, grippers] = [tools[arm.name][1] for arm in self._spec.arms]
        return vectors

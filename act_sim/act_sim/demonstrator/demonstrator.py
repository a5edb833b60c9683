# SPDX-License-Identifier: Apache-2.0
"""The scripted demonstrator: a plan for a scene, from its start or from wherever it stands."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from act_core.robot.robot_spec import RobotSpec
from act_sim.cell.cell_model import load_model
from act_sim.cell.kinematics import CellKinematics
from act_sim.demonstrator.demonstration import Demonstration
from act_sim.demonstrator.tool_motion import ToolMotion
from act_sim.tasks import task_named
from act_sim.tasks.task import Scene

# In which what the robot's pose differs from the plan's first one is made up.
BLEND_S = 0.8


class Demonstrator:
    """Plans the whole motion, which then is played back by tick and led by what is seen.

    The labels are absolute joint targets, so they stay right when the robot is pushed off the
    plan: the same target is also the way back.

    An unknown task raises SimError.
    """

    def __init__(self, spec: RobotSpec, task: str) -> None:
        self._spec = spec
        self._task = task_named(task)
        self._model = load_model(self._task)

    def begin(
        self,
        objects: Mapping[str, NDArray[np.float64]],
        positions: NDArray[np.float64] | None = None,
    ) -> Demonstration:
        """Plan.

        Args:
            objects: object name → (7,) present pose: x y z (m), w x y z.
            positions: (D,) where the robot is; None for its start pose.

        Raises:
            PlanError: a waypoint is out of reach.
        """
        spec, pose = self._spec, self._spec.start if positions is None else positions
        kinematics = CellKinematics(self._model, spec, self._task.tip_site)
        if positions is not None:
            kinematics.stand(pose)
        waypoints = self._task.waypoints(self._scene(kinematics, objects, pose))
        headings = self._task.headings_rad
        motions = {
            arm: ToolMotion(points, kinematics.base_position(arm), headings[arm])
            for arm, points in waypoints.items()
        }
        plan = self._solved(kinematics, motions)
        late = np.arange(len(plan)) / (BLEND_S * spec.rate_hz)
        fading = np.where(late < 1, 0.5 + 0.5 * np.cos(np.pi * np.minimum(late, 1)), 0.0)
        if positions is not None:
            plan += fading[:, None] * np.where(spec.is_gripper, 0.0, pose - plan[0])
        guided = {
            arm: first.time_s
            for arm, points in waypoints.items()
            if (first := next((w for w in points if w.guided), None))
        }
        return Demonstration(spec, self._task, plan, kinematics, guided)

    def _scene(
        self,
        kinematics: CellKinematics,
        objects: Mapping[str, NDArray[np.float64]],
        pose: NDArray[np.float64],
    ) -> Scene:
        arms = [arm.name for arm in self._spec.arms]
        openings = dict(zip(arms, pose[self._spec.is_gripper].tolist(), strict=True))
        tips = {arm: kinematics.tip_position(arm) for arm in arms}
        turns = {arm: kinematics.pitch_and_roll(arm) for arm in arms}
        return Scene(objects, tips, turns, openings)

    def _solved(
        self, kinematics: CellKinematics, motions: Mapping[str, ToolMotion]
    ) -> NDArray[np.float64]:
        """Return the (T, D) joint targets of the motions, grippers included."""
        end_s = max(m.duration_s for m in motions.values())
        ticks = round(end_s * self._spec.rate_hz) + 1
        grippers = np.flatnonzero(self._spec.is_gripper)
        vectors = np.empty((ticks, self._spec.dim))
        for tick in range(ticks):
            tools = {a: motions[a].at(tick / self._spec.rate_hz) for a in motions}
            vectors[tick] = kinematics.solve({a: pose for a, (pose, _) in tools.items()})
            vectors[tick, grippers] = [tools[arm.name][1] for arm in self._spec.arms]
        return vectors

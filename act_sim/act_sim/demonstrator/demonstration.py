# SPDX-License-Identifier: Apache-2.0
"""One demonstration under way: a plan, played by tick and led where precision counts. No ROS."""

from collections.abc import Mapping

import mink
import numpy as np
from numpy.typing import NDArray

from act_core.robot.robot_spec import RobotSpec
from act_sim.cell.kinematics import CellKinematics
from act_sim.errors import PlanError
from act_sim.tasks.task import Poses, Task

# How fast a tool follows its guide, and how far at most.
FOLLOW_PER_S = 4.0
FURTHEST_M = 0.04


class Demonstration:
    """Gives one leader vector a tick.

    Args:
        spec: the robot.
        task: whose guide leads.
        plan: (T, D) joint targets, one a tick.
        kinematics: of the robot in its cell.
        guided: arm → time from which its tool is led, s.
    """

    def __init__(
        self,
        spec: RobotSpec,
        task: Task,
        plan: NDArray[np.float64],
        kinematics: CellKinematics,
        guided: Mapping[str, float],
    ) -> None:
        self.plan = plan
        self._spec, self._task, self._kinematics = spec, task, kinematics
        self._guided = {arm: round(s * spec.rate_hz) for arm, s in guided.items()}
        self._shifts = {arm: np.zeros(3) for arm in guided}
        self._tick, self._played = -1, -1

    def command(self, tick: int, objects: Poses) -> NDArray[np.float64]:
        """Return the (D,) leader vector for `tick` of the episode, rad, grippers 0 … 1.

        Args:
            tick: since the demonstration began; some may be left out.
            objects: object name → (7,) pose at that tick.
        """
        elapsed, self._tick = tick - self._tick, tick
        due = [arm for arm, first in self._guided.items() if self._played + 1 >= first]
        may_go_on = [self._lead(arm, objects, elapsed) for arm in due]
        if all(may_go_on):
            self._played = min(self._played + elapsed, len(self.plan) - 1)
        vector = self.plan[max(0, self._played)].copy()
        for arm in due:
            columns = self._kinematics.columns[arm]
            vector[columns] = self._shifted(arm, vector)[columns]
        return vector

    @property
    def over(self) -> bool:
        """Whether the plan was played to its end."""
        return self._played == len(self.plan) - 1

    def _lead(self, arm: str, objects: Poses, elapsed: int) -> bool:
        """Take in what the guide says; return whether the motion may go on."""
        assert self._task.guide is not None, "a guided waypoint needs a guide"
        guidance = self._task.guide(objects)
        gain = min(1.0, FOLLOW_PER_S * elapsed / self._spec.rate_hz)
        shift = self._shifts[arm] + gain * guidance.shift
        far_m = float(np.linalg.norm(shift))
        self._shifts[arm] = shift * min(1.0, FURTHEST_M / far_m) if far_m else shift
        return guidance.go_on

    def _shifted(self, arm: str, vector: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the (D,) vector with the arm's tool shifted, as far as it can reach."""
        self._kinematics.stand(vector)
        tip = self._kinematics.tip(arm)
        there = mink.SE3.from_rotation_and_translation(
            tip.rotation(), tip.translation() + self._shifts[arm]
        )
        try:
            return self._kinematics.follow(arm, there)
        except PlanError:  # the plan without it is right too, where nothing disturbed it
            return vector

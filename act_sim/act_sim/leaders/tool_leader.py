# SPDX-License-Identifier: Apache-2.0
"""Leader arms whose fingertips are steered: joints by inverse kinematics. No ROS."""

import numpy as np
from numpy.typing import NDArray

from act_core.robot.robot_spec import RobotSpec
from act_sim.cell.kinematics import CellKinematics
from act_sim.errors import PlanError
from act_sim.leaders.tool_step import Steering, ToolLimits, next_tip

Vector = NDArray[np.float64]
# Where the whole step is not possible, half of it and a quarter are tried.
SHARES = (1.0, 0.5, 0.25)


class ToolLeader:
    """Moves one arm at a time; what cannot be reached, or not at the joints' speed, stops it.

    Call `start_from` before `move`.

    Attributes:
        reason: why an arm stopped, in words; empty while none did.
    """

    def __init__(self, kinematics: CellKinematics, spec: RobotSpec, limits: ToolLimits) -> None:
        self.reason = ""
        self._kinematics, self._spec, self._limits = kinematics, spec, limits
        self._grippers = {
            arm.name: int(column)
            for arm, column in zip(spec.arms, np.flatnonzero(spec.is_gripper), strict=True)
        }
        self._vector = spec.start.copy()

    def start_from(self, measured: Vector) -> Vector:
        """Stand where the robot is; return that pose (D,)."""
        self.reason = ""
        self._vector = measured.copy()
        self._kinematics.stand(measured)
        self._tips = {arm.name: self._kinematics.tip(arm.name) for arm in self._spec.arms}
        return measured.copy()

    def move(self, arm: str, steering: Steering, elapsed_s: float) -> Vector:
        """Return the (D,) vector `elapsed_s` after the last, rad, grippers 0 … 1."""
        self.reason = ""
        if steering.grip:
            self._grip(self._grippers[arm], steering.grip, elapsed_s)
        if steering.shift.any() or steering.turn.any():
            self._steer(arm, steering, elapsed_s)
        return self._vector.copy()

    def _grip(self, column: int, direction: float, elapsed_s: float) -> None:
        speed = min(self._limits.grip_per_s, self._spec.max_velocity[column])
        step, present = speed * elapsed_s, self._vector[column]
        goal = np.clip(present + step * np.clip(direction, -1, 1), 0.0, 1.0)
        self._vector[column] = np.clip(goal, present - step, present + step)

    def _steer(self, arm: str, steering: Steering, elapsed_s: float) -> None:
        joints = self._kinematics.columns[arm]
        present, step = self._vector[joints], self._spec.max_velocity[joints] * elapsed_s
        inside = np.clip(present, self._spec.lower[joints], self._spec.upper[joints])
        if (inside != present).any():  # sag, a calibration: first back into the ranges
            self._vector[joints] = np.clip(inside, present - step, present + step)
            return
        base = self._kinematics.base_position(arm)
        faults = []
        for share in SHARES:
            goal = next_tip(self._tips[arm], base, steering, self._limits, share * elapsed_s)
            self._kinematics.stand(self._vector)
            try:
                solved = self._kinematics.follow(arm, goal)[joints]
                self._check(arm, solved, elapsed_s)
            except PlanError as error:
                faults.append(str(error))
                continue
            self._tips[arm], self._vector[joints] = goal, solved
            break
        else:
            self.reason = faults[0]
        lowest_m = self._limits.min_height_m
        if steering.shift[2] < 0 and self._tips[arm].translation()[2] <= lowest_m:
            self.reason = f"arm '{arm}' is at its lowest, {lowest_m:g} m (min_height_m)"

    def _check(self, arm: str, solved: Vector, elapsed_s: float) -> None:
        """Raise PlanError if the arm's joints (J,) may not be `solved` a tick later."""
        joints, spec = self._kinematics.columns[arm], self._spec
        names = [spec.columns[i] for i in joints]
        outside = np.flatnonzero((solved < spec.lower[joints]) | (solved > spec.upper[joints]))
        if outside.size:
            raise PlanError(
                f"arm '{arm}' cannot go on: '{names[outside[0]]}' is at the end of its range"
            )
        speeds = np.abs(solved - self._vector[joints]) / elapsed_s
        worst = int(np.argmax(speeds / spec.max_velocity[joints]))
        limit = spec.max_velocity[joints][worst]
        if speeds[worst] > limit:
            raise PlanError(
                f"arm '{arm}' cannot go on this way: '{names[worst]}' would have to turn at "
                f"{speeds[worst]:.1f} rad/s (limit {limit:g}); go around"
            )

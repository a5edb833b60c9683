# SPDX-License-Identifier: Apache-2.0
"""A pilot with a gamepad: sticks alone, from what a person would see of cube and gripper."""

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from sensor_msgs.msg import JointState, Joy
from spun_node import SpunNode

from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.messages.joints import read_vector
from act_interfaces.msg import TaskState
from act_sim.cell.cell_model import load_model
from act_sim.cell.kinematics import CellKinematics
from act_sim.leaders.gamepad_params import GamepadParams
from act_sim.tasks import task_named

PAD = GamepadParams()
SPEC = load_robot("aloha_sim")
GRIPPER = SPEC.columns.index("right_gripper")
JOY_PERIOD_S = 0.05  # joy_node's own
LET_GO_TICKS = 40
PITCH_RAD = 1.0
ABOVE = np.array([0.0, 0.0, 0.09])
PAST_CENTRE_M = 0.012  # along the fingers, so that their tips enclose the cube
# What is left of a way → how far a stick is pushed for it.
PER_M, PER_RAD = 15.0, 2.0
NEAR_M, NEAR_RAD, BENT_RAD = 0.005, 0.05, 0.3


class GamepadPilot(SpunNode):
    """Picks the cube up with the right arm: reach, open, go down, close, lift.

    Attributes:
        stage: what it does.
        reward: newest of the task.
    """

    def __init__(self, domain: int):
        super().__init__("gamepad_pilot", domain)
        self.stage, self.reward = "choose", 0
        self._arm, self._ticks = "", 0
        self._cube: np.ndarray | None = None
        self._gripper = self._gripper_before = 1.0
        self._lifted = np.zeros(3)
        self._kinematics = CellKinematics(load_model(task_named("transfer_cube")), SPEC)
        self._out = self.create_publisher(Joy, "joy", qos.JOY)
        self.create_subscription(JointState, "joint_states", self._on_state, qos.JOINT_STATES)
        self.create_subscription(TaskState, "task_state", self._on_task, qos.TASK_STATE)
        self.create_subscription(
            DiagnosticArray, "/diagnostics", self._on_diagnostics, qos.DIAGNOSTICS
        )
        self.create_timer(JOY_PERIOD_S, self._on_tick)
        self.start()

    def _on_state(self, message: JointState) -> None:
        measured = read_vector(message, SPEC.state)
        self._gripper = measured[GRIPPER]
        self._kinematics.stand(measured)

    def _on_task(self, message: TaskState) -> None:
        self.reward = message.reward
        place = message.object_poses[0].position
        self._cube = np.array([place.x, place.y, place.z])

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        values = [status.values for status in message.status if status.name == "/gamepad"]
        self._arm = values[0][0].value if values else self._arm

    def _on_tick(self) -> None:
        axes, buttons = [0.0] * 8, [0] * 11
        self._ticks += 1
        # A hand lets go now and then, as it has to after a silence.
        if self._cube is not None and self._ticks % LET_GO_TICKS:
            getattr(self, f"_{self.stage}")(axes, buttons)
        self._out.publish(Joy(axes=axes, buttons=buttons))

    def _choose(self, axes: list[float], buttons: list[int]) -> None:
        if self._arm == "right":
            self.stage = "reach"
        elif self._arm:
            buttons[PAD.button_arm] = 1
            self._arm = ""  # until the next word of it

    def _reach(self, axes: list[float], buttons: list[int]) -> None:
        buttons[PAD.button_open] = 1
        if self._steer(axes, buttons, self._grasp + ABOVE) and self._gripper > 0.9:
            self.stage = "descend"

    def _descend(self, axes: list[float], buttons: list[int]) -> None:
        if self._steer(axes, buttons, self._grasp):
            self.stage = "close"

    def _close(self, axes: list[float], buttons: list[int]) -> None:
        buttons[PAD.button_deadman] = buttons[PAD.button_close] = 1
        still = abs(self._gripper - self._gripper_before) < 1e-3
        if still and self._gripper < 0.8:
            self._lifted = self._kinematics.tip_position("right") + ABOVE
            self.stage = "lift"
        self._gripper_before = self._gripper

    def _lift(self, axes: list[float], buttons: list[int]) -> None:
        buttons[PAD.button_close] = 1
        if self._steer(axes, buttons, self._lifted):
            self.stage = "hold"

    def _hold(self, axes: list[float], buttons: list[int]) -> None:
        """Let go of everything."""

    @property
    def _grasp(self) -> np.ndarray:
        forward = self._kinematics.tip("right").rotation().as_matrix()[:, 0]
        return self._cube + PAST_CENTRE_M * forward

    def _steer(self, axes: list[float], buttons: list[int], goal: np.ndarray) -> bool:
        """Push the sticks towards `goal`, fingers down and along x; tell whether it is there."""
        tip = self._kinematics.tip("right")
        x, y, z = tip.rotation().as_matrix()[:, 0]
        away_m = goal - tip.translation()
        pitch_rad, yaw_rad = PITCH_RAD + np.arcsin(z), np.arctan2(y, -x)
        # A stretched wrist turns only the way the waist does: first the fingers down.
        turn_rad = yaw_rad if abs(pitch_rad) < BENT_RAD else 0.0
        buttons[PAD.button_deadman] = 1
        axes[PAD.axis_x], axes[PAD.axis_y], axes[PAD.axis_z] = map(
            _stick, PER_M * away_m * [-1, 1, 1]
        )
        axes[PAD.axis_pitch], axes[PAD.axis_yaw] = map(
            _stick, PER_RAD * np.array([-pitch_rad, turn_rad])
        )
        near_m = float(np.linalg.norm(away_m))
        return near_m < NEAR_M and max(abs(pitch_rad), abs(yaw_rad)) < NEAR_RAD


def _stick(value: float) -> float:
    """Return the way of a stick for `value`, past the dead zone."""
    return float(np.clip(np.copysign(PAD.deadzone + abs(value), value), -1.0, 1.0))

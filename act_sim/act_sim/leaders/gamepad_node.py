# SPDX-License-Identifier: Apache-2.0
"""The gamepad as leader arms: joy in, leader/joint_states out."""

import sys
import time

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from sensor_msgs.msg import Joy

from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.diagnostics import OK, WARN, Diagnostics, Health
from act_core.ros.endpoints import subscription
from act_core.ros.leader_output import LeaderOutput
from act_core.ros.params import declare
from act_core.ros.process.run import run_node
from act_sim.cell.cell_model import load_model_of
from act_sim.cell.kinematics import CellKinematics
from act_sim.leaders.gamepad import Gamepad, JoyError
from act_sim.leaders.gamepad_params import GamepadParams
from act_sim.leaders.tool_leader import ToolLeader
from act_sim.leaders.tool_step import Steering

Vector = NDArray[np.float64]


class GamepadNode(Node):
    """Steers the fingertips of one arm at a time, from where the robot is; at rest it stays."""

    def __init__(self) -> None:
        super().__init__("gamepad")
        params = declare(self, GamepadParams)
        spec = load_robot(params.robot_file)
        self._gamepad = Gamepad(params, [arm.name for arm in spec.arms])
        # The arms are the same in every task's model.
        task, model = load_model_of(spec)
        kinematics = CellKinematics(model, spec, task.tip_site)
        self._leader = ToolLeader(kinematics, spec, params.tool)
        self._fault = ""
        self._output = LeaderOutput(self, spec, self._start, self._step)
        subscription(self, Joy, "joy", self._on_joy, qos.NEWEST_ONLY)
        self._diagnostics = Diagnostics(self, self._check)

    def _on_joy(self, message: Joy) -> None:
        before, self._fault = self._gamepad.arm, ""
        try:
            self._gamepad.see(message.axes, message.buttons, time.monotonic())
        except JoyError as error:
            self._fault = str(error)
        if self._gamepad.arm != before:
            self.get_logger().info(f"steering the {self._gamepad.arm} arm")

    def _start(self, measured: Vector) -> Vector:
        self._gamepad.demand_release()
        self.get_logger().info("starting from where the robot is")
        return self._leader.start_from(measured)

    def _step(self, measured: Vector, elapsed_s: float) -> Vector:
        del measured
        idle = self._gamepad.idle(time.monotonic())
        steering = Steering() if idle else self._gamepad.steering()
        vector = self._leader.move(self._gamepad.arm, steering, elapsed_s)
        if wrong := self._wrong():
            self.get_logger().warning(wrong, throttle_duration_sec=2.0)
        return vector

    def _wrong(self) -> str:
        """Say what keeps sticks from counting, or the arm from following them."""
        return self._fault or self._gamepad.refusal(time.monotonic()) or self._leader.reason

    def _check(self) -> Health:
        silence = self._output.silence
        if silence:
            self.get_logger().warning(silence, throttle_duration_sec=5.0)
        wrong = silence or self._wrong()
        ready = self._gamepad.idle(time.monotonic()) or f"steering the {self._gamepad.arm} arm"
        return Health(WARN if wrong else OK, wrong or ready, {"arm": self._gamepad.arm})


def main() -> None:
    """Run the node."""
    sys.exit(run_node(GamepadNode, GamepadParams))


if __name__ == "__main__":
    main()

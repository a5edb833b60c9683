# SPDX-License-Identifier: Apache-2.0
"""The keyboard as a gamepad: keys of its terminal in, joy out."""

import sys
import time

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from sensor_msgs.msg import Joy

from act_core.errors import ActError
from act_core.ros import qos
from act_core.ros.diagnostics import OK, Diagnostics, Health
from act_core.ros.endpoints import publisher
from act_core.ros.params import declare
from act_core.ros.process.run import run_node
from act_core.terminal import Terminal
from act_sim.leaders.keyboard import KEY_MAP, Keyboard
from act_sim.leaders.keyboard_params import KeyboardParams

PERIOD_S = 0.02


class KeyboardNode(Node):
    """Publishes `joy` all the time, so that its end is told from keys that rest."""

    def __init__(self) -> None:
        super().__init__("keyboard")
        self.fault: ActError | None = None
        self._keyboard = Keyboard(declare(self, KeyboardParams))
        self._out = publisher(self, Joy, "joy", qos.JOY)
        self._diagnostics = Diagnostics(self, lambda: Health(OK, "reading keys"))
        self._terminal = Terminal("`act keyboard` or `ros2 run act_sim keyboard_node`")
        print(KEY_MAP, flush=True)  # noqa: T201
        self.create_timer(PERIOD_S, self._on_tick, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def _on_tick(self) -> None:
        now_s = time.monotonic()
        try:
            self._keyboard.press(self._terminal.read(), now_s)
        except ActError as error:
            self.fault = error
            return
        message = Joy()
        message.header.stamp = self.get_clock().now().to_msg()
        message.axes, message.buttons = self._keyboard.joy(now_s)
        self._out.publish(message)


def main() -> None:
    """Run the node."""
    sys.exit(run_node(KeyboardNode, KeyboardParams))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""What an operator can ask of teleoperation: services, and buttons of a joystick or pedal."""

import time
from collections.abc import Callable

from rclpy.node import Node
from sensor_msgs.msg import Joy
from std_srvs.srv import Trigger

from act_core.robot.robot_spec import RobotSpec
from act_core.ros import qos
from act_core.ros.endpoints import subscription
from act_teleop.teleop_params import TeleopParams
from act_teleop.teleoperation import Teleoperation

# joy_node repeats at 20 Hz; a pedal that is out for longer counts as released.
RELEASED_S = 0.3


class OperatorInput:
    """Services `~/engage`, `~/hold`, `~/park`, `~/to_start`, and the topic `joy`.

    Args:
        node: whose services they are.
        spec: the robot, with its poses.
        params: of the node.
        teleoperation: is asked.
    """

    def __init__(
        self, node: Node, spec: RobotSpec, params: TeleopParams, teleoperation: Teleoperation
    ) -> None:
        self._params, self._teleoperation = params, teleoperation
        self._held_at_s = float("-inf")
        self._engage_pressed = False
        acts: dict[str, Callable[[float], str]] = {
            "engage": teleoperation.engage,
            "hold": self._hold,
            "park": lambda now_s: teleoperation.go_to(spec.sleep, "park", now_s),
            "to_start": lambda now_s: teleoperation.go_to(spec.start, "start", now_s),
        }
        for name, act in acts.items():
            node.create_service(Trigger, f"~/{name}", _answer(name, act))
        if max(params.engage_button, params.deadman_button) >= 0:
            subscription(node, Joy, "joy", self._on_joy, qos.NEWEST_ONLY)

    @property
    def deadman(self) -> bool:
        """Whether the deadman button is held, or there is none."""
        silent_s = time.monotonic() - self._held_at_s
        return self._params.deadman_button < 0 or silent_s <= RELEASED_S

    def _hold(self, now_s: float) -> str:
        del now_s
        self._teleoperation.hold("asked to hold")
        return ""

    def _on_joy(self, message: Joy) -> None:
        def pressed(button: int) -> bool:
            return 0 <= button < len(message.buttons) and bool(message.buttons[button])

        now_s = time.monotonic()
        if pressed(self._params.deadman_button):
            self._held_at_s = now_s
        elif self._params.deadman_button >= 0:
            self._held_at_s = float("-inf")
        before, self._engage_pressed = self._engage_pressed, pressed(self._params.engage_button)
        if self._engage_pressed and not before:
            self._teleoperation.engage(now_s)


def _answer(
    name: str, act: Callable[[float], str]
) -> Callable[[Trigger.Request, Trigger.Response], Trigger.Response]:
    def serve(_: Trigger.Request, reply: Trigger.Response) -> Trigger.Response:
        refusal = act(time.monotonic())
        reply.success, reply.message = not refusal, refusal or name
        return reply

    return serve

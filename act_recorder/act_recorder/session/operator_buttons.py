# SPDX-License-Identifier: Apache-2.0
"""Buttons of a joystick or pedal as commands of a session."""

from collections.abc import Callable

from rclpy.node import Node
from sensor_msgs.msg import Joy

from act_core.ros import qos
from act_core.ros.endpoints import subscription
from act_recorder.session.session_params import SessionParams
from act_recorder.session.session_types import Command


class OperatorButtons:
    """Each press is one command; of several on the same button the first that is possible.

    Args:
        node: to subscribe `joy` with, if a button is named.
        params: of the node.
        can: tells whether a command is possible now.
        do: gets each command.
    """

    def __init__(
        self, node: Node, params: SessionParams, can: Callable[[Command], bool],
        do: Callable[[Command], object],
    ) -> None:  # fmt: skip
        self._can, self._do = can, do
        self._commands: dict[int, list[Command]] = {}
        for command in Command:
            button = getattr(params, f"{command.value}_button")
            if button >= 0:
                self._commands.setdefault(button, []).append(command)
        self._pressed = dict.fromkeys(self._commands, False)
        if self._commands:
            subscription(node, Joy, "joy", self._on_joy, qos.JOY)

    def _on_joy(self, message: Joy) -> None:
        for button, commands in self._commands.items():
            pressed = button < len(message.buttons) and bool(message.buttons[button])
            before, self._pressed[button] = self._pressed[button], pressed
            possible = [command for command in commands if self._can(command)]
            if pressed and not before and possible:
                self._do(possible[0])

# SPDX-License-Identifier: Apache-2.0
"""Commands as the robot's side takes them: through the guard."""

import time
from collections.abc import Callable

from rclpy.node import Node
from sensor_msgs.msg import JointState

from act_core.errors import ActError
from act_core.robot.command_guard import BeforeResetError, Command, CommandGuard, GuardState
from act_core.robot.robot_spec import RobotSpec
from act_core.ros import qos
from act_core.ros.diagnostics import OK, WARN, Health
from act_core.ros.endpoints import subscription
from act_core.ros.messages.joints import read_vector
from act_core.ros.messages.stamps import to_ns


class GuardedCommands:
    """Feeds a guard from `joint_commands`, or leaders' from `leader/joint_commands`.

    Args:
        node: to subscribe with.
        spec: the robot.
        guard: decides.
        now_ns: time on the clock of the commands' stamps.
        on_taken: called after each command that may be executed.
        leader: whether leader arms are commanded.
    """

    def __init__(
        self,
        node: Node,
        spec: RobotSpec,
        guard: CommandGuard,
        now_ns: Callable[[], int],
        on_taken: Callable[[], object] = lambda: None,
        *,
        leader: bool = False,
    ) -> None:
        self._node, self._guard = node, guard
        self._channel = spec.leader if leader else spec.command
        self._topic = "leader/joint_commands" if leader else "joint_commands"
        self._now_ns, self._on_taken = now_ns, on_taken
        self._state = guard.state
        subscription(node, JointState, self._topic, self._on_command, qos.COMMANDS)

    def _on_command(self, message: JointState) -> None:
        source = message.header.frame_id or "an unnamed source"
        try:
            vector = read_vector(message, self._channel)
            command = Command(vector, to_ns(message.header.stamp), source)
            self._guard.take(command, self._now_ns(), time.monotonic())
        except BeforeResetError as error:
            text = f"{self._topic} refused: {error}"
            self._node.get_logger().info(text, throttle_duration_sec=1.0)
            return
        except ActError as error:
            text = f"{self._topic} refused: {error}"
            self._node.get_logger().error(text, throttle_duration_sec=1.0)
            return
        self._on_taken()

    def health(self) -> Health:
        """Look whether commands come, and return how that stands."""
        guard, before = self._guard, self._state
        guard.watch(time.monotonic())
        self._state = guard.state
        level = WARN if guard.state is GuardState.HOLDING else OK
        if level == WARN and before is not GuardState.HOLDING:
            self._node.get_logger().warning(guard.reason)
        values = {"state": guard.state.name, "source": guard.source, "refused": guard.refused}
        return Health(level, guard.reason or f"following {guard.source}", values)

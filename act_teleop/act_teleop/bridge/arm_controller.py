# SPDX-License-Identifier: Apache-2.0
"""One arm's controllers: its share of a command, on the topic that each of them listens to."""

from rclpy.node import Node

from act_core.robot.arm_spec import ArmSpec
from act_core.robot.outlets import outlets
from act_core.ros import qos
from act_core.ros.endpoints import publisher
from act_core.ros.messages.command_formats import Values, command_type, command_writer


class ArmController:
    """Publishes an arm's commands where its controllers take them; see `outlets`.

    Raises:
        ActError: a message's package is not installed.
    """

    def __init__(self, node: Node, arm: ArmSpec, period_ns: int) -> None:
        self._outlets = [
            (outlet, command_writer(outlet, period_ns),
             publisher(node, command_type(outlet), outlet.topic, qos.COMMANDS))
            for outlet in outlets(arm)
        ]  # fmt: skip
        for outlet, _, _ in self._outlets:
            order = ", ".join(outlet.names)
            node.get_logger().info(f"{outlet.topic} ({outlet.kind}) takes, in this order: {order}")

    @property
    def unheard(self) -> list[str]:
        """The topics to which nobody listens."""
        return [o.topic for o, _, out in self._outlets if not out.get_subscription_count()]

    def send(self, values: Values, stamp_ns: int) -> None:
        """Publish one raw value per joint, the gripper last; rad, or m for sliding grippers."""
        for outlet, write, out in self._outlets:
            out.publish(write(values[outlet.share], stamp_ns))

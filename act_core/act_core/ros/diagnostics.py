# SPDX-License-Identifier: Apache-2.0
"""How a node is, once a second on /diagnostics, as ROS's own tools read it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node

from act_core.ros import qos
from act_core.ros.endpoints import publisher

PERIOD_S = 1.0
OK, WARN, ERROR = DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR


@dataclass(frozen=True)
class Health:
    """A node's condition.

    Attributes:
        level: OK, WARN or ERROR.
        message: in a few words.
        values: figures by name.
    """

    level: bytes
    message: str
    values: Mapping[str, object] = field(default_factory=dict)


class Diagnostics:
    """Publishes what `check` returns; the status is called like the node, namespace included."""

    def __init__(self, node: Node, check: Callable[[], Health]) -> None:
        self._node, self._check = node, check
        # Absolute, as everywhere in ROS: one topic for all robots of a network.
        self._out = publisher(node, DiagnosticArray, "/diagnostics", qos.DIAGNOSTICS)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        node.create_timer(PERIOD_S, self.publish, clock=steady)

    def publish(self) -> None:
        """Publish now."""
        health = self._check()
        status = DiagnosticStatus(
            level=health.level,
            name=self._node.get_fully_qualified_name(),
            message=health.message,
            values=[KeyValue(key=k, value=str(v)) for k, v in health.values.items()],
        )
        message = DiagnosticArray(status=[status])
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._out.publish(message)

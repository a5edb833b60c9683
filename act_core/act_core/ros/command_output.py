# SPDX-License-Identifier: Apache-2.0
"""Commands as one source among others: sends them under a name, hears who else commands."""

import os
import platform
import time

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import JointState

from act_core.robot.robot_spec import RobotSpec
from act_core.ros import qos
from act_core.ros.endpoints import publisher, subscription
from act_core.ros.messages.joints import write_vector

TOPIC = "joint_commands"
# Ten periods at the slowest rate in use; who has been silent for longer does not command.
HEARD_S = 0.5


class CommandOutput:
    """Publishes `joint_commands` between `open` and `close`, and listens to it all the time.

    What is heard counts, not who is discovered: a killed node stays discovered for ten seconds,
    and a node that waits for its turn is no rival.

    Args:
        node: to publish with.
        spec: the robot.
        kind: what commands: policy, teleop.

    Attributes:
        source: name of this very process, in each command's header.frame_id.
    """

    def __init__(self, node: Node, spec: RobotSpec, kind: str) -> None:
        self.source = f"{kind}/{os.getpid()}@{platform.node()}"
        self._node, self._channel = node, spec.command
        self._out: Publisher | None = None
        self._heard_s: dict[str, float] = {}
        self._ear = subscription(node, JointState, TOPIC, self._hear, qos.COMMANDS)

    @property
    def rivals(self) -> str:
        """Says who else commands at present; empty while nobody does."""
        since_s = time.monotonic() - HEARD_S
        others = sorted(source for source, at_s in self._heard_s.items() if at_s > since_s)
        return f"{', '.join(others)} commands; stop it first" if others else ""

    def open(self) -> None:
        """Get ready to send."""
        if self._out is None:
            self._out = publisher(self._node, JointState, TOPIC, qos.COMMANDS)

    def send(self, vector: NDArray[np.float64], stamp_ns: int) -> JointState | None:
        """Publish the command `vector` (D,) for the time `stamp_ns`; None while not open."""
        if self._out is None:
            return None
        message = write_vector(vector, self._channel, stamp_ns)
        message.header.frame_id = self.source
        self._out.publish(message)
        return message

    def resend(self, message: JointState) -> None:
        """Publish what `send` returned once more."""
        if self._out is not None:
            self._out.publish(message)

    def close(self) -> None:
        """Send nothing more."""
        if self._out is not None:
            self._node.destroy_publisher(self._out)
        self._out = None

    def destroy(self) -> None:
        """Send and hear nothing more."""
        self.close()
        self._ear.destroy()

    def _hear(self, message: JointState) -> None:
        source = message.header.frame_id or "an unnamed source"
        if source != self.source:
            self._heard_s[source] = time.monotonic()

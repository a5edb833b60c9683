# SPDX-License-Identifier: Apache-2.0
"""A leader made by software: it answers each of the robot's joint states."""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from sensor_msgs.msg import JointState

from act_core.errors import ActError
from act_core.robot.robot_spec import RobotSpec
from act_core.ros import qos
from act_core.ros.endpoints import publisher, subscription
from act_core.ros.messages.joints import read_vector, write_vector
from act_core.ros.messages.stamps import to_ns

Vector = NDArray[np.float64]
# A longer pause of the robot, or a step back of its clock, is a new beginning.
PAUSE_NS = 500_000_000
SILENCE_S = 0.5


class LeaderOutput:
    """Publishes `leader/joint_states`, one for each `joint_states` and under its stamp.

    So the leader keeps the robot's rate, and works in lockstep as in real time. A driver that is
    faster than the robot's rate is not answered each time.

    Args:
        node: to publish with.
        spec: the robot.
        start: measured pose (D,) → leader's vector (D,); called at first and after each pause.
        step: measured pose and seconds since the last call → leader's vector. At most two ticks.
    """

    def __init__(
        self,
        node: Node,
        spec: RobotSpec,
        start: Callable[[Vector], Vector],
        step: Callable[[Vector, float], Vector],
    ) -> None:
        self._node, self._spec, self._start, self._step = node, spec, start, step
        self._vector = spec.start
        self._stamp_ns = -PAUSE_NS - 1
        self._heard_at_s = -1.0
        self._out = publisher(node, JointState, "leader/joint_states", qos.JOINT_STATES)
        subscription(node, JointState, "joint_states", self._on_state, qos.JOINT_STATES)

    @property
    def silence(self) -> str:
        """Says that the robot is silent; empty while it is heard."""
        silent_s = time.monotonic() - self._heard_at_s
        if self._heard_at_s < 0:
            return "joint_states: no sample yet; is the robot running?"
        return f"joint_states: nothing for {silent_s:.1f} s" if silent_s > SILENCE_S else ""

    def _on_state(self, message: JointState) -> None:
        try:
            measured = read_vector(message, self._spec.state)
        except ActError as error:
            text = f"joint_states refused: {error}"
            self._node.get_logger().error(text, throttle_duration_sec=1.0)
            return
        self._heard_at_s = time.monotonic()
        stamp_ns, period_ns = to_ns(message.header.stamp), self._spec.period_ns
        elapsed_ns = stamp_ns - self._stamp_ns
        if not 0 <= elapsed_ns <= PAUSE_NS:
            self._vector = self._start(measured)
        elif elapsed_ns >= 0.75 * period_ns:
            self._vector = self._step(measured, min(elapsed_ns, 2 * period_ns) / 1e9)
        elif elapsed_ns > 0:
            return
        # The same stamp again is a tick of lockstep that is still without its answer.
        self._stamp_ns = stamp_ns
        self._out.publish(write_vector(self._vector, self._spec.leader, stamp_ns))

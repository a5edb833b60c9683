# SPDX-License-Identifier: Apache-2.0
"""The simulated robot in lockstep: each tick waits for the command with its stamp."""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from sensor_msgs.msg import JointState

from act_core.errors import ActError
from act_core.ros import qos
from act_core.ros.diagnostics import OK, Health
from act_core.ros.endpoints import subscription
from act_core.ros.messages.joints import read_vector
from act_core.ros.messages.stamps import to_ns
from act_core.ros.peers import publisher_names
from act_sim.cell.session import SimSession
from act_sim.sim_params import SimParams
from act_sim.sim_publishers import SimPublishers

# An unanswered tick is sent again, in case it was published before its reader was matched; the
# stamp makes the repetition harmless.
REPEAT_AFTER_S = 0.25
COMPLAIN_AFTER_S = 1.0


class SimLockstep:
    """Steps the session when the tick that is out is answered.

    The stamp is the guard: no other command is executed.

    Args:
        node: to subscribe with.
        session: to step.
        params: of the node.
        step: steps the session and publishes what is then true.
        out: publishes.
    """

    def __init__(
        self,
        node: Node,
        session: SimSession,
        params: SimParams,
        step: Callable[[NDArray[np.float64]], object],
        out: SimPublishers,
    ) -> None:
        self._node, self._session, self._params = node, session, params
        self._step, self._out = step, out
        self._answered_at_s = time.monotonic()
        subscription(node, JointState, "joint_commands", self._on_command, qos.COMMANDS)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        node.create_timer(REPEAT_AFTER_S, self._repeat, clock=steady)

    def restart(self) -> None:
        """Take note that an episode has begun."""
        self._answered_at_s = time.monotonic()

    def health(self) -> Health:
        """Return that it runs; what it waits for is said at once."""
        return Health(OK, "running")

    def _on_command(self, message: JointState) -> None:
        try:
            command = read_vector(message, self._session.spec.command)
        except ActError as error:
            text = f"joint_commands refused: {error}"
            self._node.get_logger().error(text, throttle_duration_sec=1.0)
            return
        if self._session.episode.done or to_ns(message.header.stamp) != self._session.stamp_ns:
            return  # an answer to a tick that was answered already
        self._answered_at_s = time.monotonic()
        self._step(command)

    def _repeat(self) -> None:
        if not self._out.repeat(REPEAT_AFTER_S):
            return
        waited_s = time.monotonic() - self._answered_at_s
        if self._session.episode.done or waited_s < COMPLAIN_AFTER_S:
            return
        limit_s = self._params.command_timeout_s
        text = (
            f"tick {self._session.observe(render=False).index}: no joint_commands with its stamp "
            f"for {waited_s:.1f} s (limit {limit_s:g} s); publishers known: "
            f"{', '.join(publisher_names(self._node, 'joint_commands')) or 'none'}"
        )
        log = self._node.get_logger()
        log.warning(text, throttle_duration_sec=1.0)
        if waited_s > limit_s:
            log.error(f"episode aborted: {text}")
            self._session.end(text, aborted=True)
            self._out.send(self._session.observe())

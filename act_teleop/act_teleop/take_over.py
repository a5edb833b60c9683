# SPDX-License-Identifier: Apache-2.0
"""Takes a driving policy's place and gives it back: pause, engage; hold, resume."""

import time
from collections.abc import Callable

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.task import Future
from std_srvs.srv import Trigger

from act_core.ros.command_output import HEARD_S, CommandOutput
from act_teleop.teleoperation import Teleoperation

# Each side waits until the other is no longer heard, and then some.
STEP_S = 0.05
PATIENCE_S = 4 * HEARD_S


class TakeOver:
    """Services `~/take_over` and `~/hand_back`: who commands changes, never are there two.

    The calls return at once; the state of teleoperation says what became of them.

    Args:
        node: whose services they are.
        teleoperation: engages with the leader wherever it is.
        out: hears whether the policy commands.
        policy: name of the policy's node.
    """

    def __init__(
        self, node: Node, teleoperation: Teleoperation, out: CommandOutput, policy: str
    ) -> None:
        self._node, self._teleoperation, self._out = node, teleoperation, out
        self._pause = node.create_client(Trigger, f"{policy}/pause")
        self._resume = node.create_client(Trigger, f"{policy}/resume")
        self._step: Callable[[], str] | None = None  # returns why it is not done yet
        self._until_s = 0.0
        node.create_service(Trigger, "~/take_over", self._on_take_over)
        node.create_service(Trigger, "~/hand_back", self._on_hand_back)
        node.create_timer(STEP_S, self._go_on, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def _on_take_over(self, _: Trigger.Request, reply: Trigger.Response) -> Trigger.Response:
        # Without a policy's node there is nothing to pause.
        if self._pause.service_is_ready():
            self._pause.call_async(Trigger.Request())
        self._begin(self._engage)
        reply.success, reply.message = True, "taking over"
        return reply

    def _on_hand_back(self, _: Trigger.Request, reply: Trigger.Response) -> Trigger.Response:
        if not self._resume.service_is_ready():
            reply.message = f"no service {self._resume.srv_name}; is the policy's node running?"
            return reply
        self._teleoperation.hold("handed back to the policy")
        resumed: list[Future] = []

        def ask() -> str:
            if not resumed or (resumed[-1].done() and not resumed[-1].result().success):
                resumed.append(self._resume.call_async(Trigger.Request()))
            if not resumed[-1].done():
                return "the policy does not answer"
            result = resumed[-1].result()
            return "" if result.success else str(result.message)

        self._begin(ask)
        reply.success, reply.message = True, "handing back"
        return reply

    def _engage(self) -> str:
        if self._out.rivals:
            return self._out.rivals
        return self._teleoperation.engage(time.monotonic(), anywhere=True)

    def _begin(self, step: Callable[[], str]) -> None:
        self._step, self._until_s = step, time.monotonic() + PATIENCE_S

    def _go_on(self) -> None:
        if self._step is None:
            return
        reason = self._step()
        if not reason:
            self._step = None
        elif time.monotonic() > self._until_s:
            self._step = None
            self._node.get_logger().error(f"given up after {PATIENCE_S:g} s: {reason}")

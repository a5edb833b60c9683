# SPDX-License-Identifier: Apache-2.0
"""A configured policy at work: messages to its command loop, the loop's commands to messages.

Decisions are the loop's; what one pace does differently is in the two subclasses.
"""

from abc import ABC, abstractmethod

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from rclpy.timer import Timer
from sensor_msgs.msg import JointState

from act_core.errors import ActError
from act_core.observation import RawObservation
from act_core.ros import qos
from act_core.ros.endpoints import publisher
from act_core.ros.messages.joints import write_vector
from act_core.ros.observation_input import ObservationInput
from act_interfaces.msg import ActionChunk
from act_policy.driving.chunk_broker import Command
from act_policy.driving.command_loop import CommandLoop, Event, State
from act_policy.errors import InferenceError
from act_policy.session.loaded_policy import LoadedPolicy
from act_policy.session.policy_report import WIRE_STATES, PolicyReport, chunk_message

WATCH_S = 0.1
SLOW_INFERENCE_S = 2.0


class PolicySession(ABC):
    """Subscriptions, timers and the inference process of one loaded policy.

    It commands only between `engage` and `disengage`.

    Args:
        node: to subscribe, publish and log with.
        report: gets every change.
        loaded: a policy that fits its robot.
        loop: decides.
        profile: quality of service of the inputs.

    Attributes:
        fault: why it cannot go on, None while it can.
    """

    def __init__(
        self,
        node: Node,
        report: PolicyReport,
        loaded: LoadedPolicy,
        loop: CommandLoop,
        profile: QoSProfile,
    ) -> None:
        self._node, self._report, self._loaded, self._loop = node, report, loaded, loop
        self.fault: ActError | None = None
        self._has_driven = False
        self._commands_out: Publisher | None = None  # there while engaged
        self._chunks_out = publisher(node, ActionChunk, "~/action_chunk", qos.CHUNKS)
        self._input = ObservationInput(
            node, loaded.spec, loaded.assembler, profile, self._on_sample
        )
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._timers: list[Timer] = [node.create_timer(WATCH_S, self._watch, clock=steady)]

    def engage(self) -> None:
        """Begin to command, from the robot's measured pose, at limited speed."""
        self._commands_out = publisher(self._node, JointState, "joint_commands", qos.COMMANDS)
        self._input.wait_anew()
        self._loop.handle(Event.ENGAGE)
        self._tell()

    def disengage(self) -> None:
        """Send nothing more. Safe to call at any time."""
        self._loop.handle(Event.DISENGAGE)
        if self._commands_out is not None:
            self._node.destroy_publisher(self._commands_out)
        self._commands_out = None

    def close(self) -> None:
        """Disengage, end the inference process, leave no endpoint or timer."""
        self.disengage()
        self._loaded.client.close()
        for timer in self._timers:
            self._node.destroy_timer(timer)
        self._input.close()
        self._node.destroy_publisher(self._chunks_out)

    @abstractmethod
    def resume(self) -> str:
        """Go on after a hold, as a person asks; return why not, empty when it goes on."""

    @abstractmethod
    def _on_sample(self, stamp_ns: int) -> None:
        """Take note that a sample of that stamp has come."""

    @abstractmethod
    def _on_prediction(self, stamp_ns: int) -> None:
        """Take note that the prediction from the observation of `stamp_ns` has come."""

    def take_replies(self) -> None:
        """Take what the inference process has answered."""
        for reply in self._loaded.client.take() if self._loop.engaged else ():
            assert reply.chunk is not None
            try:
                self._loop.add_prediction(reply.stamp_ns, reply.chunk)
            except ActError as error:
                self._report.rejected()
                self._node.get_logger().error(str(error), throttle_duration_sec=1.0)
                continue
            self._report.inferred(reply.duration_s)
            self._chunks_out.publish(chunk_message(reply, self._loaded.spec))
            self._on_prediction(reply.stamp_ns)

    def _request(self, seen: RawObservation) -> None:
        """Decode an observation and hand it to the inference process."""
        try:
            observation = self._loaded.assembler.decode(seen)
        except ActError as error:
            self._report.rejected()
            self._loop.refuse(str(error))
            self._tell()
            return
        self._loop.note_asked(seen.stamp_ns)
        self._loaded.client.request(observation)

    def _send(self, time_ns: int, command: Command | None) -> JointState | None:
        """Publish a command, if there is one, and tell what has changed."""
        message = None
        if command is not None and self._commands_out is not None:
            message = write_vector(command.vector, self._loaded.spec.command, time_ns)
            self._commands_out.publish(message)
            self._report.sent(time_ns, command)
        self._tell()
        return message

    def _watch(self) -> None:
        client = self._loaded.client
        try:
            client.check()
        except InferenceError as error:
            self.fault = error
            return
        self._report.refresh()
        if not self._loop.engaged:
            return
        if client.waiting_s > SLOW_INFERENCE_S:
            text = f"inference has taken {client.waiting_s:.1f} s so far"
            self._node.get_logger().warning(text, throttle_duration_sec=2.0)
        silence = self._input.silence(self._loaded.params.input_timeout_s)
        if silence:
            self._loop.lose(silence)
        else:
            self._loop.inputs_came()
        self._tell()

    def _tell(self) -> None:
        """Report the loop's state, and log a change of it."""
        state, reason = self._loop.state, self._loop.reason
        log = self._node.get_logger()
        if state is State.HOLDING:
            reason = f"{reason}; holding{self._loop.remedy}"
        changed = self._report.report(WIRE_STATES[state], reason)
        if state is State.DRIVING and changed:
            log.info("driving again" if self._has_driven else "driving")
            self._has_driven = True
        elif state is State.HOLDING and changed:
            log.error(reason)
        elif state is State.HOLDING:
            log.error(reason, throttle_duration_sec=5.0, skip_first=True)
        elif state is State.WAITING and reason:
            log.warning(f"waiting: {reason}", throttle_duration_sec=2.0)

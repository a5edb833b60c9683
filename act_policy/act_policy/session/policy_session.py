# SPDX-License-Identifier: Apache-2.0
"""A configured policy at work: messages to its command loop, the loop's commands to messages.

Decisions are the loop's; what one pace does differently is in the two subclasses.
"""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from rclpy.timer import Timer
from sensor_msgs.msg import JointState
from trajectory_msgs.msg import JointTrajectory

from act_core.errors import ActError
from act_core.observation import RawObservation, oldest_image_s
from act_core.ros import qos
from act_core.ros.command_output import CommandOutput
from act_core.ros.endpoints import publisher
from act_core.ros.observation_input import ObservationInput
from act_core.ros.stream_watch import StreamWatch
from act_interfaces.msg import ActionChunk
from act_policy.driving.chunk_broker import Command
from act_policy.driving.command_loop import CommandLoop, Event, State
from act_policy.errors import InferenceError
from act_policy.session.chunk_messages import chunk_message, chunk_trajectory
from act_policy.session.loaded_policy import LoadedPolicy
from act_policy.session.policy_report import PolicyReport

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
        held_back: whether the policy has to wait, before and after a motion to a pose.
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
        self.held_back = False
        self._out = CommandOutput(node, loaded.spec, "policy")
        self._chunks_out = publisher(node, ActionChunk, "~/action_chunk", qos.CHUNKS)
        self._trajectories_out: Publisher | None = None
        if loaded.params.publish_trajectory:
            self._trajectories_out = publisher(
                node, JointTrajectory, "~/chunk_trajectory", qos.CHUNKS
            )
        bounds = loaded.params if loaded.params.pace == "realtime" else None
        watch = StreamWatch(node, bounds, loaded.assembler.refuse)
        self._input = ObservationInput(
            node, loaded.spec, loaded.assembler, profile, watch, self._on_sample
        )
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._timers: list[Timer] = [node.create_timer(WATCH_S, self._watch, clock=steady)]

    def engage(self) -> str:
        """Begin to command, from the robot's measured pose, at limited speed; return why not."""
        if self._out.rivals:
            return self._out.rivals
        self._out.open()
        self._input.wait_anew()
        self._loop.handle(Event.ENGAGE)
        by_clock = self._loaded.params.pace == "realtime"
        loaded = self._loaded
        about = {"policy": loaded.description, "engine": loaded.client.description["engine"]}
        self._report.begin(loaded.spec.period_ns / 1e9 if by_clock else 0.0, about)
        self._report.tell(self._loop)
        return ""

    def disengage(self) -> None:
        """Send nothing more, and report the run that this ends. Safe to call at any time."""
        self._loop.handle(Event.DISENGAGE)
        self._out.close()
        self._report.end(self._loaded.params.run_report_file)

    @property
    def engaged(self) -> bool:
        """Whether it is between `engage` and `disengage`."""
        return self._loop.engaged

    @property
    def is_driving(self) -> bool:
        """Whether the policy's commands go out."""
        return self._loop.state in (State.DRIVING, State.STARVED)

    @property
    def is_moving(self) -> bool:
        """Whether a motion that `move_to` began is under way."""
        return False

    @property
    def move_fault(self) -> str:
        """Why the last motion ended before its pose; empty where it did not."""
        return ""

    def move_to(self, pose: NDArray[np.float64], name: str) -> str:
        """Begin a slow motion to the pose (D,); return why not, empty when it begins."""
        del pose
        return f"the motion to the {name} pose is for pace:=realtime; here sim/reset does it"

    def pause(self, reason: str) -> None:
        """Send nothing until `resume`; the checkpoint stays loaded."""
        self._loop.handle(Event.PAUSE, reason)
        self._report.tell(self._loop)

    def close(self) -> None:
        """Disengage, end the inference process, leave no endpoint or timer."""
        self.disengage()
        self._loaded.client.close()
        for timer in self._timers:
            self._node.destroy_timer(timer)
        self._input.close()
        self._out.destroy()
        for out in (self._chunks_out, self._trajectories_out):
            if out is not None:
                self._node.destroy_publisher(out)

    @abstractmethod
    def resume(self) -> str:
        """Go on after a hold or a pause, as a person asks; return why not, empty when it does."""

    @abstractmethod
    def _on_sample(self, stamp_ns: int) -> None:
        """Take note that a sample of that stamp has come."""

    @abstractmethod
    def _on_prediction(self, stamp_ns: int) -> None:
        """Take note that the prediction from the observation of `stamp_ns` has come."""

    def take_replies(self) -> None:
        """Take what the inference process has answered."""
        for reply in self._loaded.client.take() if self._loop.engaged else ():
            if reply.chunk is None:
                self._report.note(reply)
                continue
            try:
                self._loop.add_prediction(reply.stamp_ns, reply.chunk)
            except ActError as error:
                self._report.rejected()
                self._node.get_logger().error(str(error), throttle_duration_sec=1.0)
                continue
            self._report.inferred(reply.duration_s)
            about = self._loaded.spec, self._loaded.chunk_period_ns
            self._chunks_out.publish(chunk_message(reply, *about))
            if self._trajectories_out is not None:
                self._trajectories_out.publish(chunk_trajectory(reply, *about))
            self._on_prediction(reply.stamp_ns)

    def _request(self, seen: RawObservation) -> None:
        """Decode an observation and hand it to the inference process."""
        try:
            observation = self._loaded.assembler.decode(seen)
        except ActError as error:
            self._report.rejected()
            self._node.get_logger().error(str(error), throttle_duration_sec=1.0)
            self._loop.refuse(str(error))
            self._report.tell(self._loop)
            return
        self._report.observed(oldest_image_s(seen, self._node.get_clock().now().nanoseconds))
        self._loop.note_asked(seen.stamp_ns)
        prefix = self._loaded.broker.prefix(seen.stamp_ns)
        self._loaded.client.request(observation, prefix)

    def _send(self, time_ns: int, command: Command | None) -> JointState | None:
        """Publish a command, if there is one, and tell what has changed."""
        message = None
        if command is not None:
            message = self._out.send(command.vector, time_ns)
            self._report.sent(time_ns, command)
        self._report.tell(self._loop)
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
        if self._out.rivals and self._loop.state is not State.PAUSED:
            self.pause(self._out.rivals)
        silence = self._input.silence(self._loaded.params.input_timeout_s)
        if silence:
            self._loop.lose(silence)
        else:
            self._loop.inputs_came()
        self._report.tell(self._loop)

# SPDX-License-Identifier: Apache-2.0
"""Observations in, ensembled commands out: what the policy node owns while it is configured."""

import time
from functools import partial

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import Image, JointState

from act_core.errors import ActError
from act_core.observation import Observation
from act_core.robot.robot_spec import RobotSpec
from act_core.ros import qos
from act_core.ros.joints import read_sample, write_vector
from act_core.ros.peers import publisher_names
from act_core.ros.stamps import to_ns
from act_interfaces.msg import ActionChunk, PolicyStatus
from act_policy.driving.loaded_policy import load_policy
from act_policy.driving.policy_params import PolicyParams
from act_policy.driving.policy_report import PolicyReport, chunk_message
from act_policy.errors import InferenceError
from act_policy.inference.client import InferenceClient

WATCH_S = 0.1
CLOCK_JUMP_NS = 500_000_000
SLOW_INFERENCE_S = 2.0


class PolicySession:
    """Subscriptions, timers, inference process; commands only between `engage` and `disengage`.

    Holding means to send nothing: the robot keeps its last command, torque on.

    Attributes:
        fault: why it cannot go on, None while it can.
    """

    def __init__(
        self, node: Node, params: PolicyParams, spec: RobotSpec, report: PolicyReport
    ) -> None:
        """Load the checkpoint, compare it with the robot, warm up, subscribe.

        Raises:
            ActError: what `load_policy` raises.
        """
        self._node, self._params, self._spec, self._report = node, params, spec, report
        self._lockstep = params.pace == "lockstep"
        self._command_out: Publisher | None = None  # there while engaged
        self._client: InferenceClient | None = None  # replies may come before it is assigned
        self.fault: ActError | None = None
        self._held = ""  # why the robot is on hold
        self._ticked_ns: int | None = None
        self._stamp_ns: int | None = None  # newest tick that was driven, None before the first
        self._sent: tuple[int, JointState] | None = None
        self._joints_at_s = time.monotonic()
        loaded = load_policy(params, spec, self._wake)
        self._client, self._broker = loaded.client, loaded.broker
        self._assembler = loaded.assembler
        self._chunk_out = node.create_publisher(ActionChunk, "~/action_chunk", qos.CHUNKS)
        profile = qos.LOCKSTEP if self._lockstep else qos.NEWEST_ONLY
        self._subscriptions = [
            node.create_subscription(JointState, "joint_states", self._on_joints, profile)
        ]
        for name in self._assembler.cameras:
            callback = partial(self._on_image, name)
            self._subscriptions.append(
                node.create_subscription(Image, f"{name}/image_raw", callback, profile)
            )
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._timers = [node.create_timer(WATCH_S, self._watch, clock=steady)]
        if not self._lockstep:
            self._timers.append(node.create_timer(1 / spec.rate_hz, self._on_tick))
        self._log = node.get_logger()
        self._log.info(loaded.description)

    def engage(self) -> None:
        """Begin to command, from the robot's measured pose, at limited speed."""
        self._command_out = self._node.create_publisher(JointState, "joint_commands", qos.COMMANDS)
        self._held, self._stamp_ns, self._sent = "", None, None
        self._joints_at_s = time.monotonic()
        self._report.change(PolicyStatus.WAITING, "no observation yet")

    def disengage(self) -> None:
        """Send nothing more. Safe to call at any time."""
        if self._command_out is not None:
            self._node.destroy_publisher(self._command_out)
        self._command_out, self._stamp_ns = None, None

    def resume(self) -> str:
        """Go on after a hold; return why not, empty when it goes on."""
        if self._command_out is None or not self._held:
            return "nothing is on hold"
        # Silence counts too: a simulator that stands still also stops the clock that ages samples.
        missing = self._silence() or self._observe(self._now_ns)
        if isinstance(missing, str):
            return f"still on hold: {missing}"
        self._held = ""
        return ""

    def close(self) -> None:
        """Disengage, end the inference process, leave no endpoint or timer."""
        self.disengage()
        if self._client is not None:
            self._client.close()
        self._client = None
        for timer in self._timers:
            self._node.destroy_timer(timer)
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._node.destroy_publisher(self._chunk_out)

    # Inputs.

    def _on_joints(self, message: JointState) -> None:
        try:
            sample = read_sample(message, self._spec.state)
        except ActError as error:
            self._log.error(f"joint_states refused: {error}", throttle_duration_sec=1.0)
            return
        self._joints_at_s = time.monotonic()
        self._assembler.add_joints(sample)
        self._answer(sample.stamp_ns)

    def _on_image(self, camera: str, message: Image) -> None:
        stamp_ns = to_ns(message.header.stamp)
        self._assembler.add_image(camera, stamp_ns, message)
        self._answer(stamp_ns)

    def _wake(self) -> None:
        """Let the executor look at the replies; called from the client's thread.

        The events executor knows no guard conditions; a task is its thread-safe door. An error
        in a task ends the process by a segmentation fault (rclpy 7.1.6), so the worker's death is
        noticed by the watchdog instead.
        """
        if self._node.executor is not None:
            self._node.executor.create_task(self._on_replies)

    def _on_replies(self) -> None:
        for reply in self._client.take() if self._client is not None else []:
            assert reply.chunk is not None
            if self._command_out is None:
                continue  # asked for before it was disengaged
            try:
                self._broker.add_prediction(reply.stamp_ns, reply.chunk)
            except ActError as error:
                self._report.reject()
                self._log.error(str(error), throttle_duration_sec=1.0)
                continue
            self._report.inference(reply.duration_s)
            self._chunk_out.publish(chunk_message(reply, self._spec))
            if self._lockstep and reply.stamp_ns == self._stamp_ns:
                self._send(reply.stamp_ns)

    # Lockstep: each tick is answered once, with its own stamp; a repeated tick gets its answer
    # again.

    def _answer(self, stamp_ns: int) -> None:
        if self._command_out is None or not self._lockstep:
            return
        if self._sent is not None and self._sent[0] == stamp_ns:
            self._command_out.publish(self._sent[1])
            return
        if stamp_ns == self._stamp_ns:
            return  # the prediction for this tick is under way
        try:
            observation = self._assembler.exact(stamp_ns)
        except ActError as error:
            self._report.reject()
            self._log.error(str(error), throttle_duration_sec=1.0)
            return
        if observation is None:
            return
        if self._stamp_ns is None or stamp_ns - self._stamp_ns != self._spec.period_ns:
            self._broker.start(stamp_ns, observation.joints.positions)  # another episode
        self._stamp_ns = stamp_ns
        if not self._request(observation):
            self._send(stamp_ns)

    # Real time.

    @property
    def _now_ns(self) -> int:
        return int(self._node.get_clock().now().nanoseconds)

    def _on_tick(self) -> None:
        now_ns, before_ns = self._now_ns, self._ticked_ns
        self._ticked_ns = now_ns
        if before_ns is not None and not 0 <= now_ns - before_ns < CLOCK_JUMP_NS:
            self._assembler.clear()
            self._lose(f"the clock jumped by {(now_ns - before_ns) / 1e9:.2f} s")
        if self._command_out is None:
            return
        observation = self._observe(now_ns)
        if isinstance(observation, str):
            self._lose(observation)
        elif self._held and self._params.resume == "manual":
            text = f"{self._held}; inputs are whole again, call ~/resume to go on"
            self._report.change(PolicyStatus.HOLDING, text)
        else:
            self._drive(observation, now_ns)

    def _observe(self, now_ns: int) -> Observation | str:
        try:
            return self._assembler.newest(now_ns)
        except ActError as error:
            self._report.reject()
            return str(error)

    def _drive(self, observation: Observation, now_ns: int) -> None:
        if self._stamp_ns is None:
            self._broker.start(observation.stamp_ns, observation.joints.positions)
            self._sent = None
        self._held, self._stamp_ns = "", now_ns
        self._request(observation)
        self._send(now_ns)
        if self._sent is not None:  # the first prediction may take its time, the robot stands
            starved_s = (now_ns - self._sent[0]) / 1e9
            if starved_s > self._params.input_timeout_s:
                self._lose(f"no prediction for {starved_s:.1f} s")

    def _lose(self, what: str) -> None:
        """Hold until all is back and, with resume=manual, until ~/resume is called."""
        if self._command_out is None:
            return
        driving = self._stamp_ns is not None
        self._stamp_ns = None
        if driving:
            self._held = what
            remedy = "; call ~/resume to go on" if self._params.resume == "manual" else ""
            self._log.error(f"{what}; holding{remedy}")
        if self._held:
            self._report.change(PolicyStatus.HOLDING, f"{what}; holding")
        else:
            self._report.change(PolicyStatus.WAITING, what)
            self._log.warning(f"waiting: {what}", throttle_duration_sec=2.0)

    # Both.

    def _request(self, observation: Observation) -> bool:
        due = self._broker.is_due(observation.stamp_ns)
        if due and self._client is not None:
            self._broker.note_asked(observation.stamp_ns)
            self._client.request(observation)
        return due

    def _send(self, time_ns: int) -> None:
        assert self._command_out is not None
        command = self._broker.command(time_ns)
        if command is None:
            assert self._client is not None
            waited = f"; inference has taken {self._client.waiting_s:.2f} s so far"
            self._report.change(PolicyStatus.WAITING, f"no prediction covers this tick{waited}")
            return
        message = write_vector(command.vector, self._spec.command, time_ns)
        self._command_out.publish(message)
        self._sent = time_ns, message
        self._report.driving(time_ns, command)

    def _watch(self) -> None:
        assert self._client is not None
        try:
            self._client.check()
        except InferenceError as error:
            self.fault = error
            return
        self._report.publish_if_due()
        if self._command_out is None:
            return
        if self._client.waiting_s > SLOW_INFERENCE_S:
            text = f"inference has taken {self._client.waiting_s:.1f} s so far"
            self._log.warning(text, throttle_duration_sec=2.0)
        text = self._silence()
        if text:
            if self._lockstep:  # nothing is lost: the tick that is out will be answered
                self._report.change(PolicyStatus.HOLDING, f"{text}; holding")
                self._log.error(f"{text}; holding", throttle_duration_sec=2.0)
            else:
                self._lose(text)
        elif self._lockstep and self._report.state == PolicyStatus.HOLDING:
            self._report.change(PolicyStatus.WAITING, "joint_states are back, without a new tick")

    def _silence(self) -> str:
        silent_s = time.monotonic() - self._joints_at_s
        if silent_s <= self._params.input_timeout_s:
            return ""
        names = ", ".join(publisher_names(self._node, "joint_states")) or "none"
        return f"joint_states: nothing for {silent_s:.1f} s (publishers known: {names})"

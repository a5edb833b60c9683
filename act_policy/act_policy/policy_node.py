# SPDX-License-Identifier: Apache-2.0
"""Drives the robot by a trained policy: cameras and joints in, ensembled commands out.

Lifecycle: configure loads the checkpoint, compares it with the robot and warms up; activate
commands; deactivate holds, which means to send nothing more: the robot keeps its last command.
"""

import sys
import time
from functools import partial

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from sensor_msgs.msg import Image, JointState
from std_srvs.srv import Trigger

from act_core.errors import ActError
from act_core.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.joints import read_sample, write_vector
from act_core.ros.params import declare
from act_core.ros.peers import publisher_names
from act_core.ros.run import run_node
from act_core.ros.stamps import to_ns
from act_interfaces.msg import ActionChunk, PolicyStatus
from act_policy.errors import InferenceError
from act_policy.inference_client import InferenceClient
from act_policy.loading import load_policy
from act_policy.policy_params import PolicyParams
from act_policy.policy_report import PolicyReport, chunk_message

WATCH_S = 0.1


class PolicyNode(LifecycleNode):
    """The policy as a lifecycle node."""

    def __init__(self) -> None:
        """Declare parameters; with `autostart`, configure and activate."""
        super().__init__("policy")
        self.params = declare(self, PolicyParams)
        self._spec = load_robot(self.params.robot_file)
        self._lockstep = self.params.pace == "lockstep"
        self._active = self._held = False
        self._fault: ActError | None = None
        self._stamp_ns: int | None = None
        self._sent: tuple[int, JointState] | None = None
        self._joints_at_s = time.monotonic()
        self._client: InferenceClient | None = None
        self._report = PolicyReport(
            self.create_publisher(PolicyStatus, "~/status", qos.STATUS), self.get_logger().info
        )
        self._chunk_out = self.create_publisher(ActionChunk, "~/action_chunk", qos.CHUNKS)
        self.create_service(Trigger, "~/resume", self._on_resume)
        if self.params.autostart:
            self.trigger_configure()
            if self._fault is None:
                self.trigger_activate()
            if self._fault is not None:
                raise self._fault

    # Lifecycle. rclpy swallows exceptions of these callbacks, so they are turned into results.

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load, compare with the robot, warm up, subscribe."""
        try:
            self._configure()
        except ActError as error:
            return self._refuse(error)
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Begin to command, from the robot's measured pose, at limited speed."""
        rivals = [
            n for n in publisher_names(self, "joint_commands")
            if n != self.get_fully_qualified_name()
        ]  # fmt: skip
        if rivals:
            return self._refuse(
                InferenceError(f"{', '.join(rivals)} publishes joint_commands already; stop it")
            )
        self._command_out = self.create_publisher(JointState, "joint_commands", qos.COMMANDS)
        self._active, self._held, self._stamp_ns = True, False, None
        self._joints_at_s = time.monotonic()
        self._report.change(PolicyStatus.WAITING, "no observation yet")
        return super().on_activate(state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Hold: send nothing more."""
        self._active = False
        self.destroy_publisher(self._command_out)
        self._report.change(PolicyStatus.INACTIVE, "deactivated; the robot holds")
        return super().on_deactivate(state)

    def _refuse(self, error: ActError) -> TransitionCallbackReturn:
        self._fault = error
        if not self.params.autostart:
            self.get_logger().error(str(error))
        return TransitionCallbackReturn.FAILURE

    def _configure(self) -> None:
        loaded = load_policy(self.params, self._spec, self._wake)
        self._client, self._driver = loaded.client, loaded.driver
        self._assembler = loaded.assembler
        self._subscribe()
        self.get_logger().info(loaded.description)

    def _subscribe(self) -> None:
        profile = qos.LOCKSTEP if self._lockstep else qos.NEWEST_ONLY
        self.create_subscription(JointState, "joint_states", self._on_joints, profile)
        for name in self._assembler.cameras:
            callback = partial(self._on_image, name)
            self.create_subscription(Image, f"{name}/image_raw", callback, profile)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(WATCH_S, self._watch, clock=steady)
        if not self._lockstep:
            self.create_timer(1 / self._spec.rate_hz, self._on_tick)

    # Inputs.

    def _on_joints(self, message: JointState) -> None:
        try:
            sample = read_sample(message, self._spec.state)
        except ActError as error:
            self.get_logger().error(f"joint_states refused: {error}", throttle_duration_sec=1.0)
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
        raised by the watchdog's timer instead.
        """
        if self.executor is not None:
            self.executor.create_task(self._on_replies)

    def _on_replies(self) -> None:
        if self._client is None:
            return
        for reply in self._client.take():
            assert reply.chunk is not None
            try:
                self._driver.add_prediction(reply.stamp_ns, reply.chunk)
            except ActError as error:
                self._report.reject()
                self.get_logger().error(str(error), throttle_duration_sec=1.0)
                continue
            self._report.inference(reply.duration_s)
            self._chunk_out.publish(chunk_message(reply, self._spec))
            if self._lockstep and reply.stamp_ns == self._stamp_ns:
                self._send(reply.stamp_ns)

    # Lockstep: each tick is answered once, with its own stamp; a repeated tick gets its answer
    # again.

    def _answer(self, stamp_ns: int) -> None:
        if not (self._active and self._lockstep) or self._client is None:
            return
        if self._sent is not None and self._sent[0] == stamp_ns:
            self._command_out.publish(self._sent[1])
            return
        if stamp_ns == self._stamp_ns:
            return  # the prediction for this tick is under way
        observation = self._read(lambda: self._assembler.exact(stamp_ns))
        if observation is None:
            return
        if self._stamp_ns is None or stamp_ns - self._stamp_ns != self._spec.period_ns:
            self._driver.start(stamp_ns, observation.joints.positions)  # another episode
        self._stamp_ns = stamp_ns
        if self._driver.wants_prediction(stamp_ns):
            self._client.request(observation)
        else:
            self._send(stamp_ns)

    # Real time.

    def _on_tick(self) -> None:
        if not self._active or self._client is None:
            return
        now_ns = self.get_clock().now().nanoseconds
        if self._stamp_ns is not None and not 0 <= now_ns - self._stamp_ns < 500_000_000:
            self._lose(f"the clock jumped by {(now_ns - self._stamp_ns) / 1e9:.2f} s")
        observation = self._read(lambda: self._assembler.newest(now_ns))
        if observation is None or isinstance(observation, str):
            self._lose(observation or "an image was refused")
            return
        if self._held and self.params.resume == "manual":
            return
        if self._stamp_ns is None:
            self._driver.start(observation.stamp_ns, observation.joints.positions)
        self._held, self._stamp_ns = False, now_ns
        if self._driver.wants_prediction(observation.stamp_ns):
            self._client.request(observation)
        self._send(now_ns)

    def _lose(self, message: str) -> None:
        """Hold until the inputs are back and, with resume=manual, until ~/resume is called."""
        driving = self._stamp_ns is not None
        self._stamp_ns = None
        if driving:
            self._held = True
            remedy = "; call ~/resume to go on" if self.params.resume == "manual" else ""
            self._report.change(PolicyStatus.HOLDING, f"{message}; holding{remedy}")
            self.get_logger().error(self._report.message)
        elif not self._held:
            self._report.change(PolicyStatus.WAITING, message)
            self.get_logger().warning(f"waiting: {message}", throttle_duration_sec=2.0)

    def _on_resume(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        response.success = self._active and self._held
        response.message = "going on" if response.success else "nothing is on hold"
        self._held = False
        return response

    # Both.

    def _read(self, build):  # type: ignore[no-untyped-def]
        try:
            return build()
        except ActError as error:
            self._report.reject()
            self.get_logger().error(str(error), throttle_duration_sec=1.0)
            return None

    def _send(self, time_ns: int) -> None:
        command = self._driver.command(time_ns)
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
        if self._client is not None:
            self._client.check()
        self._report.publish_if_due()
        silent_s = time.monotonic() - self._joints_at_s
        if self._active and silent_s > self.params.input_timeout_s:
            names = ", ".join(publisher_names(self, "joint_states")) or "none"
            text = f"joint_states: nothing for {silent_s:.1f} s (publishers known: {names})"
            self._report.change(PolicyStatus.HOLDING, f"{text}; holding")
            self.get_logger().error(self._report.message, throttle_duration_sec=2.0)

    def stop(self) -> None:
        """End the worker; the robot holds its last command."""
        if self._client is not None:
            self._client.close()


def main() -> None:
    """Run the node."""
    sys.exit(run_node(PolicyNode))


if __name__ == "__main__":
    main()

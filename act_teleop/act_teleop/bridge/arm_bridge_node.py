# SPDX-License-Identifier: Apache-2.0
"""The robot's side where each arm has a driver of its own, with topics of its own.

Joins the arms' states to joint_states and the leaders' to leader/joint_states; splits
joint_commands, behind the command guard, to the arms' controllers.
"""

import math
import sys
import time
from dataclasses import replace
from functools import partial

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from sensor_msgs.msg import JointState

from act_core.errors import ActError, OtherJointsError
from act_core.robot.command_guard import CommandGuard
from act_core.robot.driver_names import parts
from act_core.robot.robot_file import load_robot
from act_core.robot.stream_joiner import StreamJoiner
from act_core.ros import qos
from act_core.ros.diagnostics import ERROR, OK, Diagnostics, Health
from act_core.ros.endpoints import publisher, subscription
from act_core.ros.guarded_commands import GuardedCommands
from act_core.ros.messages.joints import read_joints, read_vector, write_joints
from act_core.ros.params import declare
from act_core.ros.process.run import run_node
from act_teleop.bridge.arm_bridge_params import ArmBridgeParams
from act_teleop.bridge.arm_controller import ArmController


class ArmBridge(Node):
    """Messages of the arms' drivers to the suite's, and commands back; see the module."""

    def __init__(self) -> None:
        super().__init__("arm_bridge")
        self.params = declare(self, ArmBridgeParams)
        self._spec = spec = load_robot(self.params.robot_file)
        if not spec.needs_bridge:
            raise ActError(
                f"robot '{spec.name}' names no driver topics; its arms are expected on "
                "joint_states and joint_commands, without a bridge"
            )
        self._guard = CommandGuard(
            spec, max_age_s=self.params.max_command_age_s, timeout_s=self.params.hold_after_s
        )
        self._joiners = {
            topic: joiner
            for topic, stream in (("joint_states", "state"), ("leader/joint_states", "leader"))
            if (joiner := self._join(stream, topic)) is not None
        }
        self._controllers = [
            (ArmController(self, arm, spec.period_ns), spec.columns_of(arm))
            for arm in spec.arms
            if arm.driver.command is not None
        ]
        self._sent_s = 0.0
        self._commands: GuardedCommands | None = None
        if self._controllers:
            self._commands = GuardedCommands(self, spec, self._guard, self._now_ns, self._send)
            steady = Clock(clock_type=ClockType.STEADY_TIME)
            self.create_timer(1 / spec.rate_hz, self._settle, clock=steady)
        if "joint_states" not in self._joiners:
            subscription(self, JointState, "joint_states", self._see_pose, qos.JOINT_STATES)
        self._diagnostics = Diagnostics(self, self._check)
        self.get_logger().info(
            f"robot {spec.name}: joins "
            f"{', '.join(t for j in self._joiners.values() for t in j.topics) or 'nothing'}"
        )

    def _now_ns(self) -> int:
        return int(self.get_clock().now().nanoseconds)

    def _join(self, stream: str, own_topic: str) -> StreamJoiner | None:
        arms = parts(self._spec, stream, own_topic)
        if not arms:
            return None
        joiner = StreamJoiner(arms, self.params.max_arm_skew_s)
        out = publisher(self, JointState, own_topic, qos.JOINT_STATES)

        def take(topic: str, message: JointState) -> None:
            try:
                whole = joiner.add(topic, read_joints(message), time.monotonic())
            except OtherJointsError as error:
                text = f"messages of another device are ignored: {error}"
                self.get_logger().info(text, once=True)
                return
            except ActError as error:
                self.get_logger().error(str(error), throttle_duration_sec=1.0)
                return
            if whole is not None:
                joined = write_joints(whole)
                out.publish(joined)
                if stream == "state":
                    self._see_pose(joined)

        for topic in joiner.topics:
            subscription(self, JointState, topic, partial(take, topic), qos.JOINT_STATES)
        return joiner

    def _see_pose(self, message: JointState) -> None:
        try:
            self._guard.see_pose(read_vector(message, self._spec.state), time.monotonic())
        except ActError as error:
            text = f"joint_states refused: {error}"
            self.get_logger().error(text, throttle_duration_sec=1.0)

    def _send(self) -> None:
        self._sent_s = time.monotonic()
        setpoint = self._guard.setpoint(self._sent_s)
        if setpoint is None:
            return
        raw, now_ns = self._spec.command.to_raw(setpoint), self._now_ns()
        for controller, columns in self._controllers:
            controller.send(raw[columns].tolist(), now_ns)

    def _settle(self) -> None:
        """Go on to the last command where limits kept it from being reached at once."""
        self._guard.watch(time.monotonic())
        if not self._guard.settled and time.monotonic() - self._sent_s > 0.9 / self._spec.rate_hz:
            self._send()

    def _check(self) -> Health:
        health = self._commands.health() if self._commands else Health(OK, "joining")
        now_s, limit_s = time.monotonic(), self.params.input_timeout_s
        faults = [j.silent(now_s, limit_s) or j.reason for j in self._joiners.values()]
        age_s = self._guard.pose_age_s(now_s)
        if "joint_states" not in self._joiners and age_s > limit_s:
            said = "no sample yet" if math.isinf(age_s) else f"nothing for {age_s:.1f} s"
            faults.append(f"joint_states: {said}")
        unheard = [topic for controller, _ in self._controllers for topic in controller.unheard]
        faults += [f"{topic}: nobody listens; is the controller running?" for topic in unheard]
        text = "; ".join(filter(None, faults))
        if text:
            health = replace(health, level=ERROR, message=text)
        if health.level != OK:
            self.get_logger().warning(health.message, throttle_duration_sec=2.0)
        return health


def main() -> None:
    """Run the node."""
    sys.exit(run_node(ArmBridge, ArmBridgeParams))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Dynamixel arms as ROS 2 arms: the followers of a robot, or its leaders."""

import sys
import time
from collections.abc import Callable
from dataclasses import replace

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_srvs.srv import SetBool, Trigger

from act_core.errors import ParameterError, suggestion
from act_core.observation import JointSample, Missing
from act_core.paths import user_path
from act_core.robot.command_guard import CommandGuard, GuardState
from act_core.robot.robot_file import load_robot
from act_core.robot.robot_spec import RobotSpec
from act_core.ros import qos
from act_core.ros.diagnostics import ERROR, OK, WARN, Diagnostics, Health
from act_core.ros.endpoints import publisher
from act_core.ros.guarded_commands import GuardedCommands
from act_core.ros.messages.joints import write_vector
from act_core.ros.params import declare
from act_core.ros.process.run import run_node
from act_teleop.dynamixel.arm_group import ArmGroup
from act_teleop.dynamixel.bus.bus_file import load_bus
from act_teleop.dynamixel.bus.errors import BusError
from act_teleop.dynamixel.bus.servo_bus import ServoBus
from act_teleop.dynamixel.dynamixel_params import DynamixelParams


class DynamixelNode(Node):
    """Publishes what the motors measure; followers go where guarded commands say.

    Without samples, with a motor that reports a hardware error or without torque, nothing is sent:
    motors keep their last goal. Afterwards a source has to start from where the arms are.
    """

    def __init__(self) -> None:
        super().__init__("dynamixel")
        self.params = params = declare(self, DynamixelParams)
        if self.get_parameter("use_sim_time").value:
            raise ParameterError(
                "use_sim_time is true, expected false: motors know real time only"
            )
        self._spec = spec = load_robot(params.robot_file)
        self._follows = params.role == "follower"
        self._driven = params.torque == "driven"
        if self._follows and self._driven:
            raise ParameterError(
                "torque is 'driven', which is for leaders; expected auto, on or off"
            )
        self._channel = spec.state if self._follows else spec.leader
        buses = _open_buses(params, spec, self._now_ns)
        self._arms = ArmGroup(spec, "command" if self._follows else "leader", buses)
        for text in self._arms.connect():
            self.get_logger().info(text)
        self._set_torque_at_start()
        self._sample: JointSample | None = None
        self._sampled_s = time.monotonic()
        self._missing = self._hold = ""
        self._guard = CommandGuard(
            spec, max_age_s=params.max_command_age_s, timeout_s=params.hold_after_s
        )
        self._commands: GuardedCommands | None = None
        if self._follows or self._driven:
            self._commands = GuardedCommands(
                self, spec, self._guard, self._now_ns, leader=self._driven
            )
        topic = "joint_states" if self._follows else "leader/joint_states"
        self._out = publisher(self, JointState, topic, qos.JOINT_STATES)
        self.create_service(SetBool, "~/torque", self._on_torque)
        self.create_service(Trigger, "~/reboot", self._on_reboot)
        self._diagnostics = Diagnostics(self, self._check)
        self._period_s = 1 / (params.rate_hz or spec.rate_hz)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(self._period_s, self._tick, clock=steady)
        self._tell_start(topic)

    def _tell_start(self, topic: str) -> None:
        torque = "on" if self._arms.torque else "off"
        self.get_logger().info(
            f"robot {self._spec.name}, {self.params.role}s on {topic} at "
            f"{1 / self._period_s:g} Hz, torque {torque}"
        )
        if self._follows and self._spec.needs_bridge:
            self.get_logger().info(
                "the robot file names topics of other drivers; start the rest with bridge:=false"
            )

    def _now_ns(self) -> int:
        return int(self.get_clock().now().nanoseconds)

    def _set_torque_at_start(self) -> None:
        wanted = self.params.torque == "on" or (self.params.torque == "auto" and self._follows)
        if wanted and not self._arms.torque:
            self._arms.set_torque(True)
        elif not wanted and self._arms.any_torque:
            self.get_logger().warning("turning off torque, as asked; the arms are free")
            self._arms.set_torque(False)

    def _tick(self) -> None:
        now_s = time.monotonic()
        seen = self._arms.read()
        if isinstance(seen, Missing):
            self._missing = seen.reason
        else:
            self._sample, self._sampled_s, self._missing = seen, now_s, ""
            self._guard.see_pose(seen.positions, now_s)
            self._publish(seen)
        self._change_hold(self._reason_to_hold(time.monotonic()))
        if self._commands is None or self._hold:
            return
        self._guard.watch(now_s)
        if self._driven:
            self._arms.keep_torque(self._guard.state is GuardState.FOLLOWING)
        if self._arms.torque:
            setpoint = self._guard.setpoint(now_s)
            if setpoint is not None:
                self._arms.write(setpoint)

    def _reason_to_hold(self, now_s: float) -> str:
        silent_s, limit_s = now_s - self._sampled_s, self.params.hold_without_samples_s
        if silent_s > limit_s:
            return f"no sample for {silent_s:.2f} s (limit {limit_s:g} s): {self._missing}"
        if self._arms.faults:
            service = f"{self.get_fully_qualified_name()}/reboot"
            return f"{'; '.join(self._arms.faults)}; see to the cause, then call {service}"
        return ""

    def _change_hold(self, reason: str) -> None:
        if reason:
            text = f"{reason}; nothing is sent, the arms keep goal and torque"
            self.get_logger().error(text, throttle_duration_sec=2.0)
        elif self._hold and self._sample is not None:
            self.get_logger().info("samples are back, without a fault; waiting for commands")
            self._guard.reset(self._sample.positions, self._now_ns())
        self._hold = reason

    def _publish(self, sample: JointSample) -> None:
        message = write_vector(sample.positions, self._channel, sample.stamp_ns)
        message.velocity = (sample.velocities * self._channel.span).tolist()
        message.effort = sample.efforts.tolist()
        self._out.publish(message)

    def _on_torque(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        try:
            self._arms.set_torque(request.data)
        except BusError as error:
            response.message = str(error)
            return response
        if self._sample is not None:
            self._guard.reset(self._sample.positions, self._now_ns())
        response.success = True
        response.message = f"torque is {'on' if request.data else 'off'}"
        self.get_logger().warning(response.message)
        return response

    def _on_reboot(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        del request
        try:
            names = self._arms.reboot()
        except BusError as error:
            response.message = str(error)
            return response
        response.success = True
        response.message = f"rebooted {', '.join(names)}" if names else "no motor reports an error"
        self.get_logger().warning(response.message)
        return response

    def _check(self) -> Health:
        health = self._commands.health() if self._commands else Health(OK, "running")
        if self._hold:
            health = replace(health, level=ERROR, message=self._hold)
        elif self._follows and not self._arms.torque:
            text = f"torque is off; {self.get_fully_qualified_name()}/torque turns it on"
            health = replace(health, level=WARN, message=text)
        values = {"torque": self._arms.torque, **self._arms.figures()}
        return replace(health, values={**health.values, **values})

    def stop(self) -> None:
        """Leave the motors with torque and goal, unless told to release them."""
        try:
            self._arms.close(release=self.params.release_on_exit)
        except BusError as error:
            self.get_logger().error(f"at the end: {error}")


def _open_buses(
    params: DynamixelParams, spec: RobotSpec, now_ns: Callable[[], int]
) -> dict[str, ServoBus]:
    """Return arm → bus; raises ParameterError."""
    arms = [arm.name for arm in spec.arms]
    given = [text for text in params.buses if text]
    given = given or [f"{arm}=aloha_{params.role}" for arm in arms]
    names = dict(text.split("=", 1) for text in given if "=" in text)
    for name in names:
        if name not in arms:
            raise ParameterError(f"buses: no arm '{name}'{suggestion(name, arms)}")
    if list(names) != [text.partition("=")[0] for text in given] or len(names) < len(arms):
        raise ParameterError(f"buses is {given}, expected arm=bus for each of {', '.join(arms)}")
    folder = user_path(params.calibration_dir)
    return {
        arm: ServoBus(arm, load_bus(bus, arm, folder), params.answer_timeout_s, now_ns)
        for arm, bus in names.items()
    }


def main() -> None:
    """Run the node."""
    sys.exit(run_node(DynamixelNode, DynamixelParams))


if __name__ == "__main__":
    main()

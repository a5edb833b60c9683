# SPDX-License-Identifier: Apache-2.0
"""Leader-follower teleoperation: leader/joint_states in, joint_commands out."""

import math
import sys
import time

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from sensor_msgs.msg import JointState

from act_core.errors import ActError, JointValuesError
from act_core.observation import JointSample
from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.joints import read_sample, read_vector, write_vector
from act_core.ros.params import declare
from act_core.ros.peers import rival_names
from act_core.ros.run import run_node
from act_core.ros.stamps import to_ns
from act_interfaces.msg import TeleopStatus
from act_teleop.follower_command import FollowerCommand
from act_teleop.teleop_params import TeleopParams

WATCHDOG_S = 0.05
STATUS_S = 0.5
AHEAD_S = 1.0


class TeleopNode(Node):
    """Follows the leader while leader and robot are there and nobody else commands the robot.

    Otherwise it holds and says why.
    Holding means to send nothing: the robot keeps its last command, torque on. After a hold it
    starts again from the robot's measured pose.
    """

    def __init__(self) -> None:
        """Wait for the leader and for the robot's measured pose."""
        super().__init__("teleop")
        self.params = declare(self, TeleopParams)
        self._spec = load_robot(self.params.robot_file)
        self._follower = FollowerCommand(self._spec)
        self._measured: JointSample | None = None
        self._waiting: JointState | None = None
        self._rivals: list[str] = []
        self._leader_at_s = self._robot_at_s = -math.inf
        self._status = TeleopStatus()
        self._status_at_s = -math.inf
        self._simulated = bool(self.get_parameter("use_sim_time").value)
        self._command_out = self.create_publisher(JointState, "joint_commands", qos.COMMANDS)
        self._status_out = self.create_publisher(TeleopStatus, "~/status", qos.STATUS)
        self.create_subscription(JointState, "joint_states", self._on_state, qos.JOINT_STATES)
        self.create_subscription(
            JointState, "leader/joint_states", self._on_leader, qos.JOINT_STATES
        )
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(WATCHDOG_S, self._watch, clock=steady)
        self._report(TeleopStatus.WAITING, "leader/joint_states: no sample yet")

    def _on_state(self, message: JointState) -> None:
        try:
            self._measured = read_sample(message, self._spec.state)
        except ActError as error:
            self.get_logger().error(f"joint_states refused: {error}", throttle_duration_sec=1.0)
            return
        self._robot_at_s = time.monotonic()
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self._follow(waiting)

    def _on_leader(self, message: JointState) -> None:
        self._leader_at_s = time.monotonic()
        self._follow(message)

    def _follow(self, message: JointState) -> None:
        if self._rivals:
            return  # the watchdog says so
        stamp_ns = to_ns(message.header.stamp)
        try:
            if not stamp_ns:
                raise JointValuesError("header.stamp is 0; the leader's driver has to set it")
            leader = read_vector(message, self._spec.leader)
            if self._follower.needs_pose(stamp_ns):
                if not self._knows_pose(stamp_ns):
                    self._waiting = message  # the robot's present pose is still under way
                    return
                assert self._measured is not None
                self._follower.engage(self._measured.positions)
            received_ns = stamp_ns if self._simulated else time.monotonic_ns()
            command = self._follower.follow(leader, stamp_ns, received_ns)
        except ActError as error:
            self._follower.disengage()
            self._status.rejected += 1
            self._report(TeleopStatus.HOLDING, f"leader/joint_states refused: {error}")
            return
        self._command_out.publish(write_vector(command, self._spec.command, stamp_ns))
        ahead_s = self._follower.ahead_ns / 1e9
        if ahead_s > AHEAD_S:
            self.get_logger().warning(
                f"leader/joint_states: stamps ran {ahead_s:.1f} s ahead of this node's clock, so "
                "the follower lags; in simulated time set use_sim_time",
                throttle_duration_sec=5.0,
            )
        self._report(TeleopStatus.FOLLOWING, "")

    def _knows_pose(self, stamp_ns: int) -> bool:
        if self._measured is None or self._silent_s(self._robot_at_s) > self._limit_s:
            return False
        return self._measured.stamp_ns >= stamp_ns - 2 * self._spec.period_ns

    @property
    def _limit_s(self) -> float:
        return self.params.input_timeout_s

    def _silent_s(self, since_s: float) -> float:
        return time.monotonic() - since_s

    def _watch(self) -> None:
        leader_s, robot_s = self._silent_s(self._leader_at_s), self._silent_s(self._robot_at_s)
        self._status.leader_age_s = leader_s
        reasons = [
            f"{topic}: no sample "
            + ("yet" if math.isinf(s) else f"for {s:.2f} s (limit {self._limit_s:g} s)")
            for topic, s in (("leader/joint_states", leader_s), ("joint_states", robot_s))
            if s > self._limit_s
        ]
        self._rivals = rival_names(self, "joint_commands")
        if self._rivals:  # two streams of commands would throw the arms to and fro
            reasons.append(
                f"joint_commands: {', '.join(self._rivals)} publishes them too; stop it"
            )
        if reasons:
            self._follower.disengage()
            self._waiting = None
            text = "; ".join(reasons)
            if self._status.state == TeleopStatus.WAITING:
                self._report(TeleopStatus.WAITING, text)
            else:
                self._report(TeleopStatus.HOLDING, f"{text}; holding")
        elif self._silent_s(self._status_at_s) > STATUS_S:
            self._publish_status()

    def _report(self, state: int, message: str) -> None:
        before = (self._status.state, self._status.message)
        self._status.state, self._status.message = state, message
        if state == before[0] and self._silent_s(self._status_at_s) <= STATUS_S:
            return
        self._publish_status()
        if state != before[0] and state == TeleopStatus.FOLLOWING:
            self.get_logger().info("following the leader")
        elif state != TeleopStatus.FOLLOWING:
            self.get_logger().warning(message, throttle_duration_sec=2.0)

    def _publish_status(self) -> None:
        self._status_at_s = time.monotonic()
        self._status.header.stamp = self.get_clock().now().to_msg()
        self._status_out.publish(self._status)


def main() -> None:
    """Run the node."""
    sys.exit(run_node(TeleopNode))


if __name__ == "__main__":
    main()

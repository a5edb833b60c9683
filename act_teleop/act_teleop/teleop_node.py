# SPDX-License-Identifier: Apache-2.0
"""Leader-follower teleoperation: leader/joint_states in, joint_commands out."""

import sys
import time
from dataclasses import dataclass

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from sensor_msgs.msg import JointState

from act_core.errors import ActError
from act_core.observation import JointSample
from act_core.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.joints import read_sample, read_vector, write_vector
from act_core.ros.params import declare, param
from act_core.ros.run import run_node
from act_core.ros.stamps import to_ns
from act_interfaces.msg import TeleopStatus
from act_teleop.follower_command import FollowerCommand

WATCHDOG_S = 0.05


@dataclass(frozen=True)
class TeleopParams:
    """See each field's description; `docs/reference/parameters.md` lists them."""

    robot_file: str = param("aloha_sim", "Shipped robot's name, or path of a robot YAML file.")
    leader_timeout_s: float = param(
        0.1, "Hold when no leader sample came for this long, s; in lockstep take 1 or more.",
        low=0.02, high=60.0,
    )  # fmt: skip


class TeleopNode(Node):
    """Follows the leader while it is there; holds, and says so, when it is not.

    Holding means to send nothing: the robot keeps its last command, torque on.
    """

    def __init__(self) -> None:
        """Wait for the leader and for the robot's measured pose."""
        super().__init__("teleop")
        self.params = declare(self, TeleopParams)
        self._spec = load_robot(self.params.robot_file)
        self._follower = FollowerCommand(self._spec)
        self._measured: JointSample | None = None
        self._waiting: JointState | None = None
        self._leader_at_s: float | None = None
        self._status = TeleopStatus()
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
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self._on_leader(waiting)

    def _on_leader(self, message: JointState) -> None:
        self._leader_at_s = time.monotonic()
        stamp_ns = to_ns(message.header.stamp)
        try:
            leader = read_vector(message, self._spec.leader)
            if self._follower.needs_pose(stamp_ns):
                if self._measured is None or self._measured.stamp_ns < stamp_ns - self._recent_ns:
                    self._waiting = message  # the robot's present pose is still under way
                    return
                self._follower.engage(self._measured.positions)
            command = self._follower.follow(leader, stamp_ns)
        except ActError as error:
            self._follower.disengage()
            self._status.rejected += 1
            self._report(TeleopStatus.HOLDING, f"leader/joint_states refused: {error}")
            return
        self._command_out.publish(write_vector(command, self._spec.command, stamp_ns))
        if self._status.state != TeleopStatus.FOLLOWING:
            self._report(TeleopStatus.FOLLOWING, "")

    @property
    def _recent_ns(self) -> int:
        return 2 * self._spec.period_ns

    def _watch(self) -> None:
        if self._leader_at_s is None or self._status.state != TeleopStatus.FOLLOWING:
            return
        age_s = time.monotonic() - self._leader_at_s
        self._status.leader_age_s = age_s
        if age_s > self.params.leader_timeout_s:
            self._follower.disengage()
            limit = self.params.leader_timeout_s
            self._report(
                TeleopStatus.HOLDING,
                f"leader/joint_states: no sample for {age_s:.2f} s (limit {limit:g} s); holding",
            )

    def _report(self, state: int, message: str) -> None:
        changed = (state, message) != (self._status.state, self._status.message)
        self._status.state, self._status.message = state, message
        self._status.header.stamp = self.get_clock().now().to_msg()
        self._status_out.publish(self._status)
        if state == TeleopStatus.FOLLOWING:
            self.get_logger().info("following the leader")
        elif changed:
            self.get_logger().warning(message, throttle_duration_sec=1.0)


def main() -> None:
    """Run the node."""
    sys.exit(run_node(TeleopNode))


if __name__ == "__main__":
    main()

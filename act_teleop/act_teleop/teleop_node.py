# SPDX-License-Identifier: Apache-2.0
"""Leader-follower teleoperation: leader/joint_states in, joint_commands out.

A plain node, as all but the policy: only the policy has something to load and to check against
the robot before it may be asked to act, which is what a lifecycle is for.
"""

import sys
import time

from numpy import float64
from numpy.typing import NDArray
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import JointState

from act_core.errors import ActError, OtherJointsError
from act_core.robot.motion_watch import MotionWatch
from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.command_output import CommandOutput
from act_core.ros.diagnostics import ERROR, WARN
from act_core.ros.endpoints import publisher, subscription
from act_core.ros.messages.joints import read_sample, read_vector, write_vector
from act_core.ros.messages.stamps import to_ns
from act_core.ros.params import declare
from act_core.ros.process.run import run_node
from act_core.ros.status_reporter import StatusReporter
from act_core.ros.stream_watch import StreamWatch
from act_interfaces.msg import TeleopStatus
from act_teleop.operator_input import OperatorInput
from act_teleop.take_over import TakeOver
from act_teleop.teleop_inputs import LeaderSample
from act_teleop.teleop_params import TeleopParams
from act_teleop.teleoperation import State, Teleoperation

WATCHDOG_S = 0.02
AHEAD_S = 1.0
PARK_LIMIT_S = 20.0
# A hand may be faster than the robot, which then lags behind it.
LEADER_SPEED = 3.0

_WIRE_STATES = {state: getattr(TeleopStatus, state.name) for state in State}


class TeleopNode(Node):
    """Messages to a Teleoperation, its commands to messages.

    Holding means to send nothing: the robot keeps its last command, torque on. After a hold it
    starts again from the robot's measured pose.
    """

    def __init__(self) -> None:
        super().__init__("teleop")
        self.params = declare(self, TeleopParams)
        self._spec = load_robot(self.params.robot_file)
        self._teleoperation = Teleoperation(self._spec, self.params)
        self._simulated = bool(self.get_parameter("use_sim_time").value)
        self._leader_stamp_ns = 0
        self._timed = self.params.pace == "realtime"  # in lockstep stamps are counted
        self._watch = StreamWatch(self, self.params if self._timed else None)
        self._motions = {
            "joint_states": MotionWatch(self._spec),
            "leader/joint_states": MotionWatch(self._spec, LEADER_SPEED),
        }
        self._out = CommandOutput(self, self._spec, "teleop")
        self._out.open()
        self._leaders_out: Publisher | None = None
        if self.params.active_leaders:
            topic = "leader/joint_commands"
            self._leaders_out = publisher(self, JointState, topic, qos.COMMANDS)
        levels = {TeleopStatus.WAITING: WARN, TeleopStatus.HOLDING: ERROR}
        self._reporter = StatusReporter(self, TeleopStatus(), levels)
        self._operator = OperatorInput(self, self._spec, self.params, self._teleoperation)
        self._take_over = TakeOver(self, self._teleoperation, self._out, self.params.policy_node)
        subscription(self, JointState, "joint_states", self._on_state, qos.JOINT_STATES)
        subscription(self, JointState, "leader/joint_states", self._on_leader, qos.JOINT_STATES)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(WATCHDOG_S, self._look, clock=steady)
        self.create_timer(1 / self._spec.rate_hz, self._on_tick, clock=steady)
        self._tell()

    def _on_state(self, message: JointState) -> None:
        try:
            sample = read_sample(message, self._spec.state)
        except OtherJointsError:
            return  # another device's, on the same topic
        except ActError as error:
            self._watch.refuse("joint_states", f"joint_states refused: {error}")
            return
        if self._is_glitch("joint_states", sample.positions, sample.stamp_ns):
            return
        self._send(self._teleoperation.see_robot(sample, time.monotonic()))

    def _on_leader(self, message: JointState) -> None:
        try:
            vector = read_vector(message, self._spec.leader)
        except OtherJointsError:
            return
        except ActError as error:
            self._teleoperation.refuse(str(error), time.monotonic())
            self._tell()
            return
        stamp_ns = to_ns(message.header.stamp)
        if self._is_glitch("leader/joint_states", vector, stamp_ns):
            self._teleoperation.rejected += 1
            return
        self._leader_stamp_ns = stamp_ns
        received_ns = self._leader_stamp_ns if self._simulated else time.monotonic_ns()
        sample = LeaderSample(vector, self._leader_stamp_ns, received_ns)
        self._send(self._teleoperation.see_leader(sample, time.monotonic()))

    def _is_glitch(self, topic: str, vector: NDArray[float64], stamp_ns: int) -> bool:
        """Look at clock and motion of a sample; tell whether it is to be left out."""
        self._watch.tell(topic, stamp_ns)
        glitch = self._motions[topic].see(vector, stamp_ns) if self._timed and stamp_ns else ""
        if glitch:
            self._watch.refuse(topic, f"{topic} refused: {glitch}")
        return bool(glitch)

    def _on_tick(self) -> None:
        now_s = time.monotonic()
        command = self._teleoperation.tick(now_s)
        if command is not None:
            self._send(command)
        if self._leaders_out is not None:
            self._lead(self._leaders_out, now_s)

    def _lead(self, out: Publisher, now_s: float) -> None:
        """Lead leaders with motors to where the robot is."""
        goal = self._teleoperation.leader_goal(now_s)
        if goal is not None:
            now_ns = self.get_clock().now().nanoseconds
            message = write_vector(goal, self._spec.leader, now_ns)
            message.header.frame_id = self._out.source
            out.publish(message)

    def _send(self, command: NDArray[float64] | None) -> None:
        if command is not None:
            now_ns = self.get_clock().now().nanoseconds
            self._out.send(command, now_ns if self._timed else self._leader_stamp_ns)
            ahead_s = self._teleoperation.ahead_s
            if ahead_s > AHEAD_S:
                self.get_logger().warning(
                    f"leader/joint_states: stamps ran {ahead_s:.1f} s ahead of this node's clock, "
                    "so the follower lags; in simulated time set use_sim_time",
                    throttle_duration_sec=5.0,
                )
        self._tell()

    def _look(self) -> None:
        deadman = self._operator.deadman
        self._teleoperation.watch(time.monotonic(), self._out.rivals, deadman=deadman)
        self._tell()
        self._reporter.refresh()

    def _tell(self) -> None:
        """Report the state, and log a change of it."""
        state, reason = self._teleoperation.state, self._teleoperation.reason
        status = self._reporter.status
        status.header.stamp = self.get_clock().now().to_msg()
        status.leader_age_s = self._teleoperation.leader_age_s(time.monotonic())
        status.rejected = self._teleoperation.rejected
        changed = self._reporter.report(_WIRE_STATES[state], reason)
        log = self.get_logger()
        if state is State.FOLLOWING:
            if changed:
                log.info("following the leader")
        elif state is State.HOLDING and changed:
            log.error(reason)
        elif state in (State.READY, State.PARKING):
            if changed:
                log.info(reason)
        else:
            log.warning(reason, throttle_duration_sec=2.0)

    def stop(self) -> None:
        """Park, if that is wanted: nothing else may move after this."""
        if not self.params.park_on_exit:
            return
        end_s = time.monotonic() + PARK_LIMIT_S
        refusal = self._teleoperation.go_to(self._spec.sleep, "park", time.monotonic())
        if refusal:
            self.get_logger().error(f"not parked: {refusal}")
        while self._teleoperation.state is State.PARKING and time.monotonic() < end_s:
            self._on_tick()
            time.sleep(1 / self._spec.rate_hz)


def main() -> None:
    """Run the node."""
    sys.exit(run_node(TeleopNode, TeleopParams))


if __name__ == "__main__":
    main()

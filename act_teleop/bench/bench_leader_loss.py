# SPDX-License-Identifier: Apache-2.0
"""How long after a leader's death teleoperation sends its last command, and says that it holds.

    python3 act_teleop/bench/bench_leader_loss.py [--kills 50]

The leader is a process of its own at 50 Hz, killed as a crash would, each time anew.
"""

import argparse
import os
import subprocess
import sys
import time

import numpy as np
import rclpy
from rclpy.experimental import EventsExecutor
from rclpy.node import Node
from sensor_msgs.msg import JointState

from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.messages.joints import write_vector
from act_interfaces.msg import TeleopStatus

ROBOT = "aloha_sim"
LEADER = f"""
import rclpy, time
from sensor_msgs.msg import JointState
from act_core.robot.robot_file import load_robot
from act_core.ros.messages.joints import write_vector
rclpy.init()
node, spec = rclpy.create_node("leader"), load_robot("{ROBOT}")
out = node.create_publisher(JointState, "leader/joint_states", 10)
while True:
    out.publish(write_vector(spec.start, spec.leader, node.get_clock().now().nanoseconds))
    time.sleep(1 / spec.rate_hz)
"""


class Probe(Node):
    """Plays the robot, and notes the newest command and state of teleoperation."""

    def __init__(self) -> None:
        super().__init__("probe")
        self._spec = load_robot(ROBOT)
        self.command_s, self.state, self.state_s = 0.0, TeleopStatus.WAITING, 0.0
        self._out = self.create_publisher(JointState, "joint_states", qos.JOINT_STATES)
        self.create_subscription(JointState, "joint_commands", self._on_command, qos.COMMANDS)
        self.create_subscription(TeleopStatus, "teleop/status", self._on_status, qos.STATUS)
        self.create_timer(1 / self._spec.rate_hz, self._send)

    def _send(self) -> None:
        now_ns = self.get_clock().now().nanoseconds
        self._out.publish(write_vector(self._spec.start, self._spec.state, now_ns))

    def _on_command(self, _: JointState) -> None:
        self.command_s = time.monotonic()

    def _on_status(self, status: TeleopStatus) -> None:
        if status.state != self.state:
            self.state, self.state_s = status.state, time.monotonic()


def kill_once(probe: Probe, executor: EventsExecutor) -> tuple[float, float]:
    """Return the time from a kill to the last command and to the hold, s."""

    def spin_until(state: int, limit_s: float) -> None:
        end_s = time.monotonic() + limit_s
        while probe.state != state:
            executor.spin_once(timeout_sec=0.02)
            if time.monotonic() > end_s:
                sys.exit(f"state {state} is not reached in {limit_s:g} s, it is {probe.state}")

    leader = subprocess.Popen([sys.executable, "-c", LEADER])
    try:
        spin_until(TeleopStatus.FOLLOWING, 20.0)
        end_s = time.monotonic() + 0.5
        while time.monotonic() < end_s:
            executor.spin_once(timeout_sec=0.02)
    finally:
        killed_s = time.monotonic()
        leader.kill()
        leader.wait()
    spin_until(TeleopStatus.HOLDING, 5.0)
    return max(probe.command_s - killed_s, 0.0), probe.state_s - killed_s


def main() -> None:
    """Print the distribution over all kills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    args = parser.parse_args()
    os.environ["ROS_DOMAIN_ID"] = str(100 + os.getpid() % 100)
    command = [sys.executable, "-m", "act_teleop.teleop_node", "--ros-args", "-p", "engage:=auto"]
    teleop = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )  # fmt: skip
    rclpy.init()
    probe, executor = Probe(), EventsExecutor()
    executor.add_node(probe)
    try:
        found = 1000 * np.array([kill_once(probe, executor) for _ in range(args.kills)])
    finally:
        teleop.kill()
        teleop.wait()
    for label, ms in zip(("last command", "hold is said"), found.T, strict=True):
        p50, p99 = np.percentile(ms, [50, 99])
        print(
            f"{label} after the kill: p50 {p50:5.1f} ms, p99 {p99:5.1f} ms, max {ms.max():5.1f} "
            f"ms; within 100 ms {int((ms <= 100).sum())} of {len(ms)}"
        )


if __name__ == "__main__":
    main()

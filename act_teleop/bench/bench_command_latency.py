# SPDX-License-Identifier: Apache-2.0
"""How long a leader sample takes to become a command, and a command to reach a controller.

    python3 act_teleop/bench/bench_command_latency.py [--seconds 20]

Each hop is a process of its own over DDS. A bare rclpy node that sends back what it gets runs
beside them in the same run: what the machine itself takes.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rclpy
from rclpy.experimental import EventsExecutor
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory

from act_core.robot.robot_file import load_robot, shipped_robots
from act_core.ros import qos
from act_core.ros.messages.joints import write_vector

ECHO = """
import rclpy
from rclpy.experimental import EventsExecutor
from sensor_msgs.msg import JointState
rclpy.init()
node = rclpy.create_node("echo")
out = node.create_publisher(JointState, "echo_out", 10)
node.create_subscription(JointState, "echo_in", lambda message: out.publish(message), 10)
executor = EventsExecutor()
executor.add_node(node)
while True:
    executor.spin_once(timeout_sec=1.0)
"""
# A joint state on the arm's own topic, so that the bridge joins as well as it splits.
ROBOT = shipped_robots()["ros2_control_arm"].replace(
    "    driver:\n", "    driver:\n      state: {topic: arm/joint_states}\n"
)


class Probe(Node):
    """Plays arm and leader, and notes when what follows from each sample arrives."""

    def __init__(self, robot: Path, rate_hz: float) -> None:
        super().__init__("probe")
        self._spec = load_robot(str(robot))
        self._sent_s = {"echo": 0.0, "leader": 0.0, "state": 0.0, "command": 0.0}
        self.latencies_s: dict[str, list[float]] = {
            "bare echo": [], "leader → command": [], "command → controller": [],
            "arm state → joint_states": [],
        }  # fmt: skip
        self.measuring = False
        depth = 10
        self._outs = {
            "echo": self.create_publisher(JointState, "echo_in", depth),
            "leader": self.create_publisher(JointState, "leader/joint_states", depth),
            "state": self.create_publisher(JointState, "arm/joint_states", depth),
        }
        for topic, kind, start, label in (
            ("echo_out", JointState, "echo", "bare echo"),
            ("joint_commands", JointState, "leader", "leader → command"),
            ("joint_states", JointState, "state", "arm state → joint_states"),
            ("joint_trajectory_controller/joint_trajectory", JointTrajectory, "command",
             "command → controller"),
        ):  # fmt: skip
            self.create_subscription(kind, topic, self._note(start, label), qos.COMMANDS)
        self.create_timer(1 / rate_hz, self._send)
        self.engage = self.create_client(Trigger, "teleop/engage")

    def is_held(self) -> bool:
        """Return whether commands have been out for a while."""
        return time.perf_counter() - self._sent_s["command"] > 0.3

    def _send(self) -> None:
        for name, channel in (
            ("echo", self._spec.state), ("state", self._spec.state), ("leader", self._spec.leader),
        ):  # fmt: skip
            now_ns = self.get_clock().now().nanoseconds
            message = write_vector(self._spec.start, channel, now_ns)
            self._sent_s[name] = time.perf_counter()
            self._outs[name].publish(message)

    def _note(self, start: str, label: str):
        def hear(_: object) -> None:
            now_s = time.perf_counter()
            if self.measuring:
                self.latencies_s[label].append(now_s - self._sent_s[start])
            if label == "leader → command":
                self._sent_s["command"] = now_s

        return hear


def measure(rate_hz: float, seconds: float, folder: Path) -> dict[str, list[float]]:
    """Return hop → latencies, s, at `rate_hz`."""
    robot = folder / "robot.yaml"
    robot.write_text(ROBOT.replace("rate_hz: 50.0", f"rate_hz: {rate_hz}"))
    nodes = {
        "act_teleop.teleop_node": ["-p", "engage:=call", "-p", "input_timeout_s:=1.0"],
        "act_teleop.bridge.arm_bridge_node": [],
    }
    commands = [[sys.executable, "-c", ECHO]] + [
        [sys.executable, "-m", module, "--ros-args", "-p", f"robot_file:={robot}", *more]
        for module, more in nodes.items()
    ]
    with (folder / "log").open("w") as log:
        running = [subprocess.Popen(c, stdout=log, stderr=log) for c in commands]
        try:
            return _probe(robot, rate_hz, seconds)
        finally:
            for process in running:
                process.kill()
                process.wait()


def _probe(robot: Path, rate_hz: float, seconds: float) -> dict[str, list[float]]:
    probe, executor = Probe(robot, rate_hz), EventsExecutor()
    executor.add_node(probe)
    begin_s, asked_s = time.monotonic() + 8.0, 0.0
    while (now_s := time.monotonic()) < begin_s + seconds:
        executor.spin_once(timeout_sec=0.05)
        probe.measuring = now_s > begin_s
        # At the start, and anew after a machine that stood still has let teleoperation hold.
        if now_s > max(begin_s - 2.0, asked_s + 0.5) and probe.is_held():
            probe.engage.call_async(Trigger.Request())
            asked_s = now_s
    executor.remove_node(probe)
    probe.destroy_node()
    return probe.latencies_s


def main() -> None:
    """Print p50, p99 and the largest latency of each hop at 50 and 100 Hz."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    args = parser.parse_args()
    os.environ["ROS_DOMAIN_ID"] = str(100 + os.getpid() % 100)
    rclpy.init()
    for rate_hz in (50.0, 100.0):
        with tempfile.TemporaryDirectory() as folder:
            found = measure(rate_hz, args.seconds, Path(folder))
        for label, latencies_s in found.items():
            ms = 1000 * np.array(latencies_s or [np.nan])
            p50, p99 = np.percentile(ms, [50, 99])
            print(
                f"{rate_hz:3.0f} Hz  {label:26} p50 {p50:6.2f} ms  p99 {p99:6.2f} ms  "
                f"max {ms.max():6.2f} ms  ({len(latencies_s)} messages)"
            )
    rclpy.shutdown()


if __name__ == "__main__":
    main()

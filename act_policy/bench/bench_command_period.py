# SPDX-License-Identifier: Apache-2.0
"""How evenly a driving policy's commands come, beside bare timers in the same run.

    python3 act_policy/bench/bench_command_period.py [--seconds 60] [--engine auto]

Simulator and policy are processes of their own, as `act deploy` starts them, with a query at every
tick. The bare timers are a node that publishes the same message at the same rate and does nothing
else: by the simulator's clock, as the policy does, and by the machine's.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import rclpy
from domain_coordinator import domain_id
from rclpy.experimental import EventsExecutor
from rclpy.node import Node
from sensor_msgs.msg import JointState

from act_core.robot.robot_file import load_robot
from act_core.ros import qos

SPEC = load_robot("aloha_sim")
PERIOD_S = 1 / SPEC.rate_hz
SETTLE_S = 12.0
BARE = """
import rclpy, sys
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.experimental import EventsExecutor
from sensor_msgs.msg import JointState
rclpy.init()
node = rclpy.create_node(sys.argv[1])
out = node.create_publisher(JointState, sys.argv[1], 10)
message = JointState(name=[str(i) for i in range(14)], position=[0.0] * 14)
clock = Clock(clock_type=ClockType.STEADY_TIME) if sys.argv[1] == "steady" else None
node.create_timer(float(sys.argv[2]), lambda: out.publish(message), clock=clock)
executor = EventsExecutor()
executor.add_node(node)
while True:
    executor.spin_once(timeout_sec=1.0)
"""
STREAMS = {"the policy": "joint_commands", "bare, /clock": "by_clock", "bare, steady": "steady"}


class Listener(Node):
    """Notes when each stream's messages arrive."""

    def __init__(self) -> None:
        super().__init__("listener")
        self.arrivals_s: dict[str, list[float]] = {name: [] for name in STREAMS}
        for name, topic in STREAMS.items():
            self.create_subscription(
                JointState, topic,
                lambda _, name=name: self.arrivals_s[name].append(time.perf_counter()),
                qos.COMMANDS,
            )  # fmt: skip


def processes(engine: str) -> list[list[str]]:
    """Return the commands to run."""
    timed = ["--ros-args", "-p", "use_sim_time:=true"]
    return [
        [sys.executable, "-m", "act_sim.sim_node", "--ros-args", "-p", "reset_on_start:=true"],
        [
            sys.executable, "-m", "act_policy.policy_node", *timed, "-p", "autostart:=true",
            "-p", "resume:=auto", "-p", f"engine:={engine}",
        ],
        [sys.executable, "-c", BARE, "by_clock", str(PERIOD_S), *timed],
        [sys.executable, "-c", BARE, "steady", str(PERIOD_S)],
    ]  # fmt: skip


def listen(seconds: float) -> dict[str, list[float]]:
    """Return stream → arrival times, s, once all has settled."""
    rclpy.init()
    listener, executor = Listener(), EventsExecutor()
    executor.add_node(listener)
    end_s = time.monotonic() + SETTLE_S + seconds
    while time.monotonic() < end_s:
        executor.spin_once(timeout_sec=0.05)
        if time.monotonic() < end_s - seconds:
            for arrivals in listener.arrivals_s.values():
                arrivals.clear()
    return listener.arrivals_s


def row(name: str, arrivals_s: Sequence[float]) -> str:
    """Return a line of the table."""
    gaps = np.diff(arrivals_s)
    off_ms = 1000 * np.abs(gaps - PERIOD_S)
    missed = np.round(gaps[gaps > 1.5 * PERIOD_S] / PERIOD_S - 1).sum()
    per_minute = 60 * missed / (arrivals_s[-1] - arrivals_s[0])
    return (
        f"{name:14} {len(arrivals_s):6} messages, off the period by p50 "
        f"{np.percentile(off_ms, 50):.1f} ms, p99 {np.percentile(off_ms, 99):.1f} ms; longest gap "
        f"{1000 * gaps.max():.0f} ms; {per_minute:.1f} ticks missed a minute"
    )


def main() -> None:
    """Print a row for each stream."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--engine", default="auto")
    args = parser.parse_args()
    with domain_id() as number, tempfile.TemporaryDirectory() as folder:
        os.environ["ROS_DOMAIN_ID"] = str(number)
        log = Path(folder) / "log"
        with log.open("w") as file:
            running = [
                subprocess.Popen(c, stdout=file, stderr=file) for c in processes(args.engine)
            ]
        try:
            arrivals = listen(args.seconds)
        finally:
            for process in running:
                process.kill()
                process.wait()
        if silent := [name for name, times in arrivals.items() if len(times) < 2]:  # noqa: PLR2004
            raise SystemExit(f"nothing of {', '.join(silent)}\n{log.read_text()[-2000:]}")
    print(f"engine {args.engine}")
    for name, times in arrivals.items():
        print(row(name, times))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Says what a robot file asks for, what is on the graph, and what to change."""

import os
import sys
import time
from functools import partial
from importlib import import_module
from typing import Any

from rclpy.node import Node
from rclpy.qos import ReliabilityPolicy

from act_core.errors import ActError
from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.diagnostics import OK, Diagnostics, Health
from act_core.ros.endpoints import subscription
from act_core.ros.messages.stamps import to_ns
from act_core.ros.params import declare
from act_core.ros.process.script import Script, run_script
from act_teleop.robot_check.expectations import Expected, expectations
from act_teleop.robot_check.findings import Found, faults, summary
from act_teleop.robot_check.robot_check_params import RobotCheckParams

# What discovery takes on a busy machine.
DISCOVERY_S = 2.0


class RobotCheck(Node):
    """Listens to every topic of a robot file for a while and compares."""

    def __init__(self) -> None:
        super().__init__("robot_check")
        self.params = declare(self, RobotCheckParams)
        self._spec = load_robot(self.params.robot_file)
        self._found = {e: Found() for e in expectations(self._spec, leader=self.params.leader)}
        self._wrong = 0
        self._diagnostics = Diagnostics(self, lambda: Health(OK, "listening"))

    def run(self, script: Script) -> None:
        """Listen, then say line by line what was expected and what there is.

        Raises:
            ActError: something is not as the file says.
        """
        self._wait(script, DISCOVERY_S)
        graph = dict(self.get_topic_names_and_types())
        for expected, found in self._found.items():
            self._look(expected, found, graph)
        self._wait(script, self.params.listen_s)
        script.say(f"robot {self._spec.name}, {self._spec.rate_hz:g} Hz")
        for expected, found in self._found.items():
            found.seconds = self.params.listen_s
            wrong = faults(expected, found, graph, self._spec.rate_hz)
            self._wrong += bool(wrong)
            mark = "x" if wrong else "ok"
            script.say(f"  {mark:2} {expected.role:28} {expected.topic}  ·  {summary(found)}")
            for line in wrong:
                script.say(f"       {line}")
        if self._wrong:
            text = f"{self._wrong} of {len(self._found)} topics are not as the file says"
            if not any(found.peers for found in self._found.values()):
                text += _nobody()
            raise ActError(text)

    def summary(self) -> str:
        """Return the closing line."""
        return f"all {len(self._found)} topics are as the robot file says"

    def _wait(self, script: Script, duration_s: float) -> None:
        end_s = time.monotonic() + duration_s
        script.wait_until(lambda: time.monotonic() > end_s, duration_s + 10.0, "the time")

    def _look(self, expected: Expected, found: Found, graph: dict[str, list[str]]) -> None:
        topic = self.resolve_topic_name(expected.topic)
        found.types = graph.get(topic, [])
        ask = self.get_subscriptions_info_by_topic if expected.commands else None
        infos = (ask or self.get_publishers_info_by_topic)(topic)
        found.peers = [f"{i.node_namespace.rstrip('/')}/{i.node_name}" for i in infos]
        if expected.commands or expected.kind not in found.types:
            return
        best_effort = ReliabilityPolicy.BEST_EFFORT
        found.best_effort = any(i.qos_profile.reliability == best_effort for i in infos)
        package, _, name = expected.kind.split("/")
        kind = getattr(import_module(f"{package}.msg"), name)
        hear = partial(self._hear, expected, found)
        subscription(self, kind, topic, hear, qos.NEWEST_ONLY)

    def _hear(self, expected: Expected, found: Found, message: Any) -> None:
        ours = set(expected.joints) & set(getattr(message, "name", ()))
        if expected.joints and not ours and set(expected.joints) & set(found.joints):
            return  # another device on the same topic
        if ours and not set(expected.joints) & set(found.joints):
            found.ages_s.clear()  # what came before was another device's
        now_ns = self.get_clock().now().nanoseconds
        found.ages_s.append((now_ns - to_ns(message.header.stamp)) / 1e9)
        if hasattr(message, "name"):
            found.joints = message.name
        elif hasattr(message, "encoding"):
            found.size_px, found.encoding = (message.height, message.width), message.encoding
        else:
            found.encoding = message.format


def _nobody() -> str:
    """Return why nobody at all may be there."""
    reach = os.environ.get("ROS_AUTOMATIC_DISCOVERY_RANGE", "SUBNET")
    domain = os.environ.get("ROS_DOMAIN_ID", "0")
    text = f"; nobody is there at all: ROS_DOMAIN_ID is {domain}, is it so on the robot's side?"
    if reach != "SUBNET":
        text += f" ROS_AUTOMATIC_DISCOVERY_RANGE is {reach}: nodes of other machines are not heard"
    return text


def check(args: list[str] | None = None) -> int:
    """Run the check; return its exit status."""
    return run_script(RobotCheck, RobotCheckParams, args)


def main() -> None:
    """Run the check as a program."""
    sys.exit(check())


if __name__ == "__main__":
    main()

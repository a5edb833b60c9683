# SPDX-License-Identifier: Apache-2.0
"""A robot, its leader and its cameras, every stream of which a test can disturb."""

import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from processes import wait_until
from rclpy.action import ActionClient
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CompressedImage, Image, JointState, Joy
from spun_node import SpunNode
from std_srvs.srv import Trigger

from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.messages.images import write_image
from act_core.ros.messages.joints import read_vector, write_vector
from act_core.ros.messages.stamps import to_ns, to_stamp
from act_core.ros.process.script import MUTUAL_S
from act_interfaces.action import RecordEpisode
from act_interfaces.msg import PolicyStatus, RecorderStatus, TeleopStatus

ROBOT_FILE = Path(__file__).with_name("cell.yaml")
SPEC = load_robot(str(ROBOT_FILE))
PERIOD_S = SPEC.period_ns / 1e9
CAMERA_S = 0.04
LIMIT_S = 60.0  # loading torch, on a busy machine
NODE_STOOD_STILL = re.compile(r"this node itself stood still for ([0-9.]+) s")
CELL = "cell"  # as a source of commands
# Replaces a message by those that are sent in its place.
Disturbance = Callable[[Any], Iterable[Any]]
STREAMS = {
    "/clock": Clock,
    "joint_states": JointState,
    "leader/joint_states": JointState,
    "joint_commands": JointState,
    "top/image_raw": Image,
    "wrist/image_raw": CompressedImage,
    "joy": Joy,
}


def silence(_: Any) -> tuple[()]:
    """Send nothing."""
    return ()


class FaultCell(SpunNode):
    """Plays arm, leader and cameras; hears commands and what the suite says of itself.

    The arm goes where it is commanded, at once, unless `torque` is off.

    Attributes:
        pose: (D,) of the arm.
        leader: (D,) of the leader arm.
        torque: whether the arm follows.
        commanding: whether the cell commands itself, to stay where it is.
        sim_ns: time of a simulator that this cell plays; None for a cell in real time.
        commands: steady time, source and vector of each command heard.
        status: newest status of each node, by its name.
        stood_still_s: longest time that this cell itself said nothing, on a busy machine; tests
            set it back.
    """

    def __init__(self, domain: int, sim_ns: int | None = None):
        super().__init__("fault_cell", domain)
        self.pose, self.leader = SPEC.start.copy(), SPEC.start.copy()
        self.torque, self.commanding, self.sim_ns = True, False, sim_ns
        self.commands: list[tuple[float, str, np.ndarray]] = []
        self.status: dict[str, Any] = {}
        self.stood_still_s, self._moved_at_s = 0.0, time.monotonic()
        self._disturbances: dict[str, Disturbance] = {}
        self._noise = np.random.default_rng(0)
        self._out = {
            name: self.create_publisher(kind, name, qos.JOINT_STATES)
            for name, kind in STREAMS.items()
            if sim_ns is not None or name != "/clock"
        }
        self.create_subscription(JointState, "joint_commands", self._obey, qos.COMMANDS)
        for name, kind in (
            ("teleop", TeleopStatus), ("recorder", RecorderStatus), ("policy", PolicyStatus),
        ):  # fmt: skip
            self.create_subscription(
                kind, f"{name}/status", lambda m, name=name: self.status.update({name: m}),
                qos.STATUS,
            )  # fmt: skip
        self._record = ActionClient(self, RecordEpisode, "recorder/record_episode")
        self.create_timer(PERIOD_S, self._move)
        self.create_timer(CAMERA_S, self._look)
        self.start()

    @property
    def now_ns(self) -> int:
        """Time that this cell's drivers stamp with."""
        return self.sim_ns or int(self.get_clock().now().nanoseconds)

    def disturb(self, stream: str, disturbance: Disturbance) -> None:
        """Pass the messages of `stream` through `disturbance` from now on."""
        self._disturbances[stream] = disturbance

    def disturb_once(self, stream: str, disturbance: Disturbance) -> None:
        """Pass one message of `stream` through `disturbance`."""

        def once(message: Any) -> Iterable[Any]:
            self._disturbances.pop(stream, None)
            return disturbance(message)

        self._disturbances[stream] = once

    def mend(self) -> None:
        """Let every stream be as it should."""
        self._disturbances.clear()
        self.torque, self.commanding = True, False

    def send(self, stream: str, message: Any) -> None:
        """Publish a message, disturbed where its stream is."""
        disturbance = self._disturbances.get(stream)
        for each in (message,) if disturbance is None else disturbance(message):
            self._out[stream].publish(each)

    def commands_in(self, duration_s: float) -> int:
        """Count the commands of the coming `duration_s`."""
        before = len(self.commands)
        time.sleep(duration_s)
        return len(self.commands) - before

    def wait_for_commands(self, count: int = 10) -> None:
        """Wait for `count` more commands."""
        before = len(self.commands)
        wait_until(
            lambda: len(self.commands) >= before + count, LIMIT_S,
            lambda: f"no commands, {self.told}",
        )  # fmt: skip

    def wait_for_status(self, node: str, what: str, ready: Callable[[Any], bool]) -> None:
        """Wait until the newest status of `node` is as `ready` wants it."""
        wait_until(
            lambda: node in self.status and ready(self.status[node]), LIMIT_S,
            lambda: f"{node} is not {what}, {self.told}",
        )  # fmt: skip

    @property
    def told(self) -> dict[str, str]:
        """What each node last said of itself, and how well this cell itself has run."""
        quiet_s = time.monotonic() - self._moved_at_s
        cell = f"spoke {quiet_s:.2f} s ago, stood still for up to {self.stood_still_s:.2f} s"
        said = {name: f"{s.state}: {s.message}" for name, s in self.status.items()}
        return {CELL: cell, **said}

    def stood_still(self, limit_s: float) -> bool:
        """Tell whether this cell or, as it says itself, a node did not run for that long.

        A node knows of it from when it looked last, up to two periods after the last sample.
        """
        told = (NODE_STOOD_STILL.search(status.message) for status in self.status.values())
        nodes_s = [float(match[1]) for match in told if match]
        return self.stood_still_s > limit_s or max(nodes_s, default=0.0) > limit_s - 2 * PERIOD_S

    def call(self, service: str) -> Any:
        """Return the answer of a Trigger service."""
        client = self.create_client(Trigger, service)
        assert client.wait_for_service(30.0), service
        future = client.call_async(Trigger.Request())
        wait_until(future.done, 30.0, f"{service}: no answer")
        return future.result()

    def begin_episode(self, rows: int = 1_000_000, **goal: Any) -> Any:
        """Send the recorder a goal; return its handle."""
        assert self._record.wait_for_server(30.0)
        time.sleep(MUTUAL_S)
        sent = self.ask(
            lambda: self._record.send_goal_async(RecordEpisode.Goal(max_frames=rows, **goal))
        )
        wait_until(sent.done, 20.0, "no answer to the goal")
        return sent.result()

    def end_of(self, goal: Any, limit_s: float = 30.0) -> Any:
        """Return the result of an accepted goal."""
        ended = self.ask(goal.get_result_async)
        wait_until(ended.done, limit_s, "the recording does not end")
        return ended.result().result

    def _move(self) -> None:
        before_s, self._moved_at_s = self._moved_at_s, time.monotonic()
        self.stood_still_s = max(self.stood_still_s, self._moved_at_s - before_s)
        if self.sim_ns is not None:
            self.sim_ns += SPEC.period_ns
            self.send("/clock", Clock(clock=to_stamp(self.sim_ns)))
        state = write_vector(self.pose, SPEC.state, self.now_ns)
        leader = write_vector(self.leader, SPEC.leader, self.now_ns)
        self.send("joint_states", state)
        self.send("leader/joint_states", leader)
        if self.commanding:
            command = write_vector(self.pose, SPEC.command, self.now_ns)
            command.header.frame_id = CELL
            self.send("joint_commands", command)

    def _look(self) -> None:
        picture = self._noise.integers(0, 256, (24, 32, 3), dtype=np.uint8)
        self.send("top/image_raw", write_image(picture, self.now_ns, "top"))
        _, jpeg = cv2.imencode(".jpg", picture)
        wrist = CompressedImage(format="jpeg", data=jpeg.tobytes())
        wrist.header.stamp = to_stamp(self.now_ns)
        self.send("wrist/image_raw", wrist)

    def _obey(self, message: JointState) -> None:
        if message.header.frame_id == CELL:
            return
        vector = read_vector(message, SPEC.command)
        self.commands.append((time.monotonic(), message.header.frame_id, vector))
        if self.torque:
            self.pose = vector


def shifted(message: Any, shift_s: float) -> Any:
    """Return `message` stamped `shift_s` later."""
    message.header.stamp = to_stamp(to_ns(message.header.stamp) + round(shift_s * 1e9))
    return message

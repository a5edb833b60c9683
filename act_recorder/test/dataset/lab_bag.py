# SPDX-License-Identifier: Apache-2.0
"""A recording as a lab makes it: two arms with bare joint names, a late 30 Hz camera."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from builtin_interfaces.msg import Time
from rclpy.serialization import serialize_message
from rosbags.interfaces import (
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from sensor_msgs.msg import CompressedImage, JointState

from act_core.robot.outlets import Outlet, outlets
from act_core.robot.robot_file import load_robot, parse_robot
from act_core.robot.robot_spec import RobotSpec
from act_core.ros.messages.command_formats import command_writer

MS = 1_000_000
START_NS = 1_700_000_000 * 10**9
_ZERO = QosTime(0, 0)
BEST_EFFORT = Qos(
    QosHistory.KEEP_LAST, 5, QosReliability.BEST_EFFORT, QosDurability.VOLATILE, _ZERO, _ZERO,
    QosLiveliness.AUTOMATIC, _ZERO, avoid_ros_namespace_conventions=False,
)  # fmt: skip

INTERBOTIX = get_typestore(Stores.ROS2_JAZZY)
for _name, _text in (
    ("JointGroupCommand", "string name\nfloat32[] cmd"),
    ("JointSingleCommand", "string name\nfloat32 cmd"),
):
    INTERBOTIX.register(get_types_from_msg(_text, f"interbotix_xs_msgs/msg/{_name}"))

# (topic, time of receipt in ns, message)
Sent = tuple[str, int, Any]


def lab_robot() -> RobotSpec:
    """Return aloha_2 with one small compressed camera."""
    text = load_robot("aloha_2").yaml_text
    text = text[: text.index("cameras:")] + (
        "cameras:\n  - {name: top, height_px: 24, width_px: 32, transport: compressed,\n"
        "     topic: /camera/color/image_raw/compressed}\n"
    )
    return parse_robot(text, "lab")


def lab_messages(
    spec: RobotSpec, duration_s: float, *, leaders: bool = True, commands: bool = True
) -> list[Sent]:
    """Return what a lab's drivers send: 100 Hz joints, a 30 Hz camera that is 60 ms late."""
    sent: list[Sent] = []
    for k in range(round(100 * duration_s)):
        stamp_ns = START_NS + 10 * MS * k
        pose = spec.start + 0.002 * k * ~spec.is_gripper
        sent += _arms(spec, "state", pose, stamp_ns, came_ns=stamp_ns + 1 * MS)
        if leaders:
            sent += _arms(spec, "leader", pose + 0.01, stamp_ns, came_ns=stamp_ns + 2 * MS)
        if commands and k % 2 == 0:
            message = joint_state(spec.command.names, spec.command.to_raw(pose + 0.01), stamp_ns)
            message.header.frame_id = "teleop/12@desk"
            sent.append(("joint_commands", stamp_ns + 3 * MS, message))
    for k in range(round(30 * duration_s)):
        stamp_ns = START_NS + round(k * 1e9 / 30)
        came_ns = stamp_ns + 60 * MS
        sent.append(("camera/color/image_raw/compressed", came_ns, jpeg(k, stamp_ns)))
    return sorted(sent, key=lambda each: each[1])


def controller_messages(spec: RobotSpec, duration_s: float) -> list[Sent]:
    """Return 50 Hz commands as controllers get them, the arms of a robot 1 ms apart."""
    sent: list[Sent] = []
    for k in range(round(50 * duration_s)):
        came_ns = START_NS + 20 * MS * k + 3 * MS
        raw = spec.command.to_raw(spec.start + 0.004 * k * ~spec.is_gripper + 0.01)
        for i, arm in enumerate(spec.arms):
            for outlet in outlets(arm):
                values = [float(v) for v in raw[spec.columns_of(arm)][outlet.share]]
                sent.append((outlet.topic, came_ns + i * MS, _command(outlet, values)))
    return sent


def _command(outlet: Outlet, values: list[float]) -> Any:
    if outlet.kind == "joint_group_command":
        kind = INTERBOTIX.types["interbotix_xs_msgs/msg/JointGroupCommand"]
        return kind(name=outlet.group, cmd=np.array(values, np.float32))
    if outlet.kind == "joint_single_command":
        kind = INTERBOTIX.types["interbotix_xs_msgs/msg/JointSingleCommand"]
        return kind(name=outlet.names[0], cmd=values[0])
    return command_writer(outlet, 20 * MS)(values, 0)


def joint_state(names: Iterable[str], values: Iterable[float], stamp_ns: int) -> JointState:
    """Return a message without velocities and efforts."""
    message = JointState(name=list(names), position=[float(v) for v in values])
    message.header.stamp = Time(sec=stamp_ns // 10**9, nanosec=stamp_ns % 10**9)
    return message


def jpeg(number: int, stamp_ns: int, size_px: tuple[int, int] = (24, 32)) -> CompressedImage:
    """Return a red picture that gets bluer with `number`."""
    picture = np.zeros((*size_px, 3), np.uint8)
    picture[..., 2], picture[..., 0] = 220, number % 200
    done, data = cv2.imencode(".jpg", picture)
    assert done
    message = CompressedImage(format="jpeg", data=data.tobytes())
    message.header.stamp = Time(sec=stamp_ns // 10**9, nanosec=stamp_ns % 10**9)
    return message


def write_bag(
    path: Path, sent: Iterable[Sent], storage: StoragePlugin = StoragePlugin.MCAP
) -> Path:
    """Write messages as `ros2 bag record` would."""
    types = INTERBOTIX
    with Writer(path, version=9, storage_plugin=storage) as writer:
        connections: dict[str, Any] = {}
        for topic, came_ns, message in sent:
            if topic not in connections:
                connections[topic] = writer.add_connection(
                    f"/{topic}", _type_of(message), typestore=types,
                    offered_qos_profiles=[BEST_EFFORT],
                )  # fmt: skip
            kind = getattr(message, "__msgtype__", "")
            data = types.serialize_cdr(message, kind) if kind else serialize_message(message)
            writer.write(connections[topic], came_ns, data)
    return path


def _type_of(message: Any) -> str:
    package, name = type(message).__module__.split(".")[0], type(message).__name__
    return getattr(message, "__msgtype__", f"{package}/msg/{name}")


def _arms(
    spec: RobotSpec, stream: str, pose: np.ndarray, stamp_ns: int, *, came_ns: int
) -> list[Sent]:
    channel = getattr(spec, stream)
    raw = channel.to_raw(pose)
    sent = []
    for i, arm in enumerate(spec.arms):
        columns, own = spec.columns_of(arm), getattr(arm, f"{stream}_prefix")
        bare = [name.removeprefix(own) for name in channel.names[columns]]
        # The arms of a robot are never read at the same moment.
        message = joint_state(bare, raw[columns], stamp_ns + i * MS)
        sent.append((getattr(arm.driver, stream).topic, came_ns + i * MS, message))
    return sent

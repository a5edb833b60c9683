# SPDX-License-Identifier: Apache-2.0
"""The topics that a robot file asks for, as plain data. No ROS."""

from dataclasses import dataclass

from act_core.robot.outlets import MESSAGE_NAMES
from act_core.robot.robot_spec import CameraSpec, RobotSpec

_JOINTS = MESSAGE_NAMES["joint_state"]


@dataclass(frozen=True)
class Expected:
    """One topic.

    Attributes:
        topic: its name, as in the file.
        kind: full name of its message type.
        role: whose it is, in words.
        key: the key of the file that names it.
        joints: names that its messages have to hold.
        camera: whose images it carries.
        commands: whether the suite publishes it, so that somebody has to listen.
    """

    topic: str
    kind: str
    role: str
    key: str
    joints: tuple[str, ...] = ()
    camera: CameraSpec | None = None
    commands: bool = False


def expectations(spec: RobotSpec, *, leader: bool) -> list[Expected]:
    """Return what has to be there before the suite can work with the robot.

    Args:
        spec: the robot.
        leader: whether leader arms are wanted, too.
    """
    streams = [("state", "joint_states"), *([("leader", "leader/joint_states")] * leader)]
    found = [e for stream, own in streams for e in _stream(spec, stream, own)]
    found += _commands(spec)
    for camera in spec.cameras:
        kind = "CompressedImage" if camera.transport == "compressed" else "Image"
        found.append(Expected(
            camera.image_topic, f"sensor_msgs/msg/{kind}", f"camera '{camera.name}'",
            f"cameras '{camera.name}': topic", camera=camera,
        ))  # fmt: skip
    return found


def _stream(spec: RobotSpec, stream: str, own_topic: str) -> list[Expected]:
    names, found, shared = getattr(spec, stream).names, [], []
    for arm in spec.arms:
        own, driver = names[spec.columns_of(arm)], getattr(arm.driver, stream)
        if driver is None:
            shared += own
            continue
        prefix = getattr(arm, f"{stream}_prefix")
        bare = tuple(driver.prefix + name.removeprefix(prefix) for name in own)
        key = f"arms '{arm.name}': driver: {stream}: topic"
        found.append(Expected(driver.topic, _JOINTS, f"{stream} of arm '{arm.name}'", key, bare))
    if shared:
        key = f"arms: driver: {stream}, or {stream}_prefix"
        found.append(Expected(own_topic, _JOINTS, f"{stream} of the arms", key, tuple(shared)))
    return found


def _commands(spec: RobotSpec) -> list[Expected]:
    found = []
    for arm in spec.arms:
        command, key = arm.driver.command, f"arms '{arm.name}': driver: command"
        role = f"commands of arm '{arm.name}'"
        if command is None:
            found.append(Expected("joint_commands", _JOINTS, role, key, commands=True))
            continue
        kind = MESSAGE_NAMES[command.type]
        found.append(Expected(command.topic, kind, role, f"{key}: topic", commands=True))
        if command.gripper is not None:
            kind = MESSAGE_NAMES[command.gripper.type]
            key = f"{key}: gripper: topic"
            found.append(Expected(command.gripper.topic, kind, role, key, commands=True))
    return found

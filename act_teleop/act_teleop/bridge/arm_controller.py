# SPDX-License-Identifier: Apache-2.0
"""One arm's controllers: its share of a command, on the topic that each of them listens to."""

from dataclasses import dataclass

from rclpy.node import Node

from act_core.robot.arm_spec import ArmSpec
from act_core.ros import qos
from act_core.ros.endpoints import publisher
from act_teleop.bridge.command_formats import CommandFormat, Values, command_format


@dataclass(frozen=True)
class Outlet:
    """A controller's topic, what goes there, and which of the arm's values."""

    topic: str
    kind: str
    format: CommandFormat
    names: tuple[str, ...]
    share: slice


def outlets(arm: ArmSpec, period_ns: int) -> list[Outlet]:
    """Return the controllers of an arm whose driver names a command topic.

    Raises:
        ActError: a message's package is not installed.
    """
    command = arm.driver.command
    assert command is not None
    names = [command.prefix + joint.name for joint in arm.joints]
    gripper = command.prefix + arm.gripper.command.joint
    if command.gripper is None:
        names.append(gripper)
    count = len(names)
    wanted: list[tuple[str, str, list[str], str, slice]] = [
        (command.topic, command.type, names, command.group, slice(0, count))
    ]
    if command.gripper is not None:
        own = command.gripper
        wanted.append((own.topic, own.type, [gripper], gripper, slice(count, None)))
    return [
        Outlet(topic, kind, command_format(kind, joints, group, period_ns), tuple(joints), share)
        for topic, kind, joints, group, share in wanted
    ]


class ArmController:
    """Publishes an arm's commands where its controllers take them; see `outlets`."""

    def __init__(self, node: Node, arm: ArmSpec, period_ns: int) -> None:
        self._outlets = outlets(arm, period_ns)
        self._publishers = [
            publisher(node, o.format.message_type, o.topic, qos.COMMANDS) for o in self._outlets
        ]
        for each in self._outlets:
            order = ", ".join(each.names)
            node.get_logger().info(f"{each.topic} ({each.kind}) takes, in this order: {order}")

    @property
    def unheard(self) -> list[str]:
        """The topics to which nobody listens."""
        pairs = zip(self._outlets, self._publishers, strict=True)
        return [outlet.topic for outlet, out in pairs if not out.get_subscription_count()]

    def send(self, values: Values, stamp_ns: int) -> None:
        """Publish one raw value per joint, the gripper last; rad, or m for sliding grippers."""
        for outlet, out in zip(self._outlets, self._publishers, strict=True):
            out.publish(outlet.format.write(values[outlet.share], stamp_ns))

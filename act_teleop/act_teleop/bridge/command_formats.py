# SPDX-License-Identifier: Apache-2.0
"""The messages that controllers take, by the name that a robot file gives them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from builtin_interfaces.msg import Duration
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64MultiArray
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from act_core.errors import ActError
from act_core.ros.messages.stamps import NS_PER_S, to_stamp

Values = Sequence[float]


@dataclass(frozen=True)
class CommandFormat:
    """One controller's message.

    Attributes:
        message_type: class of the message.
        write: (one raw value per joint, stamp in ns) → message.
        read: message → one raw value per joint, as a controller takes it.
    """

    message_type: type
    write: Callable[[Values, int], Any]
    read: Callable[[Any], Values]


def command_format(kind: str, names: list[str], group: str, period_ns: int) -> CommandFormat:
    """Return the format `kind` for a controller of the joints `names`.

    Args:
        kind: as in the robot file.
        names: the controller's joints, in its order.
        group: Interbotix's name of the group, or of the single joint.
        period_ns: from one command to the next; by then a trajectory's point is to be reached.

    Raises:
        ActError: the message's package is not installed.
    """
    return _MAKERS[kind](names, group, period_ns)


def _joint_state(names: list[str], group: str, period_ns: int) -> CommandFormat:
    del group, period_ns

    def write(values: Values, stamp_ns: int) -> JointState:
        message = JointState(name=names, position=list(values))
        message.header.stamp = to_stamp(stamp_ns)
        return message

    return CommandFormat(
        JointState, write, lambda message: _by_name(message.name, names, message.position)
    )


def _joint_trajectory(names: list[str], group: str, period_ns: int) -> CommandFormat:
    del group
    reached = Duration(sec=period_ns // NS_PER_S, nanosec=period_ns % NS_PER_S)

    def write(values: Values, stamp_ns: int) -> JointTrajectory:
        # No stamp: the controller starts at once, on whichever clock it has.
        del stamp_ns
        point = JointTrajectoryPoint(positions=list(values), time_from_start=reached)
        return JointTrajectory(joint_names=names, points=[point])

    def read(message: JointTrajectory) -> Values:
        return _by_name(message.joint_names, names, message.points[-1].positions)

    return CommandFormat(JointTrajectory, write, read)


def _multi_array(names: list[str], group: str, period_ns: int) -> CommandFormat:
    del names, group, period_ns
    return CommandFormat(
        Float64MultiArray,
        lambda values, _: Float64MultiArray(data=list(values)),
        lambda message: list(message.data),
    )


def _group_command(names: list[str], group: str, period_ns: int) -> CommandFormat:
    del names, period_ns
    kind = _interbotix("JointGroupCommand")
    return CommandFormat(
        kind, lambda values, _: kind(name=group, cmd=list(values)), lambda m: list(m.cmd)
    )


def _single_command(names: list[str], group: str, period_ns: int) -> CommandFormat:
    del group, period_ns
    kind = _interbotix("JointSingleCommand")
    return CommandFormat(
        kind, lambda values, _: kind(name=names[0], cmd=float(values[0])), lambda m: [m.cmd]
    )


def _by_name(got: list[str], names: list[str], values: Values) -> Values:
    return [values[got.index(name)] for name in names]


def _interbotix(name: str) -> Any:
    try:
        return getattr(import_module("interbotix_xs_msgs.msg"), name)
    except ImportError as error:
        raise ActError(
            f"the robot file asks for Interbotix's {name}, but ROS package interbotix_xs_msgs is "
            "not installed; build it from interbotix_ros_core and source its workspace"
        ) from error


_MAKERS: dict[str, Callable[[list[str], str, int], CommandFormat]] = {
    "joint_state": _joint_state,
    "joint_trajectory": _joint_trajectory,
    "float64_multi_array": _multi_array,
    "joint_group_command": _group_command,
    "joint_single_command": _single_command,
}

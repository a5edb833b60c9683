# SPDX-License-Identifier: Apache-2.0
"""The messages that controllers take, by the name that a robot file gives them."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from builtin_interfaces.msg import Duration
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64MultiArray
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from act_core.errors import ActError, JointNamesError, JointValuesError
from act_core.robot.outlets import MESSAGE_NAMES, Outlet
from act_core.ros.messages.stamps import NS_PER_S, to_stamp

Values = Sequence[float]
Writer = Callable[[Values, int], Any]


def command_type(outlet: Outlet) -> type:
    """Return the class of a controller's message; raises ActError if it is not installed."""
    package, _, name = MESSAGE_NAMES[outlet.kind].partition("/msg/")
    try:
        found: type = getattr(import_module(f"{package}.msg"), name)
    except (ImportError, AttributeError) as error:
        raise ActError(
            f"the robot file asks for Interbotix's {name}, but ROS package {package} is "
            "not installed; build it from interbotix_ros_core and source its workspace"
        ) from error
    return found


def command_writer(outlet: Outlet, period_ns: int) -> Writer:
    """Return what makes messages of (one raw value per joint, stamp in ns).

    Args:
        outlet: the controller.
        period_ns: from one command to the next; by then a trajectory's point is to be reached.

    Raises:
        ActError: the message's package is not installed.
    """
    kind, names = command_type(outlet), list(outlet.names)
    reached = Duration(sec=period_ns // NS_PER_S, nanosec=period_ns % NS_PER_S)

    def joint_state(values: Values, stamp_ns: int) -> JointState:
        message = JointState(name=names, position=list(values))
        message.header.stamp = to_stamp(stamp_ns)
        return message

    def joint_trajectory(values: Values, stamp_ns: int) -> JointTrajectory:
        # No stamp: the controller starts at once, on whichever clock it has.
        del stamp_ns
        point = JointTrajectoryPoint(positions=list(values), time_from_start=reached)
        return JointTrajectory(joint_names=names, points=[point])

    writers: dict[str, Writer] = {
        "joint_state": joint_state,
        "joint_trajectory": joint_trajectory,
        "float64_multi_array": lambda values, _: Float64MultiArray(data=list(values)),
        "joint_group_command": lambda values, _: kind(name=outlet.group, cmd=list(values)),
        "joint_single_command": lambda values, _: kind(name=names[0], cmd=float(values[0])),
    }
    return writers[outlet.kind]


def read_command(outlet: Outlet, message: Any) -> Values:
    """Return one raw value per joint of the controller, as it takes them.

    Raises:
        JointNamesError: joints are missing.
        JointValuesError: it is no one value per joint.
    """
    if outlet.kind == "joint_state":
        return _by_name(outlet, message.name, message.position)
    if outlet.kind == "joint_trajectory":
        if len(message.points) != 1:
            raise JointValuesError(
                f"{outlet.topic}: a trajectory of {len(message.points)} points, expected one: the "
                "command of this tick"
            )
        return _by_name(outlet, message.joint_names, message.points[0].positions)
    values = {
        "float64_multi_array": lambda: list(message.data),
        "joint_group_command": lambda: list(message.cmd),
        "joint_single_command": lambda: [message.cmd],
    }[outlet.kind]()
    return _counted(outlet, values, outlet.names)


def _by_name(outlet: Outlet, got: Sequence[str], values: Values) -> Values:
    missing = [name for name in outlet.names if name not in got]
    if missing:
        raise JointNamesError(
            f"{outlet.topic}: missing {', '.join(map(repr, missing))}. Got: "
            f"{', '.join(got) or '(none)'}. Expected: {', '.join(outlet.names)}"
        )
    values = _counted(outlet, values, got)
    return [values[list(got).index(name)] for name in outlet.names]


def _counted(outlet: Outlet, values: Values, names: Sequence[str]) -> Values:
    if len(values) != len(names):
        raise JointValuesError(
            f"{outlet.topic}: {len(values)} values, expected {len(names)}: {', '.join(names)}"
        )
    return values

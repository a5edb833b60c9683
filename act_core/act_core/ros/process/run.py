# SPDX-License-Identifier: Apache-2.0
"""Runs one node in one process: events executor, signals, errors as one line."""

import os
import select
import signal
import sys
from collections.abc import Callable
from types import FrameType

import rclpy
from rclpy.exceptions import (
    InvalidParameterTypeException,
    InvalidParameterValueException,
    ParameterUninitializedException,
)
from rclpy.experimental import EventsExecutor
from rclpy.lifecycle import LifecycleNode
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.utilities import remove_ros_args

from act_core.errors import ActError
from act_core.ros.endpoints import check_overrides
from act_core.ros.process.environment import STARTER_VARIABLE
from act_core.ros.process.transport import transport_warning
from act_core.ros.process.usage import HELP, usage

SPIN_S = 0.05
# What rclpy raises for a parameter of the wrong type, use_sim_time among them.
PARAMETER_ERRORS = (
    InvalidParameterTypeException,
    InvalidParameterValueException,
    ParameterUninitializedException,
)


class StopRequest:
    """Made by SIGINT, SIGTERM, or the end of the command that started this process.

    rclpy's own handlers would end the context before a node has published its last word, so they
    are not installed. A command that is killed, or loses its terminal, can ask for nothing more;
    nothing it started may go on to move a robot.
    """

    def __init__(self) -> None:
        self._signalled = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)
        self._starter = select.poll()
        self._orphaned = not self._watch(os.environ.get(STARTER_VARIABLE, ""))

    @property
    def requested(self) -> bool:
        """Whether this process is to end."""
        return self._signalled or self._orphaned or bool(self._starter.poll(0))

    def close(self) -> None:
        """Take no more interrupts: the node has ended, and the interpreter's end would die of one.

        `ros2 launch` sends one more to each node that is still ending when the first has ended.
        """
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _watch(self, pid: str) -> bool:
        """Watch the process `pid`, if one is named; tell whether it is there."""
        try:
            if pid:
                self._starter.register(os.pidfd_open(int(pid)), select.POLLIN)
        except ProcessLookupError:
            return False
        return True

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._signalled = True


def init_ros(args: list[str] | None, about: str, params_type: type) -> int | None:
    """Initialise rclpy; when --help is asked for or it fails, say so and return a status."""
    given = sys.argv[1:] if args is None else args
    if any(word in HELP for word in given):
        print(usage(about, params_type), end="")  # noqa: T201
        return 0
    try:
        # Our executables take ROS arguments alone, and rclpy would ignore all others in silence.
        others = remove_ros_args(["", *given])[1:]
        if others:
            raise RuntimeError(
                f"unknown argument '{others[0]}'; parameters are given as "
                "--ros-args -p name:=value"
            )
        rclpy.init(args=given, signal_handler_options=SignalHandlerOptions.NO)
    except RuntimeError as error:  # or a parameter file that is missing or not YAML
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)  # noqa: T201
        return 2
    return None


def run_node(make: Callable[[], Node], params_type: type, args: list[str] | None = None) -> int:
    """Create the node and spin it until a signal or an error; return the exit status.

    The node may have `stop()`, called before it is destroyed while publishing still works, and
    `fault`, an ActError or None: errors in callbacks are put there, since rclpy wraps what a
    callback raises in lines of its own.
    """
    warning = transport_warning()  # before the node takes shared memory itself
    status = init_ros(args, make.__doc__ or "", params_type)
    if status is not None:
        return status
    request = StopRequest()
    node: Node | None = None
    try:
        node = make()
        if not isinstance(node, LifecycleNode):  # whose endpoints come later, as it does itself
            check_overrides(node)
        if warning:
            node.get_logger().warning(warning)
        _spin(node, request)
        return 0
    except (ActError, *PARAMETER_ERRORS) as error:
        name = node.get_name() if node else "start"
        print(f"error: {name}: {error}", file=sys.stderr, flush=True)  # noqa: T201
        return 1
    finally:
        if node is not None:
            node.destroy_node()
        rclpy.try_shutdown()
        request.close()


def _spin(node: Node, request: StopRequest) -> None:
    executor = EventsExecutor()
    executor.add_node(node)
    try:
        while not request.requested:
            executor.spin_once(timeout_sec=SPIN_S)
            fault = getattr(node, "fault", None)
            if fault is not None:
                raise fault
    finally:
        # First of all: a node's threads must not reach for an executor that is gone.
        stop = getattr(node, "stop", None)
        if stop is not None:
            stop()
        executor.remove_node(node)
        executor.shutdown()

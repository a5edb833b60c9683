# SPDX-License-Identifier: Apache-2.0
"""Runs a command-line client: a node whose work is one sequence of waits, then an exit status."""

import sys
import time
from collections.abc import Callable
from typing import Any

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.task import Future

from act_core.errors import ActError
from act_core.ros.endpoints import check_overrides
from act_core.ros.process.run import PARAMETER_ERRORS, StopRequest, init_ros

SPIN_S = 0.05
# A server that is seen may not yet see who asks, and its answer is then lost (rmw_fastrtps says
# "client will not receive response"); Fast DDS announces endpoints within a tenth of this.
MUTUAL_S = 0.5


class InterruptedScriptError(ActError):
    """The user or the process manager asked to stop."""


class Script:
    """What a client's `run` waits with; every wait ends by its time limit or a signal."""

    def __init__(self, node: Node, request: StopRequest) -> None:
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(node)
        self._request = request

    def wait_until(self, ready: Callable[[], bool], limit_s: float, what: str) -> None:
        """Spin until `ready()`.

        Raises:
            ActError: `limit_s` passed; the text names `what`.
            InterruptedScriptError: SIGINT or SIGTERM came.
        """
        end_s = time.monotonic() + limit_s
        while not ready():
            if self._request.requested:
                raise InterruptedScriptError("stopped by a signal")
            if time.monotonic() > end_s:
                raise ActError(f"{what}: not there after {limit_s:g} s; is its node running?")
            self._executor.spin_once(timeout_sec=SPIN_S)

    def wait_for_server(self, ready: Callable[[], bool], limit_s: float, what: str) -> None:
        """Spin until `ready()` and until the server sees who asks; raises as `wait_until`."""
        self.wait_until(ready, limit_s, what)
        self.spin_for(MUTUAL_S)

    def spin_for(self, limit_s: float, until: Callable[[], bool] = lambda: False) -> None:
        """Spin for `limit_s`, or until `until()`; raises InterruptedScriptError."""
        end_s = time.monotonic() + limit_s
        self.wait_until(lambda: until() or time.monotonic() >= end_s, limit_s + 1.0, "the wait")

    def result(self, future: Future, limit_s: float, what: str) -> Any:
        """Return the future's result; raises as `wait_until`."""
        self.wait_until(future.done, limit_s, what)
        return future.result()

    def say(self, text: str) -> None:
        """Print one line of progress."""
        print(text, flush=True)  # noqa: T201

    def close(self) -> None:
        """Stop spinning."""
        self._executor.shutdown()


def run_script(make: Callable[[], Any], params_type: type, args: list[str] | None = None) -> int:
    """Create the client node, run it, print its summary; return the exit status.

    The node has `run(script)`, its sequence of work, and `summary()`, its closing line.
    """
    status = init_ros(args, make.__doc__ or "", params_type)
    if status is not None:
        return status
    request = StopRequest()
    node: Any = None
    script: Script | None = None
    try:
        node = make()
        check_overrides(node)
        script = Script(node, request)
        node.run(script)
        script.say(node.summary())
        return 0
    except InterruptedScriptError as error:
        print(f"{error}. {node.summary()}", file=sys.stderr, flush=True)  # noqa: T201
        return 130
    except (ActError, OSError, *PARAMETER_ERRORS) as error:
        name = node.get_name() if node else "start"
        print(f"error: {name}: {error}", file=sys.stderr, flush=True)  # noqa: T201
        return 1
    finally:
        if script is not None:
            script.close()
        if node is not None:
            node.destroy_node()
        rclpy.try_shutdown()
        request.close()

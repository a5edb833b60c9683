# SPDX-License-Identifier: Apache-2.0
"""A node of the test itself, heard and speaking while the test waits for others."""

import threading
from collections.abc import Callable
from typing import Any, ClassVar

import rclpy
from processes import wait_until
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node


class SpunNode(Node):
    """A node in the test's domain, spun in a thread from `start` until the test ends."""

    _open: ClassVar[list["SpunNode"]] = []

    def __init__(self, name: str, domain: int):
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=domain)
        super().__init__(name, context=context)
        self._executor = SingleThreadedExecutor(context=context)
        self._thread = threading.Thread(target=self._executor.spin, daemon=True)
        self._domain = domain
        SpunNode._open.append(self)

    def start(self) -> None:
        """Spin from now on."""
        self._executor.add_node(self)
        self._thread.start()

    def ask(self, act: Callable[[], Any]) -> Any:
        """Return what `act` returns in the thread that spins.

        From another one, an answer may come before rclpy has noted that it is waited for, and is
        then lost.
        """
        task = self._executor.create_task(act)
        wait_until(task.done, 20.0, "the test's own node does not spin")
        return task.result()

    def close(self) -> None:
        """End the spinning and the node."""
        self._executor.shutdown()
        if self._thread.ident is not None:
            self._thread.join()
        self.destroy_node()
        self.context.shutdown()
        SpunNode._open.remove(self)

    @staticmethod
    def close_all(domain: int) -> None:
        """End those that a test has left, failed or not: the next test may get its domain."""
        for node in [n for n in SpunNode._open if n._domain == domain]:
            node.close()

# SPDX-License-Identifier: Apache-2.0
"""A node of the test itself, heard and speaking while the test waits for others."""

import threading

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node


class SpunNode(Node):
    """A node in the test's domain, spun in a thread from `start` to `close`."""

    def __init__(self, name: str, domain: int):
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=domain)
        super().__init__(name, context=context)
        self._executor = SingleThreadedExecutor(context=context)
        self._thread = threading.Thread(target=self._executor.spin, daemon=True)

    def start(self) -> None:
        """Spin from now on."""
        self._executor.add_node(self)
        self._thread.start()

    def close(self) -> None:
        """End the spinning and the node."""
        self._executor.shutdown()
        self._thread.join()
        self.destroy_node()
        self.context.shutdown()

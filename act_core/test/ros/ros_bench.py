# SPDX-License-Identifier: Apache-2.0
"""Nodes of one test, spun together by the suite's own executor until something is so."""

import time

import rclpy
from rclpy.experimental import EventsExecutor
from rclpy.node import Node


class RosBench:
    """Makes nodes and spins them; everything in the test's own thread."""

    def __init__(self):
        self._context = rclpy.Context()
        rclpy.init(context=self._context)
        self._executor = EventsExecutor(context=self._context)
        self._nodes = []

    def node(self, name, **parameters):
        given = [rclpy.Parameter(k, value=v) for k, v in parameters.items()]
        node = Node(name, context=self._context, parameter_overrides=given)
        self._executor.add_node(node)
        self._nodes.append(node)
        return node

    def drop(self, node):
        self._nodes.remove(node)
        self._executor.remove_node(node)
        for _ in range(3):  # timers' events may be queued already, and would meet dead handles
            self._executor.spin_once(timeout_sec=0.01)
        node.destroy_node()

    def spin_until(self, ready, what, limit_s=10.0):
        end_s = time.monotonic() + limit_s
        while not ready():
            assert time.monotonic() < end_s, f"{what} after {limit_s:g} s"
            self._executor.spin_once(timeout_sec=0.02)

    def close(self):
        for node in list(self._nodes):
            self.drop(node)
        self._executor.shutdown()
        rclpy.try_shutdown(context=self._context)

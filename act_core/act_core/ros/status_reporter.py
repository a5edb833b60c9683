# SPDX-License-Identifier: Apache-2.0
"""What a node tells about itself: a status message for programs, diagnostics for everybody."""

import time
from collections.abc import Mapping
from typing import Any

from rclpy.node import Node

from act_core.ros import qos
from act_core.ros.diagnostics import OK, Diagnostics, Health
from act_core.ros.endpoints import publisher

PERIOD_S = 0.5


class StatusReporter:
    """Publishes a status on `~/status`, at each change of its state and twice a second.

    Args:
        node: whose status it is.
        status: a message with `header`, `state` and `message`; its other fields are the caller's.
        levels: state → level of diagnostics; OK for those left out.

    Attributes:
        status: the message.
    """

    def __init__(self, node: Node, status: Any, levels: Mapping[int, bytes]) -> None:
        self.status = status
        self._levels = levels
        self._sent_at_s = 0.0
        self._out = publisher(node, type(status), "~/status", qos.STATUS)
        self._diagnostics = Diagnostics(node, self._health)

    def report(self, state: int, message: str) -> bool:
        """Set state and message; tell whether the state is another than before."""
        changed = bool(state != self.status.state)
        self.status.state, self.status.message = state, message
        if changed:
            self.publish()
        return changed

    def refresh(self) -> None:
        """Publish if the last time is half a second ago."""
        if time.monotonic() - self._sent_at_s >= PERIOD_S:
            self.publish()

    def publish(self) -> None:
        """Publish now."""
        self._sent_at_s = time.monotonic()
        self._out.publish(self.status)

    def _health(self) -> Health:
        status = self.status
        names = [n for n in status.get_fields_and_field_types() if n not in ("header", "message")]
        values = {name: getattr(status, name) for name in names}
        return Health(self._levels.get(status.state, OK), status.message or "ok", values)

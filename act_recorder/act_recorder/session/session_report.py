# SPDX-License-Identifier: Apache-2.0
"""What a recording session tells: its status, its health, its lines in the log."""

import time
from pathlib import Path

from rclpy.node import Node

from act_core.ros import qos
from act_core.ros.diagnostics import OK, WARN, Diagnostics, Health
from act_core.ros.endpoints import publisher
from act_interfaces.msg import SessionStatus
from act_recorder.session.recording_session import RecordingSession
from act_recorder.session.session_types import State

STATUS_S = 0.25


class SessionReport:
    """Publishes `~/status` when something is new, and at intervals.

    Args:
        node: whose session it is.
        session: that it tells of.
        task: that is recorded.
    """

    def __init__(self, node: Node, session: RecordingSession, task: str) -> None:
        self._node, self._session, self._task = node, session, task
        self._told: tuple[State, str] | None = None
        self._sent_at_s = 0.0
        self._out = publisher(node, SessionStatus, "~/status", qos.STATUS)
        self._diagnostics = Diagnostics(node, self._health)

    def tell(self, *, is_judging: bool) -> None:
        """Log what is new; publish that, and at intervals."""
        session = self._session
        told = session.state, session.message
        changed = told != self._told
        if changed:
            self._told = told
            number = f"{min(session.kept + 1, session.plan.wanted)} of {session.plan.wanted}"
            text = f": {session.message}" if session.message else ""
            self._node.get_logger().info(f"{session.state.name.lower()}, episode {number}{text}")
        if changed or time.monotonic() - self._sent_at_s > STATUS_S:
            self.publish(is_judging=is_judging)

    def publish(self, *, is_judging: bool) -> None:
        """Publish now; while a last verdict is on its way, the session is not over."""
        session, self._sent_at_s = self._session, time.monotonic()
        unfinished = session.state is State.DONE and is_judging
        state = State.ENDING if unfinished else session.state
        message = SessionStatus(
            state=int(state), message=session.message, task=self._task,
            kept=session.kept, present=session.plan.present, dropped=session.dropped,
            wanted=session.plan.wanted, left_s=session.left_s(time.monotonic()),
            path=session.last, verdict=session.verdict, pausing=session.pausing,
            quitting=session.quitting,
        )  # fmt: skip
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._out.publish(message)

    def _health(self) -> Health:
        session = self._session
        text = f"{session.state.name.lower()}, {session.kept} of {session.plan.wanted} kept"
        values = {
            "kept": session.kept,
            "dropped": session.dropped,
            "last": Path(session.last).name,
        }
        return Health(WARN if session.not_ready else OK, session.not_ready or text, values)

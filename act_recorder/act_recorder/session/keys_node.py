# SPDX-License-Identifier: Apache-2.0
"""The operator's terminal: keys ask the session's services, its state is drawn."""

import math
import sys
import time
from dataclasses import fields
from typing import Any, TypeVar

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.task import Future
from std_srvs.srv import Trigger

from act_core.errors import ActError
from act_core.ros import qos
from act_core.ros.diagnostics import OK, Diagnostics, Health
from act_core.ros.endpoints import subscription
from act_core.ros.params import declare
from act_core.ros.process.script import Script, run_script
from act_core.terminal import Terminal
from act_interfaces.msg import RecorderStatus, SessionStatus
from act_recorder.session.keys_params import KeysParams
from act_recorder.session.operator_keys import commands
from act_recorder.session.screen import Screen, draws_in_place
from act_recorder.session.session_display import (
    RecorderView,
    SessionView,
    View,
    display,
    summary,
)
from act_recorder.session.session_types import Command, State

TICK_S = 0.05
REDRAW_S = 0.25
LINE_S = 5.0
SILENCE_S = 3.0
NOTE_S = 5.0
V = TypeVar("V")


class KeysNode(Node):
    """Shows a recording session in this terminal and takes its operator's keys."""

    def __init__(self) -> None:
        super().__init__("keys")
        self.params = declare(self, KeysParams)
        self._terminal = Terminal("`act keys` or `ros2 run act_recorder keys`")
        self._file = sys.stdout.fileno()
        self._screen = Screen(self._file) if draws_in_place(self._file) else None
        self._session: tuple[float, SessionView] | None = None
        self._recorder: tuple[float, RecorderView] | None = None
        self._note = (float("-inf"), "")
        self._state, self._rings = State.WAITING, False
        self._drawn_at_s = self._line_at_s = 0.0
        self._fault: ActError | None = None
        session, recorder = self.params.session_node, self.params.recorder_node
        self._clients_of = {
            c: self.create_client(Trigger, f"{session}/{c.value}") for c in Command
        }
        subscription(self, SessionStatus, f"{session}/status", self._on_session, qos.STATUS)
        subscription(self, RecorderStatus, f"{recorder}/status", self._on_recorder, qos.STATUS)
        self._diagnostics = Diagnostics(self, lambda: Health(OK, self._state.name.lower()))
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(TICK_S, self._on_tick, clock=steady)

    def run(self, script: Script) -> None:
        """Serve until the session has ended; raises ActError when the terminal is closed."""
        try:
            script.wait_until(self._is_over, math.inf, "the session's end")
        finally:
            if self._screen is not None:
                self._screen.close()

    def summary(self) -> str:
        """Return the closing line."""
        if self._session is None:
            return "no session was seen"
        session = self._session[1]
        return f"session: {self._state.name.lower()}, {session.kept} of {session.wanted} episodes"

    def _is_over(self) -> bool:
        if self._fault is not None:
            raise self._fault
        return self._state is State.DONE

    def _on_session(self, message: SessionStatus) -> None:
        self._session = time.monotonic(), _view(SessionView, message)
        state = State(message.state)
        self._rings |= state is not self._state and State.RECORDING in (state, self._state)
        self._state = state

    def _on_recorder(self, message: RecorderStatus) -> None:
        self._recorder = time.monotonic(), _view(RecorderView, message)

    def _on_tick(self) -> None:
        try:
            for command in commands(self._terminal.read(), self._state):
                self._ask(command)
        except ActError as error:
            self._fault = error
            return
        now_s = time.monotonic()
        if self._screen is None:
            if now_s - self._line_at_s > LINE_S or self._rings:
                self._line_at_s, self._rings = now_s, False
                print(summary(self._view()), flush=True)  # noqa: T201
        elif now_s - self._drawn_at_s > REDRAW_S or self._rings:
            self._drawn_at_s = now_s
            lines = display(self._view(), *self._screen.size)
            self._screen.show(lines, bell=self._rings and self.params.bell)
            self._rings = False

    def _ask(self, command: Command) -> None:
        def answered(future: Future) -> None:
            if not future.result().success:
                self._say(future.result().message)

        service = self._clients_of[command]
        if service.service_is_ready():
            service.call_async(Trigger.Request()).add_done_callback(answered)
        else:
            self._say(f"nobody takes {command.value}: no recording session is running")

    def _say(self, text: str) -> None:
        self._note = time.monotonic(), text

    def _view(self) -> View:
        now_s = time.monotonic()
        noted_at_s, note = self._note
        # One that is heard of, but whose services are not found yet, takes no key.
        reached = all(client.service_is_ready() for client in self._clients_of.values())
        return View(
            _fresh(self._session, now_s) if reached else None, _fresh(self._recorder, now_s),
            (note,) if now_s - noted_at_s < NOTE_S else (),
        )  # fmt: skip


def _fresh(heard: tuple[float, V] | None, now_s: float) -> V | None:
    return heard[1] if heard is not None and now_s - heard[0] < SILENCE_S else None


def _view(view_type: type[V], message: Any) -> V:
    """Return the fields of a message that a view has, lists as tuples."""
    names = [f.name for f in fields(view_type)]  # type: ignore[arg-type] # a dataclass
    values = {name: getattr(message, name) for name in names}
    plain = (bool, int, float, str)
    return view_type(**{n: v if isinstance(v, plain) else tuple(v) for n, v in values.items()})


def main() -> None:
    """Run the operator's terminal."""
    sys.exit(run_script(KeysNode, KeysParams))


if __name__ == "__main__":
    main()

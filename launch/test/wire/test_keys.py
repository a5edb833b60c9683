# SPDX-License-Identifier: Apache-2.0
"""The operator's terminal shows a session once its keys can do something."""

from contextlib import closing
from functools import partial
from typing import Any

import pytest
from operator_terminal import OperatorTerminal
from processes import Processes, wait_until
from spun_node import SpunNode
from std_srvs.srv import Trigger

from act_core.ros import qos
from act_interfaces.msg import SessionStatus
from act_recorder.session.session_types import Command

pytestmark = [pytest.mark.ros, pytest.mark.timeout(120)]


class HalfFoundSession(SpunNode):
    """Tells of a session, and takes commands only after `serve`."""

    def __init__(self, domain: int):
        super().__init__("session", domain)
        self.asked: list[str] = []
        status = SessionStatus(state=SessionStatus.WAITING, wanted=3)
        out = self.create_publisher(SessionStatus, "session/status", qos.STATUS)
        self.create_timer(0.2, lambda: out.publish(status))
        self.start()

    def serve(self) -> None:
        for command in Command:
            self.create_service(Trigger, f"session/{command.value}", partial(self._take, command))

    def _take(self, command: Command, _: Trigger.Request, reply: Trigger.Response) -> Any:
        self.asked.append(command.value)
        reply.success = True
        return reply


def test_a_session_whose_services_are_not_found_yet_is_not_shown(
    processes: Processes, domain: int
) -> None:
    session = HalfFoundSession(domain)
    keys = OperatorTerminal("act_recorder.session.keys_node", environment=processes.environment)
    with closing(keys) as operator:
        operator.wait_for("waiting for the recording session")
        operator.press(" ")
        operator.wait_for("nobody takes start: no recording session is running")
        assert "episode 1 of 3" not in operator.text
        session.ask(session.serve)
        operator.wait_for(r"WAITING.*episode 1 of 3.*space start")
        operator.press(" ")
        wait_until(lambda: session.asked == ["start"], 20.0, lambda: f"{session.asked}")

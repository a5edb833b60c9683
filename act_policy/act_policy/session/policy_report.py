# SPDX-License-Identifier: Apache-2.0
"""What the policy node tells about itself."""

import json
import time
from collections import deque
from typing import Any

from rclpy.node import Node

from act_core.paths import user_path
from act_core.ros.diagnostics import ERROR, WARN
from act_core.ros.messages.stamps import to_stamp
from act_core.ros.status_reporter import StatusReporter
from act_interfaces.msg import PolicyStatus
from act_policy.driving.chunk_broker import Command
from act_policy.driving.command_loop import CommandLoop, State
from act_policy.driving.run_record import RunRecord, in_words
from act_policy.inference.wire import WARNING, Reply

WIRE_STATES = {
    State.INACTIVE: PolicyStatus.INACTIVE,
    State.WAITING: PolicyStatus.WAITING,
    State.DRIVING: PolicyStatus.DRIVING,
    State.STARVED: PolicyStatus.WAITING,
    State.HOLDING: PolicyStatus.HOLDING,
    State.PAUSED: PolicyStatus.PAUSED,
}


class PolicyReport(StatusReporter):
    """The policy's status, with the figures of its newest command and inference."""

    def __init__(self, node: Node) -> None:
        levels = dict.fromkeys((PolicyStatus.WAITING, PolicyStatus.PAUSED), WARN)
        levels[PolicyStatus.HOLDING] = ERROR
        super().__init__(node, PolicyStatus(state=PolicyStatus.INACTIVE), levels)
        self._log, self._has_driven = node.get_logger(), False
        self._command_times_s: deque[float] = deque(maxlen=50)
        self._run: RunRecord | None = None
        self._about: dict[str, Any] = {}
        self._notes: list[str] = []

    def begin(self, period_s: float, about: dict[str, Any]) -> None:
        """Begin the record of a run; see RunRecord.

        Args:
            period_s: of the control rate.
            about: what drives, to stand before the figures.
        """
        self._run, self._about = RunRecord(period_s, time.monotonic()), about
        self._notes = []

    def run_report(self) -> dict[str, Any] | None:
        """Return the figures of the run in progress, None without one."""
        if self._run is None:
            return None
        return {**self._about, "notes": self._notes, **self._run.report(time.monotonic())}

    def end(self, file: str) -> None:
        """Log the report of the run in progress, if any, and write it to `file`, if named."""
        report, self._run = self.run_report(), None
        if report is None:
            return
        self._log.info(in_words(report))
        if not file:
            return
        try:
            user_path(file).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            self._log.error(f"run_report_file {file} cannot be written: {error}")

    def tell(self, loop: CommandLoop) -> None:
        """Report the loop's state, and log a change of it."""
        state, reason, log = loop.state, loop.reason, self._log
        if self._run is not None:
            self._run.entered(state, reason, time.monotonic())
        if state is State.HOLDING:
            reason = f"{reason}; holding{loop.remedy}"
        elif state is State.PAUSED:
            reason = f"paused: {reason}; call ~/resume to go on"
        changed = self.report(WIRE_STATES[state], reason)
        if state is State.DRIVING and changed:
            log.info("driving again" if self._has_driven else "driving")
            self._has_driven = True
        elif state is State.PAUSED and changed:
            log.warning(reason)
        elif state is State.HOLDING and changed:
            log.error(reason)
        elif state is State.HOLDING:
            log.error(reason, throttle_duration_sec=5.0, skip_first=True)
        elif state is State.WAITING and reason:
            log.warning(f"waiting: {reason}", throttle_duration_sec=2.0)

    def sent(self, time_ns: int, command: Command) -> None:
        """Note a command that was sent."""
        now_s = time.monotonic()
        self._command_times_s.append(now_s)
        elapsed_s = now_s - self._command_times_s[0]
        status, blend = self.status, command.blend
        status.header.stamp = to_stamp(time_ns)
        status.rate_hz = (len(self._command_times_s) - 1) / elapsed_s if elapsed_s else 0.0
        status.chunk_age_s = (time_ns - blend.newest_ns) / 1e9
        status.spread = float(blend.spread.max())
        status.chunks_in_use = blend.count
        if self._run is not None:
            self._run.sent(now_s, status.chunk_age_s, status.spread)

    def observed(self, image_age_s: float) -> None:
        """Note the age of the oldest image of an observation that goes to the policy."""
        self.status.image_age_s = image_age_s

    def inferred(self, duration_s: float) -> None:
        """Note how long an inference took."""
        self.status.inference_ms = 1000 * duration_s
        if self._run is not None:
            self._run.inferred(duration_s)

    def note(self, reply: Reply) -> None:
        """Log what the inference process has to say, and keep it for the report."""
        self._notes.append(reply.text)
        if reply.code == WARNING:
            self._log.warning(reply.text)
        else:
            self._log.info(reply.text)

    def rejected(self) -> None:
        """Count an observation or prediction that was refused."""
        self.status.rejected += 1
        if self._run is not None:
            self._run.rejected()

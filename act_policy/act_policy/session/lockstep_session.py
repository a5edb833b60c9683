# SPDX-License-Identifier: Apache-2.0
"""A policy at work in lockstep: each tick of the simulator is answered with its own stamp."""

from typing import Any

from sensor_msgs.msg import JointState

from act_core.observation import Missing
from act_policy.driving.lockstep_loop import LockstepLoop
from act_policy.session.policy_session import PolicySession


class LockstepSession(PolicySession):
    """Answers ticks as soon as they are whole; the arguments are those of PolicySession."""

    _loop: LockstepLoop

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._answer: JointState | None = None

    def resume(self) -> str:
        """Go on after a pause; return why not, empty when it does."""
        return self._out.rivals or self._loop.resume()

    def _on_sample(self, stamp_ns: int) -> None:
        if self._loop.has_answered(stamp_ns):  # a repeated tick gets its answer again
            if self._answer is not None:
                self._out.resend(self._answer)
            return
        if not self._loop.wants(stamp_ns):
            return
        seen = self._loaded.assembler.exact(stamp_ns)
        if isinstance(seen, Missing):
            return
        due = self._loop.observe(seen)
        if due is None:
            self._respond(stamp_ns)
        else:
            self._request(due)

    def _on_prediction(self, stamp_ns: int) -> None:
        if self._loop.waits_for(stamp_ns):
            self._respond(stamp_ns)

    def _respond(self, stamp_ns: int) -> None:
        self._answer = self._send(stamp_ns, self._loop.command(stamp_ns))

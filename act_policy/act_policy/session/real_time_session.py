# SPDX-License-Identifier: Apache-2.0
"""A policy at work on a running robot: commands at every tick of the node's clock."""

from typing import Any

from act_core.observation import Missing
from act_policy.driving.real_time_loop import RealTimeLoop
from act_policy.session.policy_session import PolicySession


class RealTimeSession(PolicySession):
    """Looks for the newest data at each tick; the arguments are those of PolicySession."""

    _loop: RealTimeLoop

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        rate_hz = self._loaded.spec.rate_hz
        self._timers.append(self._node.create_timer(1 / rate_hz, self._on_tick))

    def resume(self) -> str:
        """Go on after a hold or a pause; return why not, empty when it does."""
        if self._out.rivals:
            return self._out.rivals
        # Silence counts too: a simulator that stands still also stops the clock that ages samples.
        silence = self._input.silence(self._loaded.params.input_timeout_s)
        newest = self._loaded.assembler.newest(self._now_ns)
        return self._loop.resume(Missing(silence) if silence else newest)

    @property
    def _now_ns(self) -> int:
        return int(self._node.get_clock().now().nanoseconds)

    def _on_sample(self, stamp_ns: int) -> None:
        """Do nothing: the next tick looks for the newest."""

    def _on_prediction(self, stamp_ns: int) -> None:
        """Do nothing: the next tick commands from it."""

    def _on_tick(self) -> None:
        now_ns = self._now_ns
        if self._loop.jumped(now_ns):
            self._loaded.assembler.clear()
            self._report.tell(self._loop)  # before the silence that follows takes its place
        due = self._loop.observe(self._loaded.assembler.newest(now_ns))
        if due is not None:
            self._request(due)
        self._send(now_ns, self._loop.command(now_ns))

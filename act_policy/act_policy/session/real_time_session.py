# SPDX-License-Identifier: Apache-2.0
"""A policy at work on a running robot: commands at every tick of the node's clock."""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_core.observation import Missing, RawObservation
from act_policy.driving.command_loop import Event, State
from act_policy.driving.pose_approach import PoseApproach
from act_policy.driving.real_time_loop import RealTimeLoop
from act_policy.session.policy_session import PolicySession


class RealTimeSession(PolicySession):
    """Looks for the newest data at each tick; the arguments are those of PolicySession."""

    _loop: RealTimeLoop

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        rate_hz = self._loaded.spec.rate_hz
        self._timers.append(self._node.create_timer(1 / rate_hz, self._on_tick))
        self._approach: PoseApproach | None = None
        self._move_fault = ""
        self._commanded: NDArray[np.float64] | None = None  # at the last tick

    def resume(self) -> str:
        """Go on after a hold or a pause; return why not, empty when it does."""
        if self._out.rivals:
            return self._out.rivals
        # Silence counts too: a simulator that stands still also stops the clock that ages samples.
        silence = self._input.silence(self._loaded.params.input_timeout_s)
        newest = self._loaded.assembler.newest(self._now_ns)
        return self._loop.resume(Missing(silence) if silence else newest)

    @property
    def is_moving(self) -> bool:
        """Whether a motion that `move_to` began is under way."""
        return self._approach is not None

    @property
    def move_fault(self) -> str:
        """Why the last motion ended before its pose; empty where it did not."""
        return self._move_fault

    def move_to(self, pose: NDArray[np.float64], name: str) -> str:
        """Begin a slow motion to the pose (D,); return why not, empty when it begins.

        The policy is held back until somebody lets it go.
        """
        self.held_back = True
        seen = self._loaded.assembler.newest(self._now_ns)
        if isinstance(seen, Missing):
            return seen.reason
        if stop := self._why_no_motion():
            return stop
        loaded, limits, start = self._loaded, self._loaded.broker.limits, self._commanded
        if start is None:  # nothing moves
            start = seen.joints.positions
            limits.start_from(start)
        self._approach = PoseApproach(
            loaded.spec, limits, start, pose, loaded.params.pose_speed_rad_s, time.monotonic()
        )
        self._move_fault = ""
        self._loop.handle(Event.RESTART, f"on the way to the {name} pose")
        return ""

    def disengage(self) -> None:
        """Send nothing more, and report the run that this ends. Safe to call at any time."""
        self._approach, self._commanded, self.held_back = None, None, False
        super().disengage()

    def _why_no_motion(self) -> str:
        if self._loop.state is State.PAUSED:
            return f"paused: {self._loop.reason}"
        return self._out.rivals or self._input.silence(self._loaded.params.input_timeout_s)

    def _end_motion(self, why: str) -> None:
        if self._approach is not None:
            self._approach, self._move_fault = None, why

    def _move(self, approach: PoseApproach, now_ns: int) -> None:
        if stop := self._why_no_motion():
            self._end_motion(stop)
            return
        self._commanded = approach.command(time.monotonic())
        self._out.send(self._commanded, now_ns)
        if approach.reached:
            self._approach = None
            self._loop.handle(Event.RESTART)

    @property
    def _now_ns(self) -> int:
        return int(self._node.get_clock().now().nanoseconds)

    def _on_sample(self, stamp_ns: int) -> None:
        """Do nothing: the next tick looks for the newest."""

    def _on_prediction(self, stamp_ns: int) -> None:
        """Note how long it took; the next tick commands from it."""
        self._loaded.broker.note_delay(stamp_ns, self._now_ns)

    def _request(self, seen: RawObservation) -> None:
        # What is commanded until the prediction comes is known when no other is under way.
        if not (self._loaded.broker.takes_prefix and self._loaded.client.waiting_s):
            super()._request(seen)

    def _on_tick(self) -> None:
        now_ns = self._now_ns
        if self._loop.jumped(now_ns):
            self._loaded.assembler.clear()
            self._report.tell(self._loop)  # before the silence that follows takes its place
            self._end_motion("the clock jumped")
        if self._approach is not None:
            self._move(self._approach, now_ns)
        if self.held_back:
            return
        due = self._loop.observe(self._loaded.assembler.newest(now_ns))
        if due is not None:
            self._request(due)
        command = self._loop.command(now_ns)
        self._commanded = None if command is None else command.vector
        self._send(now_ns, command)

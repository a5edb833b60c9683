# SPDX-License-Identifier: Apache-2.0
"""The simulated robot in real time: a tick each period, under what the guard lets through."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node

from act_core.robot.command_guard import CommandGuard
from act_core.ros.diagnostics import WARN, Health
from act_core.ros.guarded_commands import GuardedCommands
from act_sim.cell.real_time_pace import RealTimePace
from act_sim.cell.session import SimSession
from act_sim.sim_params import SimParams

Step = Callable[[NDArray[np.float64]], object]


class SimRealTime:
    """Steps the session by the wall clock, as a robot goes on whoever commands.

    Args:
        node: to subscribe and tick with.
        session: to step.
        params: of the node.
        step: steps the session and publishes what is then true.
        wait: lets a period pass and publishes that; an episode begins with its first command.
    """

    def __init__(
        self, node: Node, session: SimSession, params: SimParams, step: Step,
        wait: Callable[[], object],
    ) -> None:  # fmt: skip
        self._session, self._step, self._wait = session, step, wait
        self._guard = CommandGuard(
            session.spec, max_age_s=params.max_command_age_s, timeout_s=params.hold_after_s
        )
        self._commands = GuardedCommands(node, session.spec, self._guard, lambda: session.stamp_ns)
        self._pace = RealTimePace(session.spec.rate_hz, time.monotonic())
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        node.create_timer(1 / session.spec.rate_hz, self._on_tick, clock=steady)

    def restart(self) -> None:
        """Take note that an episode has begun: what was commanded before it is void."""
        self._guard.reset(self._session.spec.start, self._session.stamp_ns)

    def health(self) -> Health:
        """Return whether somebody commands, and whether time is kept."""
        health = self._commands.health()
        if self._pace.is_late:
            text = f"real-time factor {self._pace.factor:.2f}: this machine is too slow for "
            text += f"{self._session.spec.rate_hz:g} Hz with these cameras; use pace:=lockstep, "
            health = replace(
                health, level=WARN, message=f"{text}fewer or smaller cameras, or shadows:=false"
            )
        factor = round(self._pace.factor, 2)
        return replace(health, values={**health.values, "real_time_factor": factor})

    def _on_tick(self) -> None:
        self._pace.tick(time.monotonic())
        session = self._session
        self._guard.see_pose(session.positions, time.monotonic())
        setpoint = self._guard.setpoint(session.stamp_ns / 1e9)
        if setpoint is None:
            self._wait()
        else:
            self._step(setpoint)

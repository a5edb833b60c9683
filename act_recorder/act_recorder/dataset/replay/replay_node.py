# SPDX-License-Identifier: Apache-2.0
"""The node of a replay: joint_states in, joint_commands out."""

import time

import numpy as np
from numpy.typing import NDArray
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.timer import Timer
from sensor_msgs.msg import JointState

from act_core.errors import ActError
from act_core.observation import JointSample
from act_core.robot.robot_spec import RobotSpec
from act_core.ros import qos
from act_core.ros.command_output import TOPIC, CommandOutput
from act_core.ros.endpoints import subscription
from act_recorder.dataset.replay.command_player import CommandPlayer, PlayState
from act_recorder.dataset.replay.tracking import TrackingRecord
from act_recorder.dataset.replay.watched_robot import WatchedRobot

Vector = NDArray[np.float64]


class ReplayFaultError(ActError):
    """A replay cannot go on; the robot keeps its last command."""


class ReplayNode(Node):
    """Samples to a player, its commands to messages; in real time by a clock, or tick by tick.

    Nothing is sent before `begin`, nor after an end, a fault or `halt`.

    Args:
        spec: the robot.
        player: decides.
        lockstep: answers each tick of a simulator with its stamp, rather than by a clock.

    Attributes:
        robot: as its samples tell.
        fault: why it had to stop, or "".
        is_lockstep: as given.
        record: how the robot has followed since the ramp's end.
    """

    def __init__(self, spec: RobotSpec, player: CommandPlayer, *, lockstep: bool) -> None:
        super().__init__("dataset_replay")
        self._spec, self._player = spec, player
        self.is_lockstep = lockstep
        self._simulated = bool(self.get_parameter("use_sim_time").value)
        self.robot = WatchedRobot(spec, lockstep=lockstep, simulated=self._simulated)
        self.fault = ""
        self._out = CommandOutput(self, spec, "replay")
        self._timer: Timer | None = None
        self._running = False
        self._first_ns = self._stamp_ns = -1
        self._sent_s = 0.0
        self._command: Vector | None = None
        self.record = TrackingRecord()
        subscription(self, JointState, "joint_states", self._on_state, qos.JOINT_STATES)

    @property
    def rivals(self) -> str:
        """Says who else commands at present, or ""."""
        return self._out.rivals

    @property
    def is_heard(self) -> bool:
        """Whether somebody else listens to commands."""
        infos = self.get_subscriptions_info_by_topic(self.resolve_topic_name(TOPIC))
        return any(info.node_name != self.get_name() for info in infos)

    @property
    def has_ended(self) -> bool:
        """Whether the last command was given, and where it led has been seen."""
        if self._player.state is not PlayState.ENDED or self.robot.sample is None:
            return False
        return not self.is_lockstep or self.robot.sample.stamp_ns > self._stamp_ns

    def begin(self, first_ns: int = 0) -> None:
        """Move from now on; in lockstep, from the tick with stamp `first_ns` on.

        Raises:
            ReplayFaultError: somebody else commands, or where the robot is is not known.
        """
        refusal = self.rivals or ("" if self.is_lockstep else self.robot.silence())
        if refusal:
            raise ReplayFaultError(refusal)
        self._out.open()
        self._running, self._first_ns = True, first_ns
        if self.is_lockstep:
            self._answer()
            return
        assert self.robot.sample is not None
        self._player.begin(self.robot.sample.positions)
        self._note(self.robot.sample)
        self._sent_s = self._now_s() - 1 / self._spec.rate_hz
        self._timer = self.create_timer(
            1 / self._spec.rate_hz, self._on_tick, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )

    def halt(self) -> None:
        """Send nothing more: the robot keeps its last command, torque on."""
        self._running = False
        if self._timer is not None:
            self._timer.cancel()
        self._out.close()

    def _on_state(self, message: JointState) -> None:
        sample = self.robot.see(message)
        if sample is None:
            return
        self._note(sample)
        if self.is_lockstep:
            self._answer()

    def _answer(self) -> None:
        """Answer the simulator's tick, once more where it asks once more."""
        sample = self.robot.sample
        if not self._running or sample is None or sample.stamp_ns < self._first_ns:
            return
        if sample.stamp_ns == self._stamp_ns and self._command is not None:
            self._out.send(self._command, sample.stamp_ns)
        elif sample.stamp_ns > self._stamp_ns and self._player.state is not PlayState.ENDED:
            if self._player.state is PlayState.WAITING:
                self._player.begin(sample.positions)
                self._note(sample)
            self._stamp_ns = sample.stamp_ns
            self._give(1 / self._spec.rate_hz, sample.stamp_ns)

    def _note(self, sample: JointSample) -> None:
        """Keep a sample for the report."""
        if self._player.state in (PlayState.PLAYING, PlayState.ENDED):
            self.record.add_state(sample.stamp_ns, sample.positions)

    def _on_tick(self) -> None:
        now_s = self._now_s()
        self.fault = self.rivals or self.robot.silence() or self.robot.astray(self._command, now_s)
        if self.fault:
            self.halt()
            return
        if now_s > self._sent_s:  # simulated time stands still between its ticks
            self._give(now_s - self._sent_s, self.get_clock().now().nanoseconds)
            self._sent_s = now_s

    def _give(self, elapsed_s: float, stamp_ns: int) -> None:
        playing = self._player.state in (PlayState.PLAYING, PlayState.ENDED)
        self._command = self._player.step(elapsed_s)
        self._out.send(self._command, stamp_ns)
        if playing:
            self.record.add_command(stamp_ns, self._command)

    def _now_s(self) -> float:
        """Return time: the simulator's, which may be slow, or a steady one."""
        if self._simulated:
            return float(self.get_clock().now().nanoseconds) / 1e9
        return time.monotonic()

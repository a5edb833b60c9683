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

from act_core.errors import ActError, OtherJointsError
from act_core.observation import JointSample
from act_core.robot.motion_watch import MotionWatch
from act_core.robot.robot_spec import RobotSpec
from act_core.robot.tracking_watch import TrackingWatch
from act_core.ros import qos
from act_core.ros.command_output import TOPIC, CommandOutput
from act_core.ros.endpoints import subscription
from act_core.ros.messages.joints import read_sample
from act_recorder.dataset.replay.command_player import CommandPlayer, PlayState
from act_recorder.dataset.replay.tracking import Tracking, measure

Vector = NDArray[np.float64]

# Older than this and nobody knows where the robot is, s; as the guard on the robot's side.
SILENCE_S = 0.5
# A simulator on a busy machine may be slow, and hurts nobody.
SIMULATED_SILENCE_S, LOCKSTEP_SILENCE_S = 2.0, 10.0


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
        sample: the newest of the robot, or None.
        fault: why it had to stop, or "".
        is_lockstep: as given.
    """

    def __init__(self, spec: RobotSpec, player: CommandPlayer, *, lockstep: bool) -> None:
        super().__init__("dataset_replay")
        self._spec, self._player = spec, player
        self.is_lockstep = lockstep
        self._simulated = bool(self.get_parameter("use_sim_time").value)
        self.sample: JointSample | None = None
        self.fault = self._refused = ""
        self._heard_s = time.monotonic()
        self._motion, self._tracking = MotionWatch(spec), TrackingWatch(spec)
        self._out = CommandOutput(self, spec, "replay")
        self._timer: Timer | None = None
        self._running = False
        self._first_ns = self._stamp_ns = -1
        self._sent_s = 0.0
        self._command: Vector | None = None
        self._commands: list[tuple[float, Vector]] = []
        self._states: list[tuple[float, Vector]] = []
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
        if self._player.state is not PlayState.ENDED or self.sample is None:
            return False
        return not self.is_lockstep or self.sample.stamp_ns > self._stamp_ns

    def silence(self) -> str:
        """Return in words that the robot's joints are not known, or ""."""
        silent_s = time.monotonic() - self._heard_s
        limit_s = SIMULATED_SILENCE_S if self._simulated else SILENCE_S
        limit_s = LOCKSTEP_SILENCE_S if self.is_lockstep else limit_s
        if self.sample is not None and silent_s <= limit_s:
            return ""
        if self._refused:
            return self._refused
        return f"joint_states: nothing for {silent_s:.1f} s (limit {limit_s:g} s)"

    def begin(self, first_ns: int = 0) -> None:
        """Move from now on; in lockstep, from the tick with stamp `first_ns` on.

        Raises:
            ReplayFaultError: somebody else commands, or where the robot is is not known.
        """
        refusal = self.rivals or ("" if self.is_lockstep else self.silence())
        if refusal:
            raise ReplayFaultError(refusal)
        self._out.open()
        self._running, self._first_ns = True, first_ns
        if self.is_lockstep:
            self._answer()
            return
        assert self.sample is not None
        self._begin_from(self.sample)
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

    def tracking(self) -> Tracking | None:
        """Return how the robot followed since the ramp's end; None if nothing was played."""
        if len(self._commands) < 2 or not self._states:
            return None
        commands_s, commands = (np.array(part) for part in zip(*self._commands, strict=True))
        states_s, states = (np.array(part) for part in zip(*self._states, strict=True))
        tracking = measure(commands_s, commands, states_s, states)
        return None if np.isnan(tracking.mean).all() else tracking

    def _on_state(self, message: JointState) -> None:
        try:
            sample = read_sample(message, self._spec.state)
        except OtherJointsError:
            return  # another device's, on the same topic
        except ActError as error:
            self._refused = f"joint_states refused: {error}"
            return
        glitch = "" if self.is_lockstep else self._motion.see(sample.positions, sample.stamp_ns)
        if glitch:
            self._refused = f"joint_states refused: {glitch}"
            return
        self.sample, self._heard_s, self._refused = sample, time.monotonic(), ""
        self._note(sample)
        if self.is_lockstep:
            self._answer()

    def _answer(self) -> None:
        """Answer the simulator's tick, once more where it asks once more."""
        sample = self.sample
        if not self._running or sample is None or sample.stamp_ns < self._first_ns:
            return
        if sample.stamp_ns == self._stamp_ns and self._command is not None:
            self._out.send(self._command, sample.stamp_ns)
        elif sample.stamp_ns > self._stamp_ns and self._player.state is not PlayState.ENDED:
            if self._player.state is PlayState.WAITING:
                self._begin_from(sample)
            self._stamp_ns = sample.stamp_ns
            self._give(1 / self._spec.rate_hz, sample.stamp_ns)

    def _begin_from(self, sample: JointSample) -> None:
        self._player.begin(sample.positions)
        self._note(sample)

    def _note(self, sample: JointSample) -> None:
        """Keep a sample for the report; one that was sent once more counts once."""
        stamp_s = sample.stamp_ns / 1e9
        is_new = not self._states or stamp_s > self._states[-1][0]
        if is_new and self._player.state in (PlayState.PLAYING, PlayState.ENDED):
            self._states.append((stamp_s, sample.positions))

    def _on_tick(self) -> None:
        now_s = self._now_s()
        self.fault = self.rivals or self.silence() or self._astray()
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
            self._commands.append((stamp_ns / 1e9, self._command))

    def _astray(self) -> str:
        if self._command is None or self.sample is None:
            return ""
        return self._tracking.see(self._command, self.sample.positions, self._now_s())

    def _now_s(self) -> float:
        """Return time: the simulator's, which may be slow, or a steady one."""
        if self._simulated:
            return float(self.get_clock().now().nanoseconds) / 1e9
        return time.monotonic()

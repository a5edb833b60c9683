# SPDX-License-Identifier: Apache-2.0
"""The last look at commands on the robot's side, whoever sends them. No ROS."""

import math
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from act_core.errors import ActError
from act_core.robot.command_limits import CommandLimits
from act_core.robot.robot_spec import RobotSpec

# A source starts from the measured pose; what begins further away was meant for another moment.
START_WITHIN_RAD = 0.2
POSE_AGE_S = 0.5
# A source that was held up for less than this goes on where it was, as fast as the limits allow.
STALL_S = 1.0


class CommandRefusedError(ActError):
    """A command may not be executed; the robot keeps the last that was."""


class BeforeResetError(CommandRefusedError):
    """A command was under way when the robot was reset, which is nobody's fault."""


class GuardState(Enum):
    """What the guard lets happen."""

    WAITING = auto()  # no command yet: nothing moves
    FOLLOWING = auto()
    HOLDING = auto()  # commands stay out: the last one is kept


@dataclass(frozen=True)
class Command:
    """A command as it arrives.

    Attributes:
        vector: (D,) rad, grippers 0 closed … 1 open.
        stamp_ns: when it was meant, on the robot side's ROS clock.
        source: who sent it; one at a time is listened to.
    """

    vector: NDArray[np.float64]
    stamp_ns: int
    source: str


class CommandGuard:
    """Lets through what one source commands now, within the robot's limits.

    Refused are vectors that are not finite, commands older or newer than a bound, from before a
    reset or out of order, a second source while one commands, and a start away from where the
    robot is. When commands stay out, the last one is kept.

    Args:
        spec: the robot.
        max_age_s: largest distance of a command's stamp from now, on either side.
        timeout_s: silence after which it holds, and another source may begin.

    Attributes:
        state: what it does.
        reason: why it waits or holds, or what it refused last, in words.
        source: whose commands it follows.
        refused: commands refused so far.
    """

    def __init__(self, spec: RobotSpec, *, max_age_s: float, timeout_s: float) -> None:
        self.state, self.reason = GuardState.WAITING, "joint_commands: no command yet"
        self.source = ""
        self.refused = 0
        self._spec, self._limits = spec, CommandLimits(spec)
        self._max_age_s, self._timeout_s = max_age_s, timeout_s
        self._pose: NDArray[np.float64] | None = None
        self._seen_s = -math.inf
        self._goal: NDArray[np.float64] | None = None
        self._earliest_ns, self._stamp_ns = 1, 0
        self._taken_s = -math.inf
        self._moved_s: float | None = None

    def see_pose(self, measured: NDArray[np.float64], now_s: float) -> None:
        """Take the robot's measured pose (D,), from which the next source has to start."""
        self._pose, self._seen_s = measured, now_s

    def pose_age_s(self, now_s: float) -> float:
        """Return the time since the pose was measured, infinite before the first."""
        return now_s - self._seen_s

    def reset(self, pose: NDArray[np.float64], stamp_ns: int) -> None:
        """Stand still at `pose` (D,); commands with stamps before `stamp_ns` are void."""
        self.state, self.reason = GuardState.WAITING, "joint_commands: none since the reset"
        self._pose, self._goal, self._earliest_ns = pose, None, stamp_ns
        self._seen_s = math.inf  # as good as any, until it is measured again

    def take(self, command: Command, now_ns: int, now_s: float) -> None:
        """Let the robot go where `command` says.

        Args:
            command: as it came.
            now_ns: on the ROS clock, that of the command's stamp.
            now_s: on a steady clock.

        Raises:
            CommandRefusedError, JointValuesError: it may not be executed; says why.
        """
        self.watch(now_s)
        starts = self._starts(command.source, now_s)
        try:
            self._check(command, now_ns, now_s if starts else None)
        except ActError as error:
            self.refused += 1
            self.reason = str(error)
            raise
        if starts:
            assert self._pose is not None
            self._limits.start_from(self._pose)
            self._moved_s = None
        self.state, self.reason, self.source = GuardState.FOLLOWING, "", command.source
        self._goal, self._stamp_ns, self._taken_s = command.vector, command.stamp_ns, now_s

    def setpoint(self, time_s: float) -> NDArray[np.float64] | None:
        """Return the (D,) vector that the robot is to have, or None before any command.

        Speed and acceleration are bounded on the clock of `time_s`, that of the robot's motion.
        """
        if self._goal is None:
            return None
        period_s = 1 / self._spec.rate_hz
        elapsed_s = period_s if self._moved_s is None else time_s - self._moved_s
        self._moved_s = time_s
        # Two periods at most: a pause must not buy a jump, and in it the robot has stopped.
        if elapsed_s > 2 * period_s:
            self._limits.rest()
        return self._limits.apply(self._goal, min(max(elapsed_s, 0.0), 2 * period_s))

    @property
    def settled(self) -> bool:
        """Whether the last setpoint was all that is commanded."""
        return self._goal is None or self._limits.reached

    def watch(self, now_s: float) -> None:
        """Hold if commands have stayed out for too long."""
        silent_s = now_s - self._taken_s
        if self.state is GuardState.FOLLOWING and silent_s > self._timeout_s:
            self.state = GuardState.HOLDING
            self.reason = (
                f"joint_commands: nothing from {self.source} for {silent_s:.2f} s (limit "
                f"{self._timeout_s:g} s); the last command is kept"
            )

    def _starts(self, source: str, now_s: float) -> bool:
        """Tell whether a command of `source` begins a motion, rather than going on with one."""
        if self.state is GuardState.WAITING or source != self.source:
            return self.state is not GuardState.FOLLOWING
        return now_s - self._taken_s > STALL_S

    def _check(self, command: Command, now_ns: int, starts_s: float | None) -> None:
        self._limits.check_finite(command.vector, "command")
        following = self.state is GuardState.FOLLOWING
        if following and command.source != self.source:
            raise CommandRefusedError(
                f"{command.source} commands while {self.source} does; one source at a time, stop "
                "one of them"
            )
        self._check_time(command, now_ns)
        if starts_s is not None:
            self._check_start(command.vector, starts_s)

    def _check_time(self, command: Command, now_ns: int) -> None:
        stamp_ns, who = command.stamp_ns, f"command of {command.source}"
        if not stamp_ns:
            raise CommandRefusedError(
                f"{who}: header.stamp is 0, expected the time it is meant for"
            )
        age_s = (now_ns - stamp_ns) / 1e9
        if stamp_ns < self._earliest_ns:
            raise BeforeResetError(f"{who} is from before the reset")
        if abs(age_s) > self._max_age_s:
            side = "old" if age_s > 0 else "ahead of this machine's clock"
            raise CommandRefusedError(
                f"{who} is {abs(age_s):.3g} s {side} (limit {self._max_age_s:g} s); is the "
                "network slow, are the clocks synchronised, does use_sim_time differ?"
            )
        if command.source == self.source and stamp_ns < self._stamp_ns:
            raise CommandRefusedError(f"{who} is older than the one before it")

    def _check_start(self, vector: NDArray[np.float64], now_s: float) -> None:
        if self._pose is None:
            raise CommandRefusedError("joint_states: no pose yet from which a command could lead")
        age_s = self.pose_age_s(now_s)
        if age_s > POSE_AGE_S:
            raise CommandRefusedError(
                f"joint_states: the newest pose is {age_s:.1f} s old (limit "
                f"{POSE_AGE_S:g} s); where the robot is has to be known at a start"
            )
        away = np.where(self._spec.is_gripper, 0.0, np.abs(vector - self._pose))
        worst = int(np.argmax(away))
        if away[worst] > START_WITHIN_RAD:
            raise CommandRefusedError(
                f"'{self._spec.columns[worst]}' is commanded {away[worst]:.2f} rad away from "
                f"where the robot is (limit {START_WITHIN_RAD:g} rad); a source has to start from "
                "the measured pose"
            )

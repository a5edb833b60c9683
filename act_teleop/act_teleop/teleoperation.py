# SPDX-License-Identifier: Apache-2.0
"""When the follower follows, and who lets it: states of teleoperation. No ROS."""

from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from act_core.errors import ActError, JointValuesError
from act_core.observation import JointSample
from act_core.robot.pose_motion import PoseMotion
from act_core.robot.robot_spec import RobotSpec
from act_core.robot.tracking_watch import TrackingWatch
from act_teleop.alignment import Alignment
from act_teleop.follower_command import FollowerCommand
from act_teleop.gripper_gesture import GripperGesture
from act_teleop.teleop_inputs import LeaderSample, Order, TeleopInputs
from act_teleop.teleop_params import TeleopParams

LEAD_S = 0.2
STANDSTILL_S = 0.05  # well above the period at which `watch` is called
_ACTS = {"grippers": "open, then close all leader grippers", "call": "call ~/engage"}


class State(Enum):
    """What teleoperation does. Where it sends nothing, the robot keeps its last command."""

    WAITING = auto()  # leader or robot are not there yet
    ALIGNING = auto()  # the leader is too far from the robot
    READY = auto()  # an operator may engage
    FOLLOWING = auto()
    HOLDING = auto()  # lost, refused, released, or another source commands
    PARKING = auto()  # on its way to a pose


class Teleoperation:
    """Turns leader samples into commands, from the robot's measured pose after each pause.

    Args:
        spec: the robot.
        params: of the node.

    Attributes:
        state: what it does.
        reason: what is missing, refused, or to be done, in words; empty while it follows.
        rejected: leader samples refused so far.
    """

    def __init__(self, spec: RobotSpec, params: TeleopParams) -> None:
        self.state, self.reason = State.WAITING, "leader/joint_states: no sample yet"
        self.rejected = 0
        self._spec, self._params = spec, params
        self._follower = FollowerCommand(spec, params.align_speed_rad_s)
        self._alignment = Alignment(spec, params.align_within_rad)
        self._gesture, self._tracking = GripperGesture(), TrackingWatch(spec)
        self._motion: PoseMotion | None = None
        self._inputs = TeleopInputs(params.input_timeout_s)
        self._waiting: LeaderSample | None = None  # for the robot's present pose
        self._rivals = self._held = ""  # who else commands; why it held last
        self._released = False  # by the operator, who alone may engage again
        self._watched_s: float | None = None

    @property
    def ahead_s(self) -> float:
        """How far the leader's stamps run ahead of the receiver's clock."""
        return self._follower.ahead_ns / 1e9

    def leader_age_s(self, now_s: float) -> float:
        """Return the time since the leader's last sample, infinite before the first."""
        return self._inputs.leader_age_s(now_s)

    def see_robot(self, sample: JointSample, now_s: float) -> NDArray[np.float64] | None:
        """Take the robot's measured pose; return the command that waited for it, if one did."""
        lost = self._lost_in_silence(now_s)
        order = self._inputs.see_robot(sample, now_s)
        if order is Order.LATE:
            return None
        if order is Order.JUMPED:
            # The robot was reset: to go on from where it was would be a blow.
            self._follower.disengage()
            if self._needs_act and not lost:
                self._lose("joint_states: the stamps jumped")
        if self._follower.last is not None:
            astray = self._tracking.see(self._follower.last, sample.positions, now_s)
            if astray:
                self._lose(astray)
        waiting, self._waiting = self._waiting, None
        return None if waiting is None else self._follow(waiting, now_s)

    def see_leader(self, sample: LeaderSample, now_s: float) -> NDArray[np.float64] | None:
        """Take a leader sample; return the (D,) command that follows it, if one may be sent."""
        lost = self._lost_in_silence(now_s)
        if not self._inputs.see_leader(sample, now_s):
            self.rejected += 1
            return None
        if self.state is State.PARKING or (lost and self._needs_act):
            return None
        if self.state is not State.FOLLOWING and self._needs_act:
            self._look_whether_ready(sample, now_s)
        if self.state is not State.FOLLOWING and self._needs_act:
            return None
        return self._follow(sample, now_s)

    def refuse(self, reason: str, now_s: float) -> None:
        """Take note of a leader sample that cannot be used."""
        self._inputs.hear_leader(now_s)
        self.rejected += 1
        self._lose(f"leader/joint_states refused: {reason}", even_waiting=True)

    def engage(self, now_s: float, *, anywhere: bool = False) -> str:
        """Begin to follow as an operator asks; return why not, empty when it does.

        Args:
            now_s: on a steady clock.
            anywhere: take over with the leader wherever it is: its motion is followed.
        """
        missing = self._rivals or self._inputs.missing(now_s)
        if self.state is State.FOLLOWING or missing:
            return missing
        assert self._inputs.robot is not None
        assert self._inputs.leader is not None
        leader, measured = self._inputs.leader.vector, self._inputs.robot.positions
        advice = "" if anywhere else self._alignment.advice(leader, measured)
        if advice:
            return advice
        self._motion = None
        self._follower.engage(measured, leader, keep_grippers=anywhere)
        self._follow_on()
        return ""

    def hold(self, reason: str) -> None:
        """Send nothing more until an operator engages it again."""
        self._released = True
        self._lose(reason)

    def go_to(self, goal: NDArray[np.float64], name: str, now_s: float) -> str:
        """Begin a slow motion to the pose `goal` (D,); return why not, empty when it begins."""
        if self._rivals or self._inputs.robot is None or self._inputs.robot_is_silent(now_s):
            return self._rivals or "joint_states: no fresh sample to start from"
        start = self._follower.last  # on the move: from there, not from where it was measured
        if start is None:
            start = self._inputs.robot.positions
            self._follower.engage(start)
        self._released = True
        self._motion = PoseMotion(self._spec, start, goal, self._params.pose_speed_rad_s, now_s)
        self.state, self.reason = State.PARKING, f"on the way to the {name} pose"
        return ""

    def leader_goal(self, now_s: float) -> NDArray[np.float64] | None:
        """Return where leaders with motors are to be led (D,), None while they lead themselves.

        That is never further than a fifth of a second at `pose_speed_rad_s`.
        """
        if self.state is State.FOLLOWING or self._inputs.missing(now_s):
            return None
        assert self._inputs.robot is not None
        assert self._inputs.leader is not None
        reach = LEAD_S * self._params.pose_speed_rad_s * ~self._spec.is_gripper
        return self._inputs.leader.vector + np.clip(
            self._inputs.robot.positions - self._inputs.leader.vector, -reach, reach
        )

    def tick(self, now_s: float) -> NDArray[np.float64] | None:
        """Return the (D,) command of a motion to a pose, once a period; None without one."""
        if self._motion is None:
            return None
        before = self._follower.last
        command = self._follower.drive(self._motion.at(now_s))
        if before is not None and self._motion.is_reached(before):  # and at rest there
            self._lose("the pose is reached")
        return command

    def watch(self, now_s: float, rivals: str = "", *, deadman: bool = True) -> None:
        """Look whether all is there, a few times in STANDSTILL_S.

        Silence that this process slept through, as on an overloaded machine, is told apart.

        Args:
            now_s: on a steady clock.
            rivals: says who else commands the robot; two streams would throw the arms about.
            deadman: whether the deadman button is held, where there is one.
        """
        self._rivals = rivals or ("" if deadman else "the deadman button is not held")
        self._look(now_s)

    def _lost_in_silence(self, now_s: float) -> bool:
        """Hold after a silence that a sample ends before `watch` could be called in it."""
        moves = self.state in (State.FOLLOWING, State.PARKING)
        if moves:
            self._look(now_s)
        return moves and self.state is State.HOLDING

    def _look(self, now_s: float) -> None:
        missing = self._inputs.missing(now_s)
        still_s = 0.0 if self._watched_s is None else now_s - self._watched_s
        self._watched_s = now_s
        if missing and still_s > STANDSTILL_S:
            missing += f"; this node itself stood still for {still_s:.2f} s"
        reason = "; ".join(filter(None, (missing, self._rivals)))
        if self.state is State.PARKING:
            if self._rivals or self._inputs.robot_is_silent(now_s):
                self._lose(reason)
        elif self.state in (State.FOLLOWING, State.HOLDING) and reason:
            self._lose(reason)
        elif missing:
            self._gesture.forget()
            self._waiting = None
            self.state, self.reason = State.WAITING, reason

    @property
    def _needs_act(self) -> bool:
        return self._released or self._params.engage != "auto"

    def _look_whether_ready(self, sample: LeaderSample, now_s: float) -> None:
        if self._inputs.missing(now_s) or self._inputs.robot is None:
            return
        advice = self._alignment.advice(sample.vector, self._inputs.robot.positions)
        held = f" (held: {self._held})" if self._held else ""
        if advice:
            self._gesture.forget()
            self.state, self.reason = State.ALIGNING, f"{advice}{held}"
            return
        act = _ACTS.get(self._params.engage, _ACTS["call"])
        self.state, self.reason = State.READY, self._rivals or f"{act} to engage{held}"
        closed = self._gesture.see(sample.vector[self._spec.is_gripper], now_s)
        if closed and self._params.engage == "grippers":
            self.engage(now_s)

    def _follow(self, sample: LeaderSample, now_s: float) -> NDArray[np.float64] | None:
        if self._rivals:
            return None  # `watch` says so
        try:
            if not sample.stamp_ns:
                raise JointValuesError("header.stamp is 0; the leader's driver has to set it")
            if self._follower.needs_pose(sample.stamp_ns):
                if self._needs_act:
                    raise JointValuesError("its stamps jumped")
                if self._inputs.robot is None or not self._knows_pose(sample.stamp_ns, now_s):
                    self._waiting = sample
                    return None
                self._follower.engage(self._inputs.robot.positions)
            command = self._follower.follow(sample.vector, sample.stamp_ns, sample.received_ns)
        except ActError as error:
            self.refuse(str(error), now_s)
            return None
        self._follow_on()
        return command

    def _knows_pose(self, stamp_ns: int, now_s: float) -> bool:
        if self._inputs.robot is None or self._inputs.robot_is_silent(now_s):
            return False
        # In real time the leader's clock may be another than the robot's.
        ticks_ns = 2 * self._spec.period_ns
        return (
            self._params.pace == "realtime" or self._inputs.robot.stamp_ns >= stamp_ns - ticks_ns
        )

    def _follow_on(self) -> None:
        self.state, self.reason, self._held = State.FOLLOWING, "", ""
        self._released = False

    def _lose(self, reason: str, *, even_waiting: bool = False) -> None:
        """Hold, unless nothing was followed yet."""
        self._follower.disengage()
        self._gesture.forget()
        self._tracking.forget()
        self._waiting = self._motion = None
        if even_waiting or self.state in (State.FOLLOWING, State.HOLDING, State.PARKING):
            self.state, self.reason = State.HOLDING, f"{reason}; holding"
            self._held = reason

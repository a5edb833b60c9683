# SPDX-License-Identifier: Apache-2.0
"""One run as a goal asks for it: to the start pose, driving, to the sleep pose. No messages."""

from dataclasses import dataclass
from enum import Enum, auto

from act_core.robot.robot_spec import RobotSpec
from act_policy.session.policy_session import PolicySession

PATIENCE_S = 20.0  # until inputs are whole, so that a motion may begin


class Phase(Enum):
    """What a run does."""

    TO_START = auto()
    DRIVING = auto()
    PARKING = auto()


class Ending(Enum):
    """How a run ended."""

    DONE = auto()
    CANCELED = auto()
    NOT_STARTED = auto()
    STOPPED = auto()


@dataclass(frozen=True)
class RunGoal:
    """What is asked for.

    Attributes:
        duration_s: of driving; 0 until it is cancelled.
        start_pose: whether it begins with a motion to the start pose.
        park: whether it ends with one to the sleep pose.
    """

    duration_s: float
    start_pose: bool
    park: bool


@dataclass(frozen=True)
class RunOutcome:
    """What became of it, and why in words."""

    ending: Ending
    message: str


class PolicyRun:
    """Follows one goal through its phases; `tick` it often.

    Args:
        goal: what is asked for.
        session: engaged already.
        spec: the robot.
        now_s: on the clock of `tick`.

    Attributes:
        phase: what it does.
        driven_s: how long the policy has driven, holds left out.
    """

    def __init__(
        self, goal: RunGoal, session: PolicySession, spec: RobotSpec, now_s: float
    ) -> None:
        self._goal, self._session, self._spec = goal, session, spec
        self.phase = Phase.TO_START if goal.start_pose else Phase.DRIVING
        session.held_back = goal.start_pose  # before its first tick
        self.driven_s = 0.0
        self._entered_s = self._ticked_s = now_s
        self._moving = False

    def tick(self, now_s: float, *, canceled: bool) -> RunOutcome | None:
        """Let time pass; return what became of the run once it is over."""
        elapsed_s, self._ticked_s = now_s - self._ticked_s, now_s
        if canceled:
            return self._over(Ending.CANCELED, "cancelled")
        if not self._session.engaged:
            return self._over(Ending.STOPPED, "deactivated by somebody else")
        if self.phase is Phase.DRIVING:
            return self._drive(elapsed_s, now_s)
        return self._move(now_s)

    def _drive(self, elapsed_s: float, now_s: float) -> RunOutcome | None:
        if self._session.is_driving:
            self.driven_s += elapsed_s
        if not self._goal.duration_s or self.driven_s < self._goal.duration_s:
            return None
        if not self._goal.park:
            return self._over(Ending.DONE, "done")
        self.phase, self._entered_s = Phase.PARKING, now_s
        return None

    def _move(self, now_s: float) -> RunOutcome | None:
        session, parks = self._session, self.phase is Phase.PARKING
        if not self._moving:
            pose, name = (self._spec.sleep, "sleep") if parks else (self._spec.start, "start")
            refusal = session.move_to(pose, name)
            self._moving = not refusal
            if refusal and now_s - self._entered_s > PATIENCE_S:
                return self._not_there(refusal)
        elif session.move_fault:
            return self._not_there(session.move_fault)
        elif not session.is_moving:
            self._moving = False
            if parks:
                return self._over(Ending.DONE, "done and parked")
            self.phase, session.held_back = Phase.DRIVING, False
        return None

    def _not_there(self, why: str) -> RunOutcome:
        if self.phase is Phase.PARKING:
            return self._over(Ending.STOPPED, f"not parked: {why}")
        return self._over(Ending.NOT_STARTED, f"the start pose was not reached: {why}")

    def _over(self, ending: Ending, what: str) -> RunOutcome:
        return RunOutcome(ending, f"{what}, after {self.driven_s:.1f} s of driving")

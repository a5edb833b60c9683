# SPDX-License-Identifier: Apache-2.0
"""The action `~/run_policy`: goals in, runs and their outcomes out."""

import json
import math
import time
from collections.abc import Callable
from functools import partial

from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node

from act_core.robot.robot_spec import RobotSpec
from act_interfaces.action import RunPolicy
from act_policy.session.policy_report import PolicyReport
from act_policy.session.policy_run import Ending, Phase, PolicyRun, RunGoal, RunOutcome
from act_policy.session.policy_session import PolicySession

TICK_S = 0.05
FEEDBACK_S = 0.5
_CODES = {
    Ending.DONE: RunPolicy.Result.NONE,
    Ending.CANCELED: RunPolicy.Result.CANCELED,
    Ending.NOT_STARTED: RunPolicy.Result.NOT_STARTED,
    Ending.STOPPED: RunPolicy.Result.STOPPED,
}
_PHASES = {
    Phase.TO_START: RunPolicy.Feedback.TO_START,
    Phase.DRIVING: RunPolicy.Feedback.DRIVING,
    Phase.PARKING: RunPolicy.Feedback.PARKING,
}


class RunServer:
    """One goal at a time; a goal is executed when all is done, as the recorder's is.

    Args:
        node: to serve with.
        spec: the robot.
        report: of the policy, for what a run was.
        begin: checkpoint → an engaged session; raises where that is refused.
        end: gives it back: the robot holds.
        active: whether the policy drives already, as nobody's goal.
        moves: whether the robot can be led to a pose, as in real time.
    """

    def __init__(
        self, node: Node, spec: RobotSpec, report: PolicyReport,
        begin: Callable[[str], PolicySession], end: Callable[[], object],
        active: Callable[[], bool], *, moves: bool,
    ) -> None:  # fmt: skip
        self._node, self._spec, self._report = node, spec, report
        self._begin, self._end, self._active = begin, end, active
        self._moves = moves
        self._goal: ServerGoalHandle | None = None
        self._run: PolicyRun | None = None
        self._told_at_s, self._told_phase = 0.0, Phase.TO_START
        self._server = ActionServer(
            node, RunPolicy, "~/run_policy", lambda _: None, goal_callback=self._on_goal,
            handle_accepted_callback=self._on_accepted,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
        )  # fmt: skip
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        node.create_timer(TICK_S, self._on_tick, clock=steady)

    def _on_goal(self, goal: RunPolicy.Goal) -> GoalResponse:
        refusal = ""
        if self._goal is not None:
            refusal = "another goal is running"
        elif self._active():
            refusal = "the policy is active already; deactivate it first"
        elif (goal.start_pose or goal.park) and not self._moves:
            refusal = "start_pose and park are for pace:=realtime; in lockstep sim/reset does it"
        elif not (math.isfinite(goal.duration_s) and goal.duration_s >= 0):
            refusal = f"duration_s is {goal.duration_s:g}, expected 0 or more"
        if refusal:
            self._node.get_logger().error(f"run_policy: goal rejected: {refusal}")
            return GoalResponse.REJECT
        return GoalResponse.ACCEPT

    def _on_accepted(self, handle: ServerGoalHandle) -> None:
        self._goal, goal = handle, handle.request
        try:
            session = self._begin(goal.checkpoint)
        except Exception as error:  # noqa: BLE001 # whatever it is, the client has to hear of it
            self._finish(RunOutcome(Ending.NOT_STARTED, str(error)))
            return
        asked = RunGoal(goal.duration_s, goal.start_pose, goal.park)
        self._run = PolicyRun(asked, session, self._spec, time.monotonic())

    def _on_tick(self) -> None:
        run, handle, now_s = self._run, self._goal, time.monotonic()
        if run is None or handle is None:
            return
        outcome = run.tick(now_s, canceled=handle.is_cancel_requested)
        if outcome is not None:
            self._finish(outcome)
        elif now_s - self._told_at_s > FEEDBACK_S or run.phase is not self._told_phase:
            self._told_at_s, self._told_phase = now_s, run.phase
            message = self._report.status.message
            handle.publish_feedback(
                RunPolicy.Feedback(
                    phase=_PHASES[run.phase], driven_s=run.driven_s, message=message
                )
            )

    def _finish(self, outcome: RunOutcome) -> None:
        assert self._goal is not None
        run, self._run = self._run, None
        report = self._report.run_report() if run else None
        if run is not None:
            self._end()
        self._node.get_logger().info(f"run_policy: {outcome.message}")
        result = RunPolicy.Result(
            code=_CODES[outcome.ending], message=outcome.message,
            driven_s=run.driven_s if run else 0.0,
            run_report=json.dumps(report) if report else "",
        )  # fmt: skip
        self._goal.execute(partial(self._close, outcome.ending, result))

    def _close(
        self, ending: Ending, result: RunPolicy.Result, goal: ServerGoalHandle
    ) -> RunPolicy.Result:
        self._goal = None
        if ending is Ending.DONE:
            goal.succeed()
        elif ending is Ending.CANCELED:
            goal.canceled()
        else:
            goal.abort()
        return result

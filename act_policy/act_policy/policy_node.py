# SPDX-License-Identifier: Apache-2.0
"""Drives the robot by a trained policy: cameras and joints in, ensembled commands out.

Lifecycle: configure loads the checkpoint, compares it with the robot and warms up; activate
commands; deactivate holds, which means to send nothing more: the robot keeps its last command.
It is the only lifecycle node of the suite: only it has something to load and to compare with the
robot before it may be asked to act.
"""

import json
import sys
from dataclasses import replace

from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from std_srvs.srv import Trigger

from act_core.errors import ActError
from act_core.robot.robot_file import load_robot
from act_core.ros.endpoints import check_overrides
from act_core.ros.params import declare
from act_core.ros.process.run import run_node
from act_interfaces.msg import PolicyStatus
from act_policy.errors import InferenceError
from act_policy.session.open_session import open_session
from act_policy.session.policy_params import PolicyParams
from act_policy.session.policy_report import PolicyReport
from act_policy.session.policy_session import PolicySession
from act_policy.session.run_server import RunServer


class PolicyNode(LifecycleNode):
    """The policy as a lifecycle node.

    rclpy swallows exceptions of the transition callbacks, so they are turned into results.

    With `autostart` it configures and activates itself.
    """

    def __init__(self) -> None:
        super().__init__("policy")
        self.params = declare(self, PolicyParams)
        self._spec = load_robot(self.params.robot_file)
        self._session: PolicySession | None = None
        self._refusal: Exception | None = None
        self._report = PolicyReport(self)
        self.create_service(Trigger, "~/pause", self._on_pause)
        self.create_service(Trigger, "~/resume", self._on_resume)
        self.create_service(Trigger, "~/run_report", self._on_run_report)
        self._active = False
        self._runs = RunServer(
            self, self._spec, self._report, self._begin_run, self._end_run,
            lambda: self._active, moves=self.params.pace == "realtime",
        )  # fmt: skip
        if not self.params.autostart:
            return
        self.trigger_configure()
        if self._refusal is None:
            self.trigger_activate()
        if self._refusal is not None:
            raise self._refusal

    @property
    def fault(self) -> ActError | None:
        """Why the node has to end, None while it does not."""
        return None if self._session is None else self._session.fault

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load, compare with the robot, warm up, subscribe."""
        try:
            self._session = open_session(self, self.params, self._spec, self._report)
        except Exception as error:  # noqa: BLE001 # rclpy would drop it without a word
            return self._refuse(error)
        self._report.report(PolicyStatus.INACTIVE, "configured")
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Begin to command, from the robot's measured pose, at limited speed."""
        assert self._session is not None
        refusal = self._session.engage()
        if refusal:
            return self._refuse(InferenceError(refusal))
        try:
            check_overrides(self)
        except ActError as error:
            self._session.disengage()
            return self._refuse(error)
        self._active = True
        return super().on_activate(state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Hold: send nothing more."""
        assert self._session is not None
        self._session.disengage()
        self._active = False
        self._report.report(PolicyStatus.INACTIVE, "deactivated; the robot holds")
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Give up the checkpoint and its process; configure may follow."""
        self.stop()
        self._report.report(PolicyStatus.INACTIVE, "not configured")
        return super().on_cleanup(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """From whatever state: send nothing more, give up the checkpoint."""
        self.stop()
        self._report.report(PolicyStatus.INACTIVE, "shut down; the robot holds")
        return super().on_shutdown(state)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """After a transition that failed by a fault of ours: as on_cleanup."""
        del state
        self.stop()
        self._report.report(PolicyStatus.INACTIVE, "not configured, after an error")
        return TransitionCallbackReturn.SUCCESS

    def stop(self) -> None:
        """End the worker; the robot holds its last command."""
        if self._session is not None:
            self._session.close()
        self._session, self._active = None, False

    def _begin_run(self, checkpoint: str) -> PolicySession:
        """Load what a goal asks for, where that is not loaded, and begin to command.

        Raises:
            Exception: what on_configure and on_activate refuse by.
        """
        before, self._refusal = self.params, None
        if checkpoint not in ("", before.checkpoint) and self._session is not None:
            self.trigger_cleanup()
        if self._session is None:
            self.params = replace(before, checkpoint=checkpoint or before.checkpoint)
            self.trigger_configure()
        if self._refusal is None:
            self.trigger_activate()
        if self._refusal is not None:
            self.params = before if self._session is None else self.params
            raise self._refusal
        assert self._session is not None
        return self._session

    def _end_run(self) -> None:
        if self._active:  # nobody else was quicker
            self.trigger_deactivate()

    def _refuse(self, error: Exception) -> TransitionCallbackReturn:
        self._refusal = error
        if not self.params.autostart:
            name = "" if isinstance(error, ActError) else f"{type(error).__name__}: "
            self.get_logger().error(f"{name}{error}")
        return TransitionCallbackReturn.FAILURE

    def _on_pause(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        if self._session is not None:
            self._session.pause("as asked")
        response.success = True
        return response

    def _on_resume(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        refusal = "not configured" if self._session is None else self._session.resume()
        response.success, response.message = not refusal, refusal or "going on"
        return response

    def _on_run_report(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        report = self._report.run_report()
        response.success = report is not None
        response.message = "no run in progress" if report is None else json.dumps(report)
        return response


def main() -> None:
    """Run the node."""
    sys.exit(run_node(PolicyNode, PolicyParams))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Makes the session that a node's parameters ask for."""

from rclpy.node import Node

from act_core.robot.robot_spec import RobotSpec
from act_core.ros import qos
from act_policy.driving.lockstep_loop import LockstepLoop
from act_policy.driving.real_time_loop import RealTimeLoop
from act_policy.session.loaded_policy import load_policy
from act_policy.session.lockstep_session import LockstepSession
from act_policy.session.policy_params import PolicyParams
from act_policy.session.policy_report import PolicyReport
from act_policy.session.policy_session import PolicySession
from act_policy.session.real_time_session import RealTimeSession


class _Wake:
    """Lets the executor look at the worker's replies; called from the client's thread.

    The events executor knows no guard conditions; a task is its thread-safe door. An error in a
    task ends the process by a segmentation fault (rclpy 7.1.6), so the worker's death is noticed
    by the session's watchdog instead.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self.session: PolicySession | None = None  # replies may come before there is one

    def __call__(self) -> None:
        if self.session is not None and self._node.executor is not None:
            self._node.executor.create_task(self.session.take_replies)


def open_session(
    node: Node, params: PolicyParams, spec: RobotSpec, report: PolicyReport
) -> PolicySession:
    """Load the checkpoint, compare it with the robot, warm up, subscribe.

    Raises:
        ActError: what `load_policy` raises.
    """
    wake = _Wake(node)
    loaded = load_policy(params, spec, wake)
    if params.pace == "lockstep":
        lockstep = LockstepLoop(loaded.broker, period_ns=spec.period_ns)
        wake.session = LockstepSession(node, report, loaded, lockstep, qos.LOCKSTEP)
    else:
        loop = RealTimeLoop(
            loaded.broker,
            starvation_ns=round(params.input_timeout_s * 1e9),
            resumes_alone=params.resume == "auto",
        )
        wake.session = RealTimeSession(node, report, loaded, loop, qos.NEWEST_ONLY)
    node.get_logger().info(loaded.description)
    return wake.session

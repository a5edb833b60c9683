# SPDX-License-Identifier: Apache-2.0
"""The scripted demonstrator as leader arms: it publishes what a person's hands would."""

import math
import sys
import time

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from sensor_msgs.msg import JointState

from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.diagnostics import OK, WARN, Diagnostics, Health
from act_core.ros.endpoints import publisher, subscription
from act_core.ros.messages.joints import write_vector
from act_core.ros.messages.stamps import to_ns
from act_core.ros.params import declare
from act_core.ros.process.run import run_node
from act_interfaces.msg import TaskState
from act_sim.demonstrator.demonstration import Demonstration
from act_sim.demonstrator.demonstrator import Demonstrator
from act_sim.demonstrator.demonstrator_params import DemonstratorParams
from act_sim.errors import PlanError
from act_sim.sim_messages import from_pose

SILENCE_S = 1.0


class DemonstratorNode(Node):
    """Plans when an episode begins and answers each of its ticks with leader joint states."""

    def __init__(self) -> None:
        super().__init__("demonstrator")
        params = declare(self, DemonstratorParams)
        self._spec = load_robot(params.robot_file)
        self._demonstrators: dict[str, Demonstrator] = {}
        self._episode = -1
        self._plan: Demonstration | None = None
        self._leader_out = publisher(self, JointState, "leader/joint_states", qos.JOINT_STATES)
        self._heard_at_s = math.inf  # only a running episode can go missing
        subscription(self, TaskState, "task_state", self._on_task_state, qos.TASK_STATE)
        self._diagnostics = Diagnostics(self, self._check)

    def _check(self) -> Health:
        silent_s = time.monotonic() - self._heard_at_s
        if silent_s <= SILENCE_S:
            return Health(OK, "playing" if self._plan is not None else "waiting for an episode")
        text = f"task_state: nothing for {silent_s:.1f} s in episode {self._episode}; is the "
        text += "simulator running?"
        self.get_logger().warning(text, throttle_duration_sec=2.0)
        return Health(WARN, text)

    def _on_task_state(self, state: TaskState) -> None:
        self._heard_at_s = math.inf if state.done else time.monotonic()
        if state.done:
            return
        if state.episode != self._episode:
            self._episode = state.episode
            self._plan = self._new_plan(state)
        if self._plan is None:
            return
        vector = self._plan.command(state.tick, _objects(state))
        stamp_ns = to_ns(state.header.stamp)
        self._leader_out.publish(write_vector(vector, self._spec.leader, stamp_ns))

    def _new_plan(self, state: TaskState) -> Demonstration | None:
        where = f"episode {state.episode} ({state.task}, seed {state.seed})"
        if state.tick > 0:
            self.get_logger().warning(
                f"{where} is at tick {state.tick} already; waiting for the next reset"
            )
            return None
        if state.task not in self._demonstrators:
            self._demonstrators[state.task] = Demonstrator(self._spec, state.task)
        try:
            plan = self._demonstrators[state.task].begin(_objects(state))
        except PlanError as error:
            self.get_logger().error(f"{where}: no plan: {error}")
            return None
        self.get_logger().info(f"{where}: planned {len(plan.plan)} ticks")
        return plan


def _objects(state: TaskState) -> dict[str, NDArray[np.float64]]:
    return dict(zip(state.object_names, map(from_pose, state.object_poses), strict=True))


def main() -> None:
    """Run the node."""
    sys.exit(run_node(DemonstratorNode, DemonstratorParams))


if __name__ == "__main__":
    main()

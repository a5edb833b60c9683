# SPDX-License-Identifier: Apache-2.0
"""Runs of the policy as goals: to the start pose, for a while, cancelled, parked, another file."""

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from processes import Process, Processes, wait_until
from rclpy.action import ActionClient
from sensor_msgs.msg import JointState
from spun_node import SpunNode
from trajectory_msgs.msg import JointTrajectory

from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.messages.joints import read_sample
from act_core.ros.process.script import MUTUAL_S
from act_interfaces.action import RunPolicy

pytestmark = [pytest.mark.ros, pytest.mark.sim, pytest.mark.slow, pytest.mark.timeout(300)]

SPEC = load_robot("aloha_sim")
ARMS = ~SPEC.is_gripper
Goal, Result, Feedback = RunPolicy.Goal, RunPolicy.Result, RunPolicy.Feedback


class Client(SpunNode):
    """Sends goals, and hears where the robot is and what is commanded."""

    def __init__(self, domain: int):
        super().__init__("client", domain)
        self.commands, self.pose = 0, SPEC.start
        self.trajectories: list[JointTrajectory] = []
        self.phases: list[int] = []
        self.begun: dict[int, np.ndarray] = {}  # phase → pose at its first feedback
        self.create_subscription(JointState, "joint_commands", self._count, qos.COMMANDS)
        self.create_subscription(JointState, "joint_states", self._see, qos.JOINT_STATES)
        self.create_subscription(
            JointTrajectory, "policy/chunk_trajectory", self.trajectories.append, qos.CHUNKS
        )
        self._action = ActionClient(self, RunPolicy, "policy/run_policy")
        self._change = self.create_client(ChangeState, "policy/change_state")
        self.start()

    def _count(self, _: JointState) -> None:
        self.commands += 1

    def _see(self, message: JointState) -> None:
        self.pose = read_sample(message, SPEC.state).positions

    def _hear(self, message: Any) -> None:
        phase = message.feedback.phase
        self.begun.setdefault(phase, self.pose)
        self.phases.append(phase)

    def send(self, **goal: Any) -> Any:
        """Send a goal; return its handle."""
        self.phases.clear()
        self.begun.clear()
        assert self._action.wait_for_server(60.0)
        time.sleep(MUTUAL_S)
        sent = self.ask(lambda: self._action.send_goal_async(Goal(**goal), self._hear))
        wait_until(sent.done, 60.0, "no answer to the goal")
        return sent.result()

    def end_of(self, handle: Any) -> Result:
        """Return what became of a goal."""
        assert handle.accepted
        ended = self.ask(handle.get_result_async)
        wait_until(ended.done, 60.0, lambda: f"the run does not end, phases {self.phases}")
        return ended.result().result

    def cancel(self, handle: Any) -> None:
        """Ask for the end of a goal."""
        wait_until(self.ask(handle.cancel_goal_async).done, 20.0, "no answer to the cancel")

    def change(self, transition: int) -> bool:
        """Ask for a transition; return whether it was made."""
        request = ChangeState.Request(transition=Transition(id=transition))
        done = self.ask(lambda: self._change.call_async(request))
        wait_until(done.done, 60.0, "no answer to the transition")
        return bool(done.result().success)


@pytest.fixture
def client(domain: int) -> Iterator[Client]:
    node = Client(domain)
    yield node
    node.close()


@pytest.fixture
def policy(processes: Processes, checkpoint: Path) -> Process:
    sim = processes.start("act_sim.sim_node", pace="realtime", reset_on_start=True)
    policy = processes.start(
        "act_policy.policy_node", checkpoint=checkpoint, ensemble="none", query_interval_ticks=0,
        use_sim_time=True, max_age_s=1.0, max_skew_s=1.0, input_timeout_s=5.0,
        pose_speed_rad_s=2.0, publish_trajectory=True,
    )  # fmt: skip
    sim.wait_for("robot aloha_sim")
    return policy


def test_runs_begin_at_the_start_pose_and_can_end_parked(policy: Process, client: Client) -> None:
    first = client.end_of(client.send(duration_s=2.0))
    assert first.code == Result.NONE
    assert re.fullmatch(r"done, after 2\.[01] s of driving", first.message)
    assert first.driven_s == pytest.approx(2.0, abs=0.1)
    assert json.loads(first.run_report)["commands"] > 50
    assert set(client.phases) == {Feedback.DRIVING}
    assert np.abs(client.pose - SPEC.start)[ARMS].max() > 0.2  # the policy has moved them
    assert len(client.trajectories[-1].points) == 100
    assert list(client.trajectories[-1].joint_names) == list(SPEC.command.names)
    before = client.commands
    second = client.end_of(client.send(duration_s=1.0, start_pose=True, park=True))
    assert second.code == Result.NONE
    # Looked at twenty times a second: up to a tenth more.
    assert re.fullmatch(r"done and parked, after 1\.[01] s of driving", second.message)
    assert sorted(set(client.phases)) == [Feedback.TO_START, Feedback.DRIVING, Feedback.PARKING]
    assert client.phases == sorted(client.phases)
    assert np.abs(client.begun[Feedback.DRIVING] - SPEC.start)[ARMS].max() < 0.2
    wait_until(
        lambda: bool(np.abs(client.pose - SPEC.sleep)[ARMS].max() < 0.1), 10.0,
        lambda: f"not parked, {client.pose}",
    )  # fmt: skip
    assert client.commands > before + 100
    assert "run of" in policy.text


def test_who_cancels_gets_a_hold_and_a_second_goal_is_refused(
    policy: Process, client: Client
) -> None:
    handle = client.send()
    wait_until(lambda: client.commands > 20, 60.0, "no commands")
    assert not client.send().accepted
    policy.wait_for("run_policy: goal rejected: another goal is running")
    client.cancel(handle)
    result = client.end_of(handle)
    assert result.code == Result.CANCELED
    assert result.message.startswith("cancelled, after ")
    before = client.commands
    assert not client.send(duration_s=-1.0).accepted
    policy.wait_for("run_policy: goal rejected: duration_s is -1, expected 0 or more")
    assert client.commands == before
    assert client.change(Transition.TRANSITION_ACTIVATE)
    assert not client.send().accepted
    policy.wait_for("goal rejected: the policy is active already; deactivate it first")


def test_a_run_that_somebody_else_deactivates_says_so(policy: Process, client: Client) -> None:
    handle = client.send()
    wait_until(lambda: client.commands > 20, 60.0, "no commands")
    assert client.change(Transition.TRANSITION_DEACTIVATE)
    result = client.end_of(handle)
    assert result.code == Result.STOPPED
    assert result.message.startswith("deactivated by somebody else, after ")


def test_another_checkpoint_needs_no_restart(
    policy: Process, client: Client, checkpoint: Path, tmp_path: Path
) -> None:
    missing = client.end_of(client.send(checkpoint="/nowhere", duration_s=1.0))
    assert missing.code == Result.NOT_STARTED
    assert "/nowhere" in missing.message
    assert missing.run_report == ""
    assert client.end_of(client.send(duration_s=0.5)).code == Result.NONE
    other = shutil.copytree(checkpoint, tmp_path / "other")
    assert client.end_of(client.send(checkpoint=str(other), duration_s=0.5)).code == Result.NONE
    policy.wait_for(f"checkpoint {other} (step")
    assert client.end_of(client.send(duration_s=0.5)).code == Result.NONE
    assert policy.text.count(f"checkpoint {other} (step") == 1  # still loaded

# SPDX-License-Identifier: Apache-2.0
"""An operator takes over from a driving policy and hands back: one source at a time, no jump."""

import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from processes import Processes, wait_until
from rclpy.action import ActionClient
from rclpy.action.client import ClientGoalHandle
from sensor_msgs.msg import JointState
from spun_node import SpunNode
from std_srvs.srv import Trigger

from act_core.episode.reader import EpisodeReader
from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.messages.joints import read_vector, write_vector
from act_core.ros.messages.stamps import to_ns
from act_core.ros.process.script import MUTUAL_S
from act_interfaces.action import RecordEpisode
from act_interfaces.msg import TaskState

pytestmark = [pytest.mark.ros, pytest.mark.sim, pytest.mark.slow, pytest.mark.timeout(300)]

SPEC = load_robot("aloha_sim")
PERIOD_S = SPEC.period_ns / 1e9


class Cell(SpunNode):
    """A passive leader somewhere else, its operator, and an ear for commands."""

    def __init__(self, domain: int):
        super().__init__("cell", domain)
        self.pose = SPEC.start.copy()
        self.pose[~SPEC.is_gripper] += 0.4
        self.commands: list[tuple[str, int, np.ndarray]] = []
        self.tick = 0
        self._now_ns = 0
        self._out = self.create_publisher(JointState, "leader/joint_states", qos.JOINT_STATES)
        self.create_subscription(JointState, "joint_commands", self._keep, qos.COMMANDS)
        self.create_subscription(JointState, "joint_states", self._lead, qos.JOINT_STATES)
        self.create_subscription(TaskState, "task_state", self._count, qos.TASK_STATE)
        self.start()

    def _lead(self, state: JointState) -> None:
        stamp_ns = to_ns(state.header.stamp)
        self.pose[0] = SPEC.start[0] + 0.4 + 0.1 * np.sin(2 * stamp_ns / 1e9)
        self._out.publish(write_vector(self.pose, SPEC.leader, stamp_ns))

    def _keep(self, message: JointState) -> None:
        kind = message.header.frame_id.split("/")[0]
        stamp_ns = to_ns(message.header.stamp)
        self.commands.append((kind, stamp_ns, read_vector(message, SPEC.command)))

    def _count(self, state: TaskState) -> None:
        self.tick = state.tick

    def call(self, service: str) -> Trigger.Response:
        client = self.create_client(Trigger, service)
        assert client.wait_for_service(60.0)
        future = client.call_async(Trigger.Request())
        wait_until(future.done, 30.0, f"{service}: no answer")
        return future.result()

    def record(self) -> ClientGoalHandle:
        client = ActionClient(self, RecordEpisode, "recorder/record_episode")
        assert client.wait_for_server(60.0)
        time.sleep(MUTUAL_S)
        sent = self.ask(lambda: client.send_goal_async(RecordEpisode.Goal(max_frames=100_000)))
        wait_until(sent.done, 30.0, "no answer to the goal")
        return sent.result()

    def wait_for(self, kind: str, count: int = 25) -> None:
        seen = len(self.commands)
        wait_until(
            lambda: [c[0] for c in self.commands[seen:]].count(kind) >= count, 60.0,
            f"no commands of {kind}",
        )  # fmt: skip


@pytest.fixture
def cell(domain: int) -> Iterator[Cell]:
    node = Cell(domain)
    yield node
    node.close()


def test_commands_change_hands_within_the_limits_and_never_overlap(
    processes: Processes, checkpoint: Path, cell: Cell, tmp_path: Path
) -> None:
    processes.start("act_sim.sim_node", pace="realtime", reset_on_start=True)
    policy = processes.start(
        "act_policy.policy_node", pace="realtime", checkpoint=checkpoint, autostart=True,
        resume="manual", use_sim_time=True, max_age_s=1.0, max_skew_s=1.0,
    )  # fmt: skip
    teleop = processes.start(
        "act_teleop.teleop_node", engage="call", input_timeout_s=1.0, use_sim_time=True
    )
    folder = tmp_path / "episodes"
    recorder = processes.start(
        "act_recorder.recorder_node", pace="realtime", sim=False, use_sim_time=True,
        dataset_dir=folder, max_age_s=1.0, max_skew_s=1.0, max_gap_s=5.0,
    )  # fmt: skip
    cell.wait_for("policy")
    recording = cell.record()
    assert cell.call("teleop/engage").message.startswith("policy/")  # not beside a policy
    assert cell.call("teleop/take_over").success
    cell.wait_for("teleop")
    policy.wait_for("paused: as asked; call ~/resume to go on")
    assert "commands; stop it first" in cell.call("policy/resume").message
    assert cell.call("teleop/hand_back").success
    cell.wait_for("policy")
    recording.cancel_goal_async()
    recorder.wait_for("canceled")
    (path,) = folder.glob("*.hdf5")
    with EpisodeReader(path) as episode:
        sources = [source for source, _ in groupby(episode.sources)]
    assert sources == ["policy", "teleop", "policy"]
    kinds = [kind for kind, _, _ in cell.commands]
    changes = sum(a != b for a, b in zip(kinds, kinds[1:], strict=False))
    assert changes == 2, teleop.text
    for (_, t0, a), (_, t1, b) in zip(cell.commands, cell.commands[1:], strict=False):
        elapsed_s = max((t1 - t0) / 1e9, 0.0) + 2 * PERIOD_S
        assert np.all(np.abs(b - a) <= elapsed_s * SPEC.max_velocity + 0.1)  # and what sags

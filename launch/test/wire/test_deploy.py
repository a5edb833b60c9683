# SPDX-License-Identifier: Apache-2.0
"""`act deploy` in simulation: the scene waits for the policy, and its score is kept."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from processes import Processes, wait_until
from sensor_msgs.msg import JointState
from spun_node import SpunNode

from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.messages.joints import write_vector
from act_core.ros.messages.stamps import to_ns
from act_interfaces.msg import TaskState

pytestmark = [pytest.mark.ros, pytest.mark.sim, pytest.mark.slow, pytest.mark.timeout(300)]

SPEC = load_robot("aloha_sim")


class Onlooker(SpunNode):
    """Hears how the task stands, and can command."""

    def __init__(self, domain: int):
        super().__init__("onlooker", domain)
        self.states: list[TaskState] = []
        self.create_subscription(TaskState, "task_state", self.states.append, qos.TASK_STATE)
        self._out = self.create_publisher(JointState, "joint_commands", qos.COMMANDS)
        self.start()

    def command(self) -> None:
        """Command the robot to stay, now."""
        message = write_vector(SPEC.start, SPEC.command, to_ns(self.states[-1].header.stamp))
        message.header.frame_id = "onlooker"
        self._out.publish(message)


def test_a_simulated_episode_begins_with_its_first_command(
    processes: Processes, domain: int
) -> None:
    onlooker = Onlooker(domain)
    processes.start("act_sim.sim_node", pace="realtime", reset_on_start=True)
    wait_until(lambda: len(onlooker.states) > 100, 60.0, "the simulator says nothing")
    waiting = onlooker.states[-100:]
    assert {s.tick for s in waiting} == {0}
    stamps = [to_ns(s.header.stamp) for s in waiting]
    assert set(np.diff(stamps)) == {SPEC.period_ns}
    poses = {(p.position.x, p.position.y, p.position.z) for s in waiting for p in s.object_poses}
    assert len(poses) == 1
    wait_until(lambda: onlooker.command() or onlooker.states[-1].tick > 10, 20.0, "still waiting")


def test_deploy_plays_episodes_and_says_how_each_ended(
    processes: Processes, tmp_path: Path
) -> None:
    deploy = processes.start(
        "act_bringup.cli.main", "deploy", "--episodes", "2", "--video-episodes", "1",
        "--output-dir", str(tmp_path), "--max-age-s", "2.0", "--max-skew-s", "2.0",
    )  # fmt: skip
    assert deploy.wait_for_exit(200.0) == 0
    for number, seed in ((1, 100000), (2, 100001)):
        line = rf"rollout {number}/2  seed {seed}: (success|stage \d) in \d+ ticks"
        assert re.search(line, deploy.text)
    assert "success  (reward 4 reached)" in deploy.text
    assert "holding" not in deploy.text  # the scene's reset is no fault
    assert "the clock jumped by 2." in deploy.text
    results = json.loads((tmp_path / "results.json").read_text())
    assert all(0.0 < r["real_time_factor"] < 1.1 for r in results["rollouts"])
    assert all(r["jerk_rad_s3"] > 0.0 for r in results["rollouts"])
    assert results["policy_run"]["commands"] > 300
    assert results["policy_run"]["holds"] == []
    assert (tmp_path / "video.mp4").stat().st_size > 10_000


def test_deploy_goes_on_until_it_is_interrupted_and_then_sums_up(
    processes: Processes, tmp_path: Path
) -> None:
    deploy = processes.start(
        "act_bringup.cli.main", "deploy", "--output-dir", str(tmp_path), "--max-age-s", "2.0",
        "--max-skew-s", "2.0", "--teleop", "true",  # by which an operator could take over
    )  # fmt: skip
    deploy.wait_for(re.compile(r"rollout 1  seed 100000: "), 120.0)
    assert deploy.stop() == 130
    assert re.search(r"success  \(reward 4 reached\) +[01]/1", deploy.text)

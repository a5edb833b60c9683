# SPDX-License-Identifier: Apache-2.0
"""Two systems in one ROS domain are refused, since what is read would be a mix of both."""

import json
import re
import time
from pathlib import Path

import pytest
from processes import Processes

pytestmark = [pytest.mark.ros, pytest.mark.sim, pytest.mark.slow, pytest.mark.timeout(300)]

# An endpoint may be discovered before its node's name.
NAMES = r"(/sim|\(being discovered\))(, /sim)"
REMEDY = "expected one; is another system running[?] End it, or give each a ROS_DOMAIN_ID"


def test_evaluation_beside_another_simulator_ends_without_a_result(
    processes: Processes, checkpoint: Path, tmp_path: Path
) -> None:
    other = processes.start("act_sim.sim_node", pace="realtime")
    processes.start("act_sim.sim_node", pace="lockstep")
    policy = processes.start(
        "act_policy.policy_node", pace="lockstep", autostart=True, checkpoint=checkpoint
    )
    evaluate = processes.start(
        "act_sim.evaluation.evaluate", output_dir=tmp_path, video_episodes=0
    )
    assert evaluate.wait_for_exit() == 1
    assert re.search(rf"task_state has 2 publishers \({NAMES}\), {REMEDY}", evaluate.text)
    other.wait_for("joint_states has 2 publishers (/sim, /sim), expected one")
    assert not (tmp_path / "results.json").exists()
    assert policy.stop() == 0


def test_recording_session_beside_another_simulator_records_nothing(
    processes: Processes, tmp_path: Path
) -> None:
    for _ in range(2):
        processes.start("act_sim.sim_node", pace="lockstep")
    processes.start("act_recorder.recorder_node", dataset_dir=tmp_path / "episodes")
    record = processes.start("act_recorder.record_session", dataset_dir=tmp_path / "episodes")
    assert record.wait_for_exit() == 1
    assert re.search(rf"task_state has 2 publishers \({NAMES}\), {REMEDY}", record.text)
    assert not list((tmp_path / "episodes").glob("*"))


def test_evaluation_interrupted_before_its_first_rollout_points_at_no_results(
    processes: Processes, tmp_path: Path
) -> None:
    """Those in the folder are another evaluation's."""
    (tmp_path / "results.json").write_text(json.dumps({"rollouts": []}))
    processes.start("act_sim.sim_node", pace="lockstep", command_timeout_s=60.0)
    processes.start("act_teleop.teleop_node", input_timeout_s=60.0)
    evaluate = processes.start(
        "act_sim.evaluation.evaluate", output_dir=tmp_path, video_episodes=0
    )
    evaluate.wait_for("task_state: ")
    assert evaluate.stop() == 130
    assert "No rollout was done; there are no results" in evaluate.text
    assert "results.json" not in evaluate.text


def test_two_namespaces_are_two_systems(processes: Processes, checkpoint: Path) -> None:
    systems = [
        processes.start(
            "act_bringup.cli.main",
            "deploy",
            "--namespace",
            name,
            "--checkpoint",
            str(checkpoint),
            "--query-interval-ticks",
            "0",
        )  # fmt: skip
        for name in ("left_cell", "right_cell")
    ]
    for system in systems:
        system.wait_for("driving")
    time.sleep(3.0)
    for system in systems:
        assert "the clock jumped" not in system.text
        assert system.stop() == 130  # Ctrl-C

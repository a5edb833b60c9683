# SPDX-License-Identifier: Apache-2.0
"""What the others do and say when one node is killed: they hold and name what is missing."""

import time
from pathlib import Path

import psutil
import pytest
from processes import Process, Processes, wait_until

pytestmark = [pytest.mark.ros, pytest.mark.sim, pytest.mark.slow, pytest.mark.timeout(300)]

# The promise is two seconds after the next tick; the rest is for a machine busy with other tests.
SAID_WITHIN_S = 4.0


def _policy(processes: Processes, checkpoint: Path, pace: str) -> Process:
    return processes.start(
        "act_policy.policy_node", pace=pace, autostart=True, checkpoint=checkpoint,
        ensemble="none", query_interval_ticks=0, resume="auto", use_sim_time=True,
        max_age_s=1.0, max_skew_s=1.0,
    )  # fmt: skip


@pytest.fixture
def evaluation(processes: Processes, checkpoint: Path) -> tuple[Process, Process, Process]:
    """Simulator, policy and evaluation in lockstep, in the midst of a rollout."""
    sim = processes.start("act_sim.sim_node", pace="lockstep", command_timeout_s=3.0)
    policy = _policy(processes, checkpoint, "lockstep")
    evaluate = processes.start("act_sim.evaluation.evaluate", episodes=20, video_episodes=0)
    evaluate.wait_for("rollout 1/20")
    return sim, policy, evaluate


def test_killed_policy_is_named_and_ends_the_evaluation(
    evaluation: tuple[Process, Process, Process],
) -> None:
    sim, policy, evaluate = evaluation
    policy.kill()
    assert sim.wait_for("no joint_commands with its stamp") < SAID_WITHIN_S
    assert evaluate.wait_for_exit(20.0) == 1
    assert "the simulator aborted the episode" in evaluate.text
    assert "no joint_commands" in evaluate.text
    assert sim.stop() == 0


def test_killed_simulator_is_named_by_both_others(
    evaluation: tuple[Process, Process, Process],
) -> None:
    sim, policy, evaluate = evaluation
    sim.kill()
    assert policy.wait_for("joint_states: nothing for") < SAID_WITHIN_S
    assert evaluate.wait_for("task_state: nothing for") < SAID_WITHIN_S
    assert evaluate.wait_for_exit(15.0) == 1
    assert "task_state: nothing for 5 s; the simulator is gone" in evaluate.text
    assert policy.stop() == 0


def test_killed_inference_worker_ends_the_policy_node(
    evaluation: tuple[Process, Process, Process],
) -> None:
    _, policy, evaluate = evaluation
    worker = _child_of(policy)
    worker.kill()
    assert policy.wait_for_exit(10.0) == 1
    assert f"the inference worker (pid {worker.pid}) is gone, exit status -9" in policy.text
    assert evaluate.wait_for_exit(20.0) == 1


def test_killed_evaluation_leaves_the_others_able_to_end(
    evaluation: tuple[Process, Process, Process],
) -> None:
    sim, policy, evaluate = evaluation
    evaluate.kill()
    # The running rollout ends by itself; then both idle, and still end when asked to.
    assert sim.stop() == 0
    assert policy.stop() == 0


def test_killed_demonstrator_is_named(processes: Processes, tmp_path: Path) -> None:
    sim = processes.start("act_sim.sim_node", pace="lockstep", command_timeout_s=3.0)
    demonstrator = processes.start("act_sim.demonstrator_node")
    teleop = processes.start(
        "act_teleop.teleop_node", pace="lockstep", engage="auto", input_timeout_s=1.0,
        use_sim_time=True,
    )  # fmt: skip
    folder = tmp_path / "episodes"
    recorder = processes.start(
        "act_recorder.recorder_node", dataset_dir=folder, input_timeout_s=2.0
    )
    record = processes.start("act_recorder.record_session", dataset_dir=folder, episodes=20)
    record.wait_for("1/20 kept")
    demonstrator.kill()
    assert teleop.wait_for("leader/joint_states: no sample for") < SAID_WITHIN_S
    assert sim.wait_for("no joint_commands with its stamp") < SAID_WITHIN_S
    recorder.wait_for("waiting for joint_commands", 10.0)
    recorder.wait_for("input lost", 10.0)
    assert "the simulator aborted" in recorder.text or "no row for" in recorder.text
    assert record.wait_for_exit(60.0) == 1
    assert "3 episodes in a row failed" in record.text
    for process in (teleop, recorder, sim):
        assert process.stop() == 0, process.text


def test_killed_recorder_and_simulator_are_named(processes: Processes, tmp_path: Path) -> None:
    sim = processes.start("act_sim.sim_node", pace="lockstep", command_timeout_s=3.0)
    demonstrator = processes.start("act_sim.demonstrator_node")
    teleop = processes.start(
        "act_teleop.teleop_node", pace="lockstep", engage="auto", input_timeout_s=1.0,
        use_sim_time=True,
    )  # fmt: skip
    folder = tmp_path / "episodes"
    recorder = processes.start("act_recorder.recorder_node", dataset_dir=folder)
    record = processes.start("act_recorder.record_session", dataset_dir=folder, episodes=20)
    demonstrator.wait_for("planned")
    recorder.kill()
    assert record.wait_for("recorder: no feedback for") < SAID_WITHIN_S
    assert record.wait_for_exit(10.0) == 1
    assert "error: record: no feedback for 5 s; the recorder is gone" in record.text
    plans = demonstrator.text.count("planned")
    record = processes.start("act_recorder.record_session", dataset_dir=folder, episodes=20)
    recorder = processes.start("act_recorder.recorder_node", dataset_dir=folder)
    wait_until(lambda: demonstrator.text.count("planned") > plans, 60.0, "no new plan", record)
    sim.kill()
    assert demonstrator.wait_for("task_state: nothing for") < SAID_WITHIN_S
    assert teleop.wait_for("joint_states: no sample for") < SAID_WITHIN_S
    assert recorder.wait_for("waiting for ") < SAID_WITHIN_S


def test_killed_policy_is_missed_by_the_simulator_in_real_time(
    processes: Processes, checkpoint: Path
) -> None:
    sim = processes.start("act_sim.sim_node", pace="realtime", reset_on_start=True)
    policy = _policy(processes, checkpoint, "realtime")
    policy.wait_for("driving")
    time.sleep(1.0)
    policy.kill()
    assert sim.wait_for("joint_commands: nothing from policy/") < SAID_WITHIN_S
    assert sim.stop() == 0


def test_killed_nodes_come_back_in_real_time(processes: Processes, checkpoint: Path) -> None:
    params = {"pace": "realtime", "reset_on_start": True}
    sim = processes.start("act_sim.sim_node", **params)
    policy = _policy(processes, checkpoint, "realtime")
    policy.wait_for("driving")
    sim.kill()
    assert policy.wait_for("joint_states: nothing for") < SAID_WITHIN_S
    sim = processes.start("act_sim.sim_node", **params)
    policy.wait_for("driving again", 30.0)
    policy.kill()
    policy = _policy(processes, checkpoint, "realtime")
    policy.wait_for("driving")
    assert policy.stop() == 0
    assert sim.stop() == 0


def _child_of(process: Process) -> psutil.Process:
    (child,) = [
        c for c in psutil.Process(process.popen.pid).children()
        if "act_policy.inference.worker" in c.cmdline()
    ]  # fmt: skip
    return child

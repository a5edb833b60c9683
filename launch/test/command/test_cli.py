# SPDX-License-Identifier: Apache-2.0
"""The command `act`, from the caller's folder, as people type it."""

import os
import re
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from act_bringup.cli.main import VERBS

ACT = Path(__file__).resolve().parents[3] / "act"
LIMIT_S = 150.0

pytestmark = [pytest.mark.ros, pytest.mark.timeout(300)]


def act(folder: Path, *words: str) -> tuple[int, str]:
    """Run `act`; return exit status and output. Fails if a process is left."""
    run = subprocess.Popen(
        [str(ACT), *words], cwd=folder, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True, env={**os.environ, "HOME": str(folder)},
    )  # fmt: skip
    try:
        output, _ = run.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGTERM)
        output, _ = run.communicate(timeout=20)
        pytest.fail(f"act {' '.join(words)} did not end in {LIMIT_S:g} s:\n{output}")
    _assert_ended(output)
    return run.returncode, output


def _assert_ended(output: str) -> None:
    pids = [int(pid) for pid in re.findall(r"started \(pid=(\d+)\)", output)]
    assert [pid for pid in pids if psutil.pid_exists(pid)] == []


def test_overview_names_every_verb(tmp_path):
    status, output = act(tmp_path, "--help")
    assert status == 0
    assert all(re.search(rf"^  {verb} ", output, re.MULTILINE) for verb in VERBS)


@pytest.mark.parametrize("verb", [*VERBS, "checkpoint half", "study modes", "study judge"])
def test_every_verb_has_help(tmp_path, verb):
    status, output = act(tmp_path, *verb.split(), "--help")
    assert status == 0
    assert output.startswith(f"usage: act {verb}")


@pytest.mark.parametrize(
    ("words", "status", "fault"),
    [
        (["recrd"], 2, "act: error: unknown verb 'recrd'; did you mean 'record'?"),
        (
            ["demo", "--episode", "1"],
            2,
            "unknown argument '--episode'; did you mean '--episodes'?",
        ),
        (["sim", "--task", "insert"], 2, "task is 'insert'; did you mean 'insertion'?"),
        (["evaluate", "--episodes", "-1"], 2, "episodes is -1, expected 0 …"),
        (["deploy", "--sim", "false"], 1, "robot has to be given where sim is false"),
        (["teleop"], 1, "robot has to be given"),
        (["sim", "--params-file", "none.yaml"], 1, "params_file none.yaml: "),
        (["train", "--config", "aloh"], 1, "no training configuration 'aloh'; did you mean"),
        (["keyboard"], 1, "error: start: standard input is no terminal"),
        (["keys"], 1, "error: start: standard input is no terminal"),
        (["replay", "--robot", "aloha_sim"], 1, "episode has to be given"),
        (["practice", "--leader", "replay"], 1, "episode has to be given"),
        (["practice", "--leader", "gampad"], 2, "leader is 'gampad'; did you mean 'gamepad'?"),
        (["checkpoint", "hlf"], 1, "unknown action 'hlf'; did you mean 'half'?"),
        (["study", "mode"], 1, "unknown study 'mode'; did you mean 'modes'?"),
    ],
)
def test_slip_is_refused_in_one_line(tmp_path, words, status, fault):
    got, output = act(tmp_path, *words)
    assert (got, output.count("\n")) == (status, 1), output
    assert fault in output


@pytest.mark.slow
@pytest.mark.sim
def test_recording_into_the_home_folder_ends_all_with_status_0(tmp_path):
    status, output = act(tmp_path, "record", "--episodes", "1", "--dataset-dir", "~/set of data")
    assert status == 0, output
    assert [p.name for p in (tmp_path / "set of data").iterdir()] == ["episode_0.hdf5"]
    assert "1 episodes recorded into" in output


@pytest.mark.slow
@pytest.mark.sim
def test_fault_of_one_node_ends_all_with_its_status(tmp_path):
    # Without a robot the checkpoint is asked for its own, ahead of all nodes.
    status, output = act(tmp_path, "evaluate", "--checkpoint", "none")
    known = "Known: insertion, transfer_cube"
    assert output == f"act evaluate: error: checkpoint 'none': no such folder. {known}\n"
    assert status == 1
    status, output = act(tmp_path, "evaluate", "--checkpoint", "none", "--robot", "aloha_sim")
    assert status == 1, output
    assert "no such folder" in output
    assert re.search(r"policy +\| error: ", output)


@pytest.mark.slow
@pytest.mark.sim
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL])
def test_nodes_do_not_outlive_act(tmp_path, number):
    """A closed terminal, or a kill, must not leave a policy that drives."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # a test run under nohup hands on that it is not
    run = subprocess.Popen(
        [str(ACT), "deploy"], cwd=tmp_path, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    lines = []
    for line in run.stdout:
        lines.append(line)
        if line.rstrip().endswith("driving"):
            break
    nodes = psutil.Process(run.pid).children(recursive=True)
    assert any("act_policy.inference.worker" in node.cmdline() for node in nodes)
    os.kill(run.pid, number)
    _, left = psutil.wait_procs(nodes, timeout=10)
    for process in left:
        process.kill()
    assert left == [], "".join(lines)
    assert run.wait() == -number


@pytest.mark.slow
@pytest.mark.sim
def test_nodes_do_not_outlive_the_reader_of_their_output(tmp_path):
    """As in `act sim | head -1`."""
    run = subprocess.Popen(
        [str(ACT), "sim"], cwd=tmp_path, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    for line in run.stdout:
        if "pace realtime" in line:
            break
    nodes = psutil.Process(run.pid).children(recursive=True)
    assert nodes
    run.stdout.close()
    # It is noticed with the next line that somebody says.
    next(n for n in nodes if "sim_node" in " ".join(n.cmdline())).terminate()
    _, left = psutil.wait_procs([*nodes, psutil.Process(run.pid)], timeout=20)
    for process in left:
        process.kill()
    assert left == [], line


@pytest.mark.slow
@pytest.mark.sim
def test_ctrl_c_ends_all(tmp_path):
    run = subprocess.Popen(
        [str(ACT), "sim"], cwd=tmp_path, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    lines = []
    for line in run.stdout:
        lines.append(line)
        if "robot aloha_sim" in line:
            break
    os.killpg(run.pid, signal.SIGINT)
    output, _ = run.communicate(timeout=20)
    assert run.returncode == 130
    assert "Traceback" not in output
    _assert_ended("".join(lines) + output)

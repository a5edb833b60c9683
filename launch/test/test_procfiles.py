# SPDX-License-Identifier: Apache-2.0
"""The Procfiles start real executables with parameters these declare, and leave nothing behind."""

import os
import re
import shlex
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest
import yaml
from test_parameter_files import PARAMETERS, declared, fault

ROOT = Path(__file__).resolve().parents[2]
PROCFILES = sorted((ROOT / "launch" / "procfiles").glob("*.Procfile"))
LINE = re.compile(r"^([a-z]+): (.+)$", re.MULTILINE)
VARIABLE = re.compile(r"\$\{([A-Z_]+):-")
LIMIT_S = 150.0

pytestmark = [pytest.mark.ros, pytest.mark.timeout(300)]


def commands(path: Path) -> dict[str, str]:
    """Return process name → command."""
    return dict(LINE.findall(path.read_text(encoding="utf-8")))


def expand(command: str, **environment: str) -> list[str]:
    """Return the words that a shell makes of `command`."""
    quoted = command.replace("exec ", "printf '%s\\0' ", 1)
    run = subprocess.run(
        ["/bin/sh", "-c", quoted], env=environment, capture_output=True, text=True, check=True
    )
    return run.stdout.rstrip("\0").split("\0")


ALL = [(path.name, name, cmd) for path in PROCFILES for name, cmd in commands(path).items()]


@pytest.mark.parametrize(("file", "name", "command"), ALL, ids=lambda value: value[:24])
def test_command_replaces_its_shell_and_names_a_module(file, name, command):
    assert command.startswith("exec "), "a shell between honcho and the node would keep signals"
    words = expand(command)
    assert words[:2] == ["python3", "-m"]
    assert words[3] == "--ros-args"
    assert find_spec(words[2]) is not None


@pytest.mark.parametrize(("file", "name", "command"), ALL, ids=lambda value: value[:24])
def test_parameters_are_declared_and_their_defaults_valid(file, name, command):
    words = expand(command)
    known = declared(name)
    assert words[2].startswith(PARAMETERS[name][0].split(".")[0])
    for option, value in zip(words, words[1:], strict=False):
        if option == "--params-file":
            assert f"/**/{name}" in yaml.safe_load((ROOT / value).read_text(encoding="utf-8"))
        elif option == "-p":
            key, text = value.split(":=", 1)
            if key != "use_sim_time":
                assert fault(*known[key], yaml.safe_load(text)) == "", f"{key}: {text!r}"


@pytest.mark.parametrize("path", PROCFILES, ids=lambda path: path.name)
def test_every_variable_is_named_in_the_head_and_reaches_its_parameter(path):
    text = path.read_text(encoding="utf-8")
    head = text[: text.index("sim: ")]
    for name, command in commands(path).items():
        for variable in VARIABLE.findall(command):
            assert variable in head, f"{path.name}: {name}: {variable} is not explained"
            changed = expand(command, **{variable: "A b"})
            assert any(word.endswith(":=A b") for word in changed)


def run_procfile(name: str, **environment: str) -> tuple[int, str]:
    """Run a Procfile to its end; return exit status and output. Fails if a process is left."""
    honcho = Path(sys.executable).parent / "honcho"
    command = [str(honcho), "--procfile", f"launch/procfiles/{name}.Procfile", "start"]
    run = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        output, _ = run.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGTERM)
        output, _ = run.communicate(timeout=20)
        pytest.fail(f"{shlex.join(command)} did not end in {LIMIT_S:g} s:\n{output}")
    pids = [int(pid) for pid in re.findall(r"started \(pid=(\d+)\)", output)]
    assert [pid for pid in pids if psutil.pid_exists(pid)] == []
    return run.returncode, output


@pytest.mark.slow
@pytest.mark.sim
def test_recording_ends_all_with_status_0(tmp_path):
    status, output = run_procfile(
        "record", EPISODES="1", DATASET_DIR=str(tmp_path / "set of data")
    )
    assert status == 0, output
    assert [p.name for p in (tmp_path / "set of data").iterdir()] == ["episode_0.hdf5"]
    assert "1 episodes recorded into" in output


@pytest.mark.slow
@pytest.mark.sim
def test_fault_of_one_node_ends_all_with_its_status(tmp_path):
    status, output = run_procfile(
        "evaluate", CHECKPOINT=str(tmp_path / "none"), OUTPUT_DIR=str(tmp_path)
    )
    assert status == 1, output
    assert "no such folder" in output
    assert "policy.1   | error: " in output

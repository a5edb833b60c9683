# SPDX-License-Identifier: Apache-2.0
"""Section D of the fault table: a policy that drives, and checkpoints that must not."""

import json
import pickle
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from fault_lab.driving_policy import checkpoint_for_cell, start_policy
from fault_lab.fault_cell import PERIOD_S, SPEC, FaultCell, silence
from fault_rows.fault import NOTHING
from fault_table import FAULTS
from processes import Process, Processes

from act_interfaces.msg import PolicyStatus
from act_policy.checkpoint.checkpoint import load_checkpoint, save_checkpoint

pytestmark = [pytest.mark.ros, pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def policy_of_module(
    cell_processes: Processes, tmp_path_factory: pytest.TempPathFactory
) -> Process:
    folder = checkpoint_for_cell(tmp_path_factory.mktemp("policy") / "checkpoint")
    return start_policy(cell_processes, folder)


@pytest.fixture
def policy(policy_of_module: Process, cell: FaultCell) -> Iterator[Process]:
    """One that drives before each test and after it."""
    _drive(cell)
    policy_of_module.forget()
    yield policy_of_module
    cell.mend()
    _drive(cell)


def _drive(cell: FaultCell) -> None:
    cell.wait_for_status("policy", "there", lambda _: True)
    while cell.status["policy"].state in (PolicyStatus.HOLDING, PolicyStatus.PAUSED):
        cell.call("policy/resume")
        time.sleep(0.1)
    cell.wait_for_commands()


def _worker(policy: Process) -> psutil.Process:
    (worker,) = psutil.Process(policy.popen.pid).children()
    return worker


def test_a_slow_inference_leaves_no_gap(policy: Process, cell: FaultCell) -> None:
    assert FAULTS["D1"].reads == NOTHING
    _worker(policy).send_signal(signal.SIGSTOP)
    sent = cell.commands_in(0.5)
    _worker(policy).send_signal(signal.SIGCONT)
    assert sent > 15
    cell.wait_for_commands(50)
    gaps_s = np.diff([at_s for at_s, _, _ in cell.commands[-75:]])
    assert gaps_s.max() < 0.2
    assert policy.news == ""


def test_an_inference_that_never_returns_ends_in_a_hold(policy: Process, cell: FaultCell) -> None:
    _worker(policy).send_signal(signal.SIGSTOP)
    try:
        policy.wait_for(FAULTS["D2"].pattern, 20.0)
        assert cell.commands_in(0.3) == 0
    finally:
        _worker(policy).send_signal(signal.SIGCONT)


def _cut_jpeg(message: Any) -> list[Any]:
    message.data = message.data[: len(message.data) // 2]
    return [message]


@pytest.mark.parametrize(("code", "stream"), [("D13", "top/image_raw"), ("D13b", "joint_states")])
def test_a_stream_that_stops_is_a_hold(
    code: str, stream: str, policy: Process, cell: FaultCell
) -> None:
    cell.disturb(stream, silence)
    policy.wait_for(FAULTS[code].pattern, 20.0)
    assert cell.commands_in(0.3) == 0
    assert "still on hold: " in cell.call("policy/resume").message
    cell.mend()
    assert cell.commands_in(0.5) == 0


def test_one_bad_image_is_left_out(policy: Process, cell: FaultCell) -> None:
    cell.disturb_once("wrist/image_raw", _cut_jpeg)
    policy.wait_for(FAULTS["D13c"].pattern, 20.0)
    cell.wait_for_commands(50)
    assert cell.status["policy"].state == PolicyStatus.DRIVING


def test_after_a_pause_it_starts_from_where_the_arm_is(policy: Process, cell: FaultCell) -> None:
    assert cell.call("policy/pause").success
    policy.wait_for(FAULTS["D14"].pattern, 20.0)
    assert cell.commands_in(0.3) <= 1
    for _ in range(20):  # led by hand
        cell.pose = cell.pose - np.array([0.05, 0.0, 0.0])
        time.sleep(PERIOD_S)
    led_to_rad, first = cell.pose[0], len(cell.commands)
    time.sleep(0.1)
    assert cell.call("policy/resume").success
    cell.wait_for_commands(30)
    steps_rad = np.diff([led_to_rad, *(vector[0] for _, _, vector in cell.commands[first:])])
    assert np.abs(steps_rad).max() <= 2 * PERIOD_S * SPEC.max_velocity[0] + 1e-9


@pytest.fixture
def fresh(domain: int) -> Iterator[FaultCell]:
    node = FaultCell(domain)
    yield node
    node.close()


def test_it_leaves_the_measured_pose_without_a_jump(
    processes: Processes, fresh: FaultCell, tmp_path: Path
) -> None:
    assert FAULTS["D11"].reads == NOTHING
    fresh.pose = fresh.pose + np.array([1.0, -1.0, 0.0])
    before = fresh.pose
    start_policy(processes, checkpoint_for_cell(tmp_path / "checkpoint"))
    fresh.wait_for_commands(100)
    path = np.array([before, *(vector for _, _, vector in fresh.commands)])
    most_rad = 2 * PERIOD_S * SPEC.max_velocity + 1e-9
    assert np.all(np.abs(np.diff(path, axis=0)) <= most_rad)
    np.testing.assert_allclose(fresh.pose[:2], SPEC.start[:2], atol=0.2)


def test_a_policy_of_another_rate_is_interpolated(
    processes: Processes, fresh: FaultCell, tmp_path: Path
) -> None:
    folder = checkpoint_for_cell(tmp_path / "checkpoint", rate_hz=30.0)
    policy = start_policy(processes, folder)
    policy.wait_for(FAULTS["D15"].pattern)
    fresh.wait_for_commands(100)
    gaps_s = np.diff([at_s for at_s, _, _ in fresh.commands[-75:]])
    assert np.median(gaps_s) == pytest.approx(PERIOD_S, abs=0.005)


class Payload:
    """Writes a file where it is unpickled."""

    def __init__(self, marker: Path):
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.marker,)


def _cut_off(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])


def _pickled(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(pickle.dumps(Payload(folder / "marker")))


def _without_spread(folder: Path) -> None:
    stats = json.loads((folder / "stats.json").read_text())
    stats["state_std"][0] = 0.0
    (folder / "stats.json").write_text(json.dumps(stats))


def _overflowing(folder: Path) -> None:
    checkpoint = load_checkpoint(folder)
    name = "action_head.weight"
    weights = {**checkpoint.weights, name: checkpoint.weights[name] * 0 + 3e38}
    save_checkpoint(folder, replace(checkpoint, weights=weights))


@pytest.mark.parametrize(
    ("code", "damage", "params"),
    [
        ("D4", lambda _: None, {"device": "cuda"}),
        ("D5", _cut_off, {}),
        ("D6", _pickled, {}),
        ("D10", _without_spread, {}),
        ("D12", _overflowing, {}),
    ],
)
def test_a_checkpoint_that_cannot_drive_is_refused(
    code: str, damage: Callable[[Path], None], params: dict[str, Any], processes: Processes,
    tmp_path: Path,
) -> None:  # fmt: skip
    folder = checkpoint_for_cell(tmp_path / "checkpoint")
    damage(folder)
    processes.environment["CUDA_VISIBLE_DEVICES"] = ""
    policy = start_policy(processes, folder, **params)
    assert policy.wait_for_exit() == 1
    (line,) = [t for t in policy.text.splitlines() if t.startswith("error: ")]
    assert FAULTS[code].pattern.search(line), line
    assert not (folder / "marker").exists()

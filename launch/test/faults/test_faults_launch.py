# SPDX-License-Identifier: Apache-2.0
"""Section H of the fault table: parameters, goals, transitions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_lab.driving_policy import checkpoint_for_cell, start_policy
from fault_lab.fault_cell import ROBOT_FILE, FaultCell
from fault_table import FAULTS
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from processes import Process, Processes, wait_until
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters

from act_interfaces.action import RecordEpisode

pytestmark = [pytest.mark.ros, pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
def cell(domain: int) -> Iterator[FaultCell]:
    """A cell that commands itself."""
    node = FaultCell(domain)
    node.commanding = True
    yield node
    node.close()


@pytest.fixture
def recorder(processes: Processes, tmp_path: Path) -> Process:
    return processes.start(
        "act_recorder.recorder_node", robot_file=ROBOT_FILE, pace="realtime", sim=False,
        dataset_dir=tmp_path / "data",
    )  # fmt: skip


def _answer(cell: FaultCell, kind: type, service: str, request: Any) -> Any:
    client = cell.create_client(kind, service)
    assert client.wait_for_service(60.0)
    future = client.call_async(request)
    wait_until(future.done, 60.0, f"{service}: no answer")
    return future.result()


@pytest.mark.parametrize(
    ("code", "value"), [("H2", "soon"), ("H3", 1000.0), ("H3b", float("nan"))]
)
def test_a_parameter_that_cannot_be_is_refused(
    code: str, value: object, processes: Processes
) -> None:
    written = ".nan" if code == "H3b" else value
    teleop = processes.start("act_teleop.teleop_node", input_timeout_s=written)
    assert teleop.wait_for_exit() == 1
    (line,) = teleop.text.splitlines()
    assert FAULTS[code].pattern.search(line), line


def test_a_parameter_file_that_cannot_be_read_is_refused(
    processes: Processes, tmp_path: Path
) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("teleop:\n  ros__parameters:\n   input_timeout_s: [1.0\n")
    teleop = processes.start("act_teleop.teleop_node", "--ros-args", "--params-file", str(path))
    assert teleop.wait_for_exit() == 2
    assert FAULTS["H4"].pattern.search(teleop.text), teleop.text
    assert str(path) in teleop.text


def test_a_parameter_of_a_running_node_cannot_be_changed(
    recorder: Process, cell: FaultCell
) -> None:
    value = ParameterValue(type=ParameterType.PARAMETER_DOUBLE, double_value=9.0)
    request = SetParameters.Request(parameters=[Parameter(name="max_gap_s", value=value)])
    (result,) = _answer(cell, SetParameters, "recorder/set_parameters", request).results
    assert not result.successful
    assert FAULTS["H6"].pattern.search(result.reason), result.reason


def test_one_episode_at_a_time_until_it_is_cancelled(recorder: Process, cell: FaultCell) -> None:
    first = cell.begin_episode()
    assert not cell.begin_episode().accepted
    recorder.wait_for(FAULTS["H7"].pattern, 20.0)
    cell.wait_for_status("recorder", "recording", lambda s: s.num_frames > 5)
    first.cancel_goal_async()
    result = cell.end_of(first)
    recorder.wait_for(FAULTS["H8"].pattern, 20.0)
    assert result.code == RecordEpisode.Result.CANCELED
    assert Path(result.path).name == "episode_0.hdf5"


def test_without_its_client_an_episode_is_recorded_to_the_end(
    recorder: Process, cell: FaultCell, domain: int, tmp_path: Path
) -> None:
    client = FaultCell(domain)
    for stream in ("joint_states", "joint_commands", "top/image_raw", "wrist/image_raw"):
        client.disturb(stream, lambda _: ())
    assert client.begin_episode(100).accepted
    client.close()
    recorder.wait_for(FAULTS["H9"].pattern, 30.0)
    assert [p.name for p in tmp_path.glob("data/*")] == ["episode_0.hdf5"]


def test_a_task_is_text_and_no_path(recorder: Process, cell: FaultCell, tmp_path: Path) -> None:
    result = cell.end_of(cell.begin_episode(10, task="../../elsewhere"))
    recorder.wait_for(FAULTS["H11"].pattern, 20.0)
    assert Path(result.path) == tmp_path / "data" / "episode_0.hdf5"


def test_a_transition_that_fails_can_be_repeated(
    processes: Processes, cell: FaultCell, tmp_path: Path
) -> None:
    def change(transition: int) -> bool:
        request = ChangeState.Request(transition=Transition(id=transition))
        return bool(_answer(cell, ChangeState, "policy/change_state", request).success)

    cell.commanding = False
    folder = checkpoint_for_cell(tmp_path / "checkpoint")
    weights = folder / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:1000])
    policy = start_policy(processes, folder, autostart=False)
    assert not change(Transition.TRANSITION_CONFIGURE)
    policy.wait_for(FAULTS["H12"].pattern, 20.0)
    weights.write_bytes(whole)
    assert change(Transition.TRANSITION_CONFIGURE)
    assert change(Transition.TRANSITION_ACTIVATE)
    cell.wait_for_commands()
    assert change(Transition.TRANSITION_DEACTIVATE)
    cell.wait_for_status(
        "policy", "deactivated", lambda s: FAULTS["H13"].pattern.search(s.message)
    )
    assert cell.commands_in(0.3) <= 1
    assert change(Transition.TRANSITION_ACTIVATE)
    cell.wait_for_commands()

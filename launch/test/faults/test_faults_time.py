# SPDX-License-Identifier: Apache-2.0
"""Section B of the fault table, simulated time: a policy drives while an episode is recorded."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from domain_coordinator import domain_id
from fault_lab.driving_policy import checkpoint_for_cell, start_policy
from fault_lab.fault_cell import ROBOT_FILE, STREAMS, FaultCell, silence
from fault_table import FAULTS
from processes import Process, Processes

from act_interfaces.action import RecordEpisode
from act_interfaces.msg import PolicyStatus

pytestmark = [pytest.mark.ros, pytest.mark.slow, pytest.mark.timeout(120)]

BEGIN_NS = 200 * 10**9
S = 10**9


class SimulatedCell:
    """A cell on a simulator's clock, a policy that drives it, a recorder with an episode."""

    def __init__(self, cell: FaultCell, processes: Processes, checkpoint: Path):
        self.cell = cell
        self.recorder = self.start_recorder(processes)
        self.policy = start_policy(processes, checkpoint, use_sim_time=True)
        cell.wait_for_commands()
        self.goal: Any = None

    @staticmethod
    def start_recorder(processes: Processes) -> Process:
        return processes.start(
            "act_recorder.recorder_node", robot_file=ROBOT_FILE, pace="realtime", sim=False,
            dataset_dir=processes.folder / "episodes", use_sim_time=True,
        )  # fmt: skip

    def begin(self) -> None:
        """Let the policy drive and an episode be recorded."""
        cell = self.cell
        if cell.status["policy"].state == PolicyStatus.HOLDING:
            cell.wait_for_status("policy", "whole", lambda s: re.search("whole", s.message))
            assert cell.call("policy/resume").success
        cell.wait_for_commands()
        self.goal = cell.begin_episode()
        cell.wait_for_status("recorder", "recording", lambda s: s.state and s.num_frames > 5)
        self.policy.forget()
        self.recorder.forget()


@pytest.fixture(scope="module")
def simulated_cell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedCell]:
    with domain_id() as domain:
        cell = FaultCell(domain, BEGIN_NS)
        processes = Processes(tmp_path_factory.mktemp("simulated"), domain)
        folder = checkpoint_for_cell(tmp_path_factory.mktemp("policy") / "checkpoint")
        yield SimulatedCell(cell, processes, folder)
        processes.close()
        cell.close()


@pytest.fixture
def simulated(simulated_cell: SimulatedCell) -> SimulatedCell:
    simulated_cell.begin()
    return simulated_cell


@pytest.mark.parametrize(("codes", "jump_ns"), [(("B10", "B10b"), -95 * S), (("B11",), 3 * S)])
def test_a_jump_of_the_clock_is_a_hold_and_ends_the_episode(
    codes: tuple[str, ...], jump_ns: int, simulated: SimulatedCell
) -> None:
    cell = simulated.cell
    cell.sim_ns += jump_ns
    simulated.policy.wait_for(FAULTS[codes[0]].pattern, 20.0)
    assert cell.commands_in(0.3) <= 1
    result = cell.end_of(simulated.goal)
    assert result.code == RecordEpisode.Result.INPUT_LOST
    for code in codes[1:]:
        simulated.recorder.wait_for(FAULTS[code].pattern, 20.0)


def test_a_paused_simulator_is_a_hold(simulated: SimulatedCell) -> None:
    cell = simulated.cell
    for stream in STREAMS:
        cell.disturb(stream, silence)
    simulated.policy.wait_for(FAULTS["B12"].pattern, 20.0)
    assert cell.commands_in(0.3) == 0
    cell.mend()
    cell.end_of(simulated.goal)


def test_a_clock_that_stands_alone_is_named(simulated: SimulatedCell) -> None:
    simulated.cell.disturb("/clock", silence)
    simulated.recorder.wait_for(FAULTS["B12b"].pattern, 20.0)
    assert simulated.cell.commands_in(0.3) == 0
    simulated.cell.mend()
    simulated.cell.end_of(simulated.goal)


def test_without_a_clock_the_parameter_is_named(processes: Processes, domain: int) -> None:
    cell = FaultCell(domain)
    try:
        recorder = SimulatedCell.start_recorder(processes)
        recorder.wait_for(FAULTS["B13"].pattern, 20.0)
    finally:
        cell.close()

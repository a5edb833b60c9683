# SPDX-License-Identifier: Apache-2.0
"""Section C of the fault table: commands that the robot's side does not execute."""

import math
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from fault_lab.fault_cell import ROBOT_FILE, SPEC, FaultCell, shifted, silence
from fault_table import FAULTS
from processes import Process, Processes, wait_until
from sensor_msgs.msg import JointState

from act_core.robot.command_guard import STALL_S
from act_core.ros import qos
from act_core.ros.messages.joints import read_vector, write_vector

pytestmark = [pytest.mark.ros, pytest.mark.slow, pytest.mark.timeout(120)]

COMMANDS = "joint_commands"


class BridgedCell:
    """A cell that commands itself through the arm bridge, to its own controller."""

    def __init__(self, cell: FaultCell, processes: Processes):
        self.cell, self.executed = cell, [SPEC.start]
        self.bridge: Process = processes.start(
            "act_teleop.bridge.arm_bridge_node", robot_file=ROBOT_FILE
        )
        self.bridge.wait_for(FAULTS["C14"].pattern)
        cell.create_subscription(JointState, "arm/commands", self._execute, qos.COMMANDS)
        self.settle()

    def _execute(self, message: JointState) -> None:
        self.executed.append(read_vector(message, SPEC.command))

    def settle(self) -> None:
        """Let the cell's commands be executed."""
        self.cell.mend()
        self.cell.commanding, self.cell.torque = True, False
        before = len(self.executed)
        wait_until(lambda: len(self.executed) > before + 10, 20.0, "nothing moves", self.bridge)
        self.bridge.forget()


@pytest.fixture(scope="module")
def bridged_cell(cell_of_module: FaultCell, cell_processes: Processes) -> BridgedCell:
    """One bridge for all tests here; that nobody listens at first is row C14."""
    return BridgedCell(cell_of_module, cell_processes)


@pytest.fixture
def bridged(bridged_cell: BridgedCell) -> Iterator[BridgedCell]:
    yield bridged_cell
    bridged_cell.settle()


def _nan(message: Any) -> Any:
    message.position[1] = math.nan
    return [message]


def _without_elbow(message: Any) -> Any:
    del message.name[1], message.position[1]
    return [message]


def _short(message: Any) -> Any:
    del message.position[2]
    return [message]


def _beside_a_rival(message: Any) -> Any:
    rival = write_vector(SPEC.sleep, SPEC.command, 0)
    rival.header.stamp, rival.header.frame_id = message.header.stamp, "rival"
    return [message, rival]


def _unstamped(message: Any) -> Any:
    message.header.stamp.sec = message.header.stamp.nanosec = 0
    return [message]


@pytest.mark.parametrize(
    ("code", "disturbance"),
    [
        ("C7", _nan),
        ("C7b", lambda m: [shifted(m, -1.0)]),
        ("C7c", _unstamped),
        ("C8", _without_elbow),
        ("C8b", _short),
        ("C11b", _beside_a_rival),
        ("C14b", silence),
    ],
)
def test_what_must_not_be_executed_is_named_and_the_last_command_kept(
    code: str, disturbance: Any, bridged: BridgedCell
) -> None:
    before = len(bridged.executed)
    bridged.cell.disturb(COMMANDS, disturbance)
    bridged.bridge.wait_for(FAULTS[code].pattern, 20.0)
    assert all(np.allclose(vector, SPEC.start) for vector in bridged.executed[before:])


def test_a_source_that_starts_far_away_is_refused(bridged: BridgedCell) -> None:
    cell = bridged.cell
    cell.disturb(COMMANDS, silence)
    bridged.bridge.wait_for(FAULTS["C14b"].pattern, 20.0)
    time.sleep(STALL_S)  # before that it would go on where it was, within the limits
    before = len(bridged.executed)

    def far(message: JointState) -> Any:
        message.position[0] += 1.0
        return [message]

    cell.disturb(COMMANDS, far)
    bridged.bridge.wait_for(FAULTS["C1b"].pattern, 20.0)
    assert len(bridged.executed) == before


def test_nobody_who_listens_is_told(bridged: BridgedCell) -> None:
    assert FAULTS["C14"].pattern.search(bridged.bridge.text)
    assert not FAULTS["C14"].pattern.search(bridged.bridge.news)

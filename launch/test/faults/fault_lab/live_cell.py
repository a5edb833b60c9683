# SPDX-License-Identifier: Apache-2.0
"""A cell in the midst of its work: an episode is recorded while teleoperation follows."""

from collections.abc import Callable

import numpy as np
from fault_lab.fault_cell import LIMIT_S, ROBOT_FILE, FaultCell
from fault_table import FAULTS
from processes import Process, Processes, wait_until

from act_interfaces.msg import RecorderStatus, TeleopStatus

# Patient, so that one recording lasts for all tests of a module and a busy machine is no fault.
PATIENCE_S = 30.0
INPUT_TIMEOUT_S = 0.3


class LiveCell:
    """Recorder and teleoperation of a cell; see the module."""

    def __init__(self, cell: FaultCell, processes: Processes):
        self.cell = cell
        folder = processes.folder / "episodes"
        self.recorder = processes.start(
            "act_recorder.recorder_node", robot_file=ROBOT_FILE, pace="realtime", sim=False,
            dataset_dir=folder, max_gap_s=10.0, input_timeout_s=PATIENCE_S,
        )  # fmt: skip
        self.teleop = processes.start(
            "act_teleop.teleop_node", robot_file=ROBOT_FILE, engage="call",
            input_timeout_s=INPUT_TIMEOUT_S,
        )  # fmt: skip
        for node in ("recorder", "teleop"):
            cell.wait_for_status(node, "there", lambda _: True)
        self.settle()

    def settle(self) -> None:
        """Mend all, follow the leader, and see rows come."""
        cell = self.cell
        cell.mend()
        cell.stood_still_s = 0.0
        cell.leader = cell.pose.copy()
        wait_until(
            self._keeps_following, 30.0, lambda: f"does not follow {cell.told}", self.teleop
        )
        if cell.status["recorder"].state != RecorderStatus.RECORDING:
            cell.begin_episode()
        self.wait_for_rows()
        self.recorder.forget()
        self.teleop.forget()

    def _keeps_following(self) -> bool:
        """Engage if that is asked for; a stream that is put right is a jump once more."""
        if self.cell.status["teleop"].state == TeleopStatus.READY:
            self.cell.call("teleop/engage")
        return self.cell.commands_in(0.3) > 10

    def wait_for_rows(self, count: int = 5) -> None:
        """Wait until the recording has grown by `count` rows."""
        before = self.rows
        self._wait(lambda: self.rows >= before + count, 20.0, "no rows", self.recorder)

    def _wait(self, ready: Callable[[], bool], limit_s: float, what: str, who: Process) -> None:
        """Wait; where cell or node have stood still, as on a busy machine, engage once more."""

        def engaged_and_ready() -> bool:
            held = self.cell.status["teleop"].state == TeleopStatus.READY
            if held and self.cell.stood_still(INPUT_TIMEOUT_S):
                self.cell.stood_still_s = 0.0
                self.cell.call("teleop/engage")
            return ready()

        wait_until(engaged_and_ready, limit_s, lambda: f"{what} {self.cell.told}", who)

    @property
    def rows(self) -> int:
        """Rows recorded, as the recorder tells."""
        status = self.cell.status.get("recorder")
        return status.num_frames if status else 0

    def reads(self, code: str) -> Process:
        """Wait until the text of the row `code` is said; return who said it."""
        fault = FAULTS[code]
        process: Process = getattr(self, fault.who)
        process.wait_for(fault.pattern, 20.0)
        return process

    def follows(self) -> None:
        """Assert that the arms follow: commands come, and the pose becomes the leader's."""
        cell = self.cell
        goal = len(cell.commands) + 25

        self._wait(lambda: len(cell.commands) >= goal, LIMIT_S, "no commands", self.teleop)
        assert cell.status["teleop"].state == TeleopStatus.FOLLOWING, cell.told
        wait_until(
            lambda: np.allclose(cell.pose, cell.leader, atol=0.05),
            5.0,
            lambda: f"astray {cell.told}",
        )

    def holds(self) -> None:
        """Assert that the arms hold, and that only an act lets them follow again."""
        cell = self.cell
        cell.wait_for_status("teleop", "holding", lambda s: s.state != TeleopStatus.FOLLOWING)
        assert cell.commands_in(0.3) <= 1  # one may still have been under way
        cell.mend()
        cell.wait_for_status("teleop", "ready", lambda s: s.state == TeleopStatus.READY)
        assert cell.commands_in(0.3) == 0
        assert cell.call("teleop/engage").success
        cell.wait_for_commands()

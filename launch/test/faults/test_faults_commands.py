# SPDX-License-Identifier: Apache-2.0
"""Section C of the fault table: what teleoperation does with its leader and its operator."""

import math
import signal
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from fault_lab.fault_cell import PERIOD_S, ROBOT_FILE, SPEC, FaultCell, silence
from fault_lab.live_cell import INPUT_TIMEOUT_S, LiveCell
from fault_rows.fault import NOTHING
from fault_table import FAULTS
from processes import Processes, wait_until
from sensor_msgs.msg import Joy

from act_core.ros.messages.stamps import to_ns
from act_interfaces.msg import TeleopStatus

pytestmark = [pytest.mark.ros, pytest.mark.slow, pytest.mark.timeout(120)]

LEADER = "leader/joint_states"
BASE, GRIPPER = 0, 2


def _at(joint: int, value: float) -> Any:
    def edit(message: Any) -> Any:
        message.position[joint] = value
        return [message]

    return edit


def _steps_rad(cell: FaultCell, first: int) -> np.ndarray:
    """Return the base's step at each command since the one with the number `first`."""
    return np.diff([vector[BASE] for _, _, vector in cell.commands[first:]])


def test_a_leader_far_away_is_not_engaged(live: LiveCell) -> None:
    cell = live.cell
    cell.call("teleop/hold")
    cell.leader[BASE] = cell.pose[BASE] + 1.0
    live.reads("C1")
    answer = cell.call("teleop/engage")
    assert not answer.success
    assert FAULTS["C1"].pattern.search(answer.message)
    assert cell.commands_in(0.3) == 0


def test_a_leader_that_jumps_is_followed_within_the_limits(live: LiveCell) -> None:
    cell, first = live.cell, len(live.cell.commands)
    cell.wait_for_commands(round(1.2 / PERIOD_S))  # a text comes once a second
    cell.leader[BASE] -= math.copysign(1.2, cell.leader[BASE])
    live.reads("C2")
    live.follows()
    assert np.abs(_steps_rad(cell, first)).max() <= 2 * PERIOD_S * SPEC.max_velocity[BASE] + 1e-9


def test_a_leader_that_is_too_fast_is_followed_later(live: LiveCell) -> None:
    assert FAULTS["C6"].reads == NOTHING
    cell, first, from_rad = live.cell, len(live.cell.commands), live.cell.leader[BASE]
    began_ns = cell.now_ns
    sign = -math.copysign(1.0, from_rad)

    def lead(message: Any) -> Any:
        elapsed_s = (to_ns(message.header.stamp) - began_ns) / 1e9
        cell.leader[BASE] = from_rad + sign * min(5.0 * elapsed_s, 1.0)  # 3 rad/s is the robot's
        return _at(BASE, cell.leader[BASE])(message)

    cell.disturb(LEADER, lead)
    cell.wait_for_commands(round(0.5 / PERIOD_S))
    live.follows()
    steps_rad = _steps_rad(cell, first)
    assert np.abs(steps_rad).max() <= 2 * PERIOD_S * SPEC.max_velocity[BASE] + 1e-9
    assert np.abs(steps_rad).max() > 0.04
    assert live.teleop.news == ""


def test_a_leader_that_was_lost_is_engaged_anew(live: LiveCell) -> None:
    live.cell.disturb(LEADER, silence)
    live.reads("C3")
    live.cell.mend()
    live.reads("C4")
    live.holds()


@pytest.mark.parametrize(
    ("code", "joint", "value", "end"), [("C5", BASE, 2.4, 2.0), ("C10", GRIPPER, 1.3, 1.0)]
)
def test_beyond_the_range_the_arms_stop_at_its_end(
    code: str, joint: int, value: float, end: float, live: LiveCell
) -> None:
    assert FAULTS[code].reads == NOTHING
    cell, other = live.cell, 1
    for position in np.linspace(cell.leader[joint], value, 30):
        cell.leader[joint] = position
        cell.leader[other] -= 0.01
        cell.wait_for_commands(2)
    wait_until(lambda: cell.pose[joint] == pytest.approx(end), 10.0, "not at its end")
    assert max(vector[joint] for _, _, vector in cell.commands) <= end
    assert cell.pose[other] == pytest.approx(cell.leader[other], abs=0.01)
    assert live.teleop.news == ""


def test_a_value_that_no_joint_can_have_holds(live: LiveCell) -> None:
    live.cell.disturb(LEADER, _at(BASE, 5.0))
    live.reads("C5b")
    live.holds()


def test_asked_to_hold_it_holds_in_every_motion(live: LiveCell) -> None:
    cell = live.cell
    for motion in ("", "teleop/park", "teleop/to_start"):
        if motion:
            assert cell.call(motion).success
            cell.wait_for_commands(5)
        assert cell.call("teleop/hold").success
        live.reads("C13")
        assert cell.commands_in(0.3) <= 1
        live.teleop.forget()
    cell.leader = cell.pose.copy()
    live.holds()


def test_an_arm_that_does_not_follow_is_named(live: LiveCell) -> None:
    cell = live.cell
    cell.torque = False
    for _ in range(8):
        cell.leader[BASE] -= 0.1
        cell.wait_for_commands(3)
    live.reads("C15")
    cell.leader = cell.pose.copy()
    live.holds()


def test_a_node_that_stood_still_holds_and_says_so(live: LiveCell) -> None:
    live.teleop.popen.send_signal(signal.SIGSTOP)
    time.sleep(2 * INPUT_TIMEOUT_S)
    live.teleop.popen.send_signal(signal.SIGCONT)
    live.teleop.wait_for("this node itself stood still for", 20.0)
    assert live.cell.stood_still(INPUT_TIMEOUT_S)
    live.holds()


@pytest.fixture
def fresh(domain: int) -> Iterator[FaultCell]:
    node = FaultCell(domain)
    yield node
    node.close()


def test_the_deadman_button_holds(processes: Processes, fresh: FaultCell) -> None:
    teleop = processes.start(
        "act_teleop.teleop_node", robot_file=ROBOT_FILE, engage="auto", input_timeout_s=0.3,
        deadman_button=0,
    )  # fmt: skip
    pressed = fresh.create_timer(0.05, lambda: fresh.send("joy", Joy(buttons=[1])))
    fresh.wait_for_commands()
    fresh.destroy_timer(pressed)
    teleop.forget()  # a busy machine may have let go of it before
    teleop.wait_for(FAULTS["C12"].pattern)
    assert fresh.commands_in(0.3) <= 1


def _parks(cell: FaultCell) -> bool:
    cell.stood_still_s = 0.0
    assert cell.call("teleop/park").success
    return cell.commands_in(0.6) >= 20


def test_interrupted_in_a_motion_it_sends_nothing_more(
    processes: Processes, fresh: FaultCell
) -> None:
    assert FAULTS["C16"].reads == NOTHING
    teleop = processes.start(
        "act_teleop.teleop_node", robot_file=ROBOT_FILE, engage="auto",
        input_timeout_s=INPUT_TIMEOUT_S,
    )  # fmt: skip
    fresh.wait_for_status("teleop", "following", lambda s: s.state == TeleopStatus.FOLLOWING)
    while not _parks(fresh):  # unless a process stood still: teleop then holds, as it should
        assert fresh.stood_still(INPUT_TIMEOUT_S), fresh.told
    teleop.popen.send_signal(signal.SIGINT)
    began_s = time.monotonic()
    assert teleop.wait_for_exit(5.0) == 0
    assert time.monotonic() - began_s < 2.0
    assert fresh.commands_in(0.3) <= 1
    assert np.abs(fresh.pose - SPEC.sleep).max() > 0.1  # somewhere on its way

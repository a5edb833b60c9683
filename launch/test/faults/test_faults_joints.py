# SPDX-License-Identifier: Apache-2.0
"""Section B of the fault table: joint states and the clocks that they are stamped by."""

import math
import time
from array import array
from collections.abc import Callable
from typing import Any

import pytest
from fault_lab.fault_cell import PERIOD_S, shifted, silence
from fault_lab.live_cell import LiveCell
from fault_rows.fault import NOTHING
from fault_table import FAULTS

from act_core.ros.messages.stamps import to_stamp
from act_interfaces.msg import TeleopStatus

pytestmark = [pytest.mark.ros, pytest.mark.slow, pytest.mark.timeout(120)]

JOINTS, LEADER = "joint_states", "leader/joint_states"
STEP_RAD = 0.1  # no glitch
Edit = Callable[[Any], Any]


def _reordered(message: Any) -> Any:
    message.name, message.position = message.name[::-1], message.position[::-1]
    return [message]


def _with(name: int, value: float) -> Edit:
    def edit(message: Any) -> Any:
        message.position[name] = value
        return [message]

    return edit


def _arm_at(value: float) -> Edit:
    def edit(message: Any) -> Any:
        message.position = [value, value, message.position[2]]
        return [message]

    return edit


def _without_elbow(message: Any) -> Any:
    del message.name[1], message.position[1]
    return [message]


def _doubled(message: Any) -> Any:
    message.name, message.position = [*message.name, "base"], [*message.position, 0.0]
    return [message]


def _with_others(message: Any) -> Any:
    message.name, message.position = ["tail", *message.name], [math.nan, *message.position]
    message.velocity, message.effort = array("d"), array("d")
    return [message]


def _short(message: Any) -> Any:
    del message.position[2]
    return [message]


def _in_degrees(message: Any) -> Any:
    message.position = [math.degrees(p) for p in message.position]
    return [message]


def _swapped() -> Edit:
    kept: list[Any] = []

    def edit(message: Any) -> Any:
        kept.append(message)
        if len(kept) < 2:
            return ()
        pair = kept[::-1]
        kept.clear()
        return pair

    return edit


def _stamped(stamp_ns: Callable[[], int]) -> Edit:
    def edit(message: Any) -> Any:
        message.header.stamp = to_stamp(stamp_ns())
        return [message]

    return edit


@pytest.mark.parametrize(
    ("code", "stream", "disturbance"),
    [
        ("B2", JOINTS, _without_elbow),
        ("B2b", JOINTS, _doubled),
        ("B3", JOINTS, _short),
        ("B4", JOINTS, _with(1, math.nan)),
        ("B4b", LEADER, _with(1, math.inf)),
        ("B4c", JOINTS, _in_degrees),
        ("B5", JOINTS, silence),
        ("B9", JOINTS, lambda m: [shifted(m, 10.0)]),
        ("B9c", LEADER, lambda m: [shifted(m, 10.0)]),
        ("B9d", LEADER, _stamped(lambda: 0)),
    ],
)
def test_the_arms_hold_until_an_operator_engages_again(
    code: str, stream: str, disturbance: Edit, live: LiveCell
) -> None:
    live.cell.disturb(stream, disturbance)
    live.reads(code)
    live.holds()


@pytest.mark.parametrize(
    ("code", "stream", "disturbance"),
    [
        ("B1", JOINTS, _reordered),
        ("B1", LEADER, _reordered),
        ("B2c", JOINTS, _with_others),
        ("B7", JOINTS, lambda m: [m, m]),
        ("B7", LEADER, lambda m: [m, m]),
        ("B8", JOINTS, _swapped()),
        ("B8", LEADER, _swapped()),
    ],
)
def test_what_means_the_same_changes_nothing(
    code: str, stream: str, disturbance: Edit, live: LiveCell
) -> None:
    assert FAULTS[code].reads == NOTHING
    refused = live.cell.status["recorder"].refused
    live.cell.disturb(stream, disturbance)
    live.cell.leader[1] += STEP_RAD
    live.cell.wait_for_commands(50)
    live.follows()
    live.wait_for_rows(20)
    assert live.cell.status["recorder"].refused == refused
    assert live.teleop.news == ""


@pytest.mark.parametrize(
    ("code", "stream", "disturbance"),
    [("B6", JOINTS, _arm_at(-math.pi)), ("B6b", LEADER, _arm_at(0.0))],
)
def test_a_glitch_is_left_out_and_the_arms_follow_on(
    code: str, stream: str, disturbance: Edit, live: LiveCell
) -> None:
    live.cell.disturb_once(stream, disturbance)
    live.reads(code)
    live.follows()
    if stream == LEADER:
        assert live.cell.status["teleop"].rejected
    else:
        live.recorder.wait_for(FAULTS[code].pattern)


@pytest.mark.parametrize(
    ("code", "streams", "stamp_ns"),
    [
        ("B9b", (JOINTS,), lambda: time.time_ns() + 10 * 10**9),
        ("B9e", (LEADER,), time.monotonic_ns),
        ("B9f", (JOINTS,), lambda: 0),
        ("B14", (JOINTS, LEADER), lambda: time.time_ns() + 300_000_000),
    ],
)
def test_a_wrong_clock_is_named_and_teleoperation_goes_on(
    code: str, streams: tuple[str, ...], stamp_ns: Callable[[], int], live: LiveCell
) -> None:
    cell = live.cell
    for stream in streams:
        cell.disturb(stream, _stamped(stamp_ns))
    live.reads(code)
    if cell.status["teleop"].state != TeleopStatus.FOLLOWING:  # held at the jump
        cell.wait_for_status("teleop", "ready", lambda s: s.state == TeleopStatus.READY)
        assert cell.call("teleop/engage").success
    cell.leader[1] += STEP_RAD
    cell.wait_for_commands(50)
    live.follows()
    said = f"{streams[-1]}: stamps "
    live.teleop.wait_for(said)
    cell.wait_for_commands(round(1.5 / PERIOD_S))
    assert live.teleop.news.count(said) == 1

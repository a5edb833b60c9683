# SPDX-License-Identifier: Apache-2.0
"""Does the robot go where it is commanded, and when?"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from act_core.episode.checks.finding import Check, Finding
from act_core.episode.checks.rows import Rows
from act_core.episode.checks.runs import longest, runs, worst
from act_core.robot.tracking_watch import ASTRAY_RAD, ASTRAY_S

_LAG_S, _LEAD_TICKS, _SEARCH_S = 0.3, 2, 0.6
# Less alike than this, the two motions say nothing of the time between them.
_ALIKE = 0.8
_MOVED_RAD = 0.2
_ECHO_PART = 0.9

ASTRAY = Check(
    "tracking-error", "warning",
    f"A joint is more than {ASTRAY_RAD:g} rad from its command for more than {ASTRAY_S:g} s (as "
    "the running nodes judge it): torque off, blocked, or the command is not for this robot.",
    "look at that joint's torque and load; act dataset plot shows it",
)  # fmt: skip
LAG = Check(
    "command-lag", "warning",
    f"Positions are most like the commands of more than {_LAG_S:g} s before (correlation of "
    "speeds): slow motors, or a filter or a network between.",
    "look for the delay between command and motor, and at the clocks",
)  # fmt: skip
LEAD = Check(
    "state-leads", "error",
    f"Positions are {_LEAD_TICKS} control ticks or more ahead of the commands that should have "
    "caused them (correlation of speeds): rows were shifted, or a clock is wrong.",
    "convert anew with rows that belong together, or synchronise the clocks",
)  # fmt: skip
ECHO = Check(
    "echoed-state", "warning",
    f"In more than {_ECHO_PART:.0%} of the rows the action is exactly the position of that row: "
    "the state was recorded as command, so there is nothing to learn but to stand still.",
    "record what is sent to the robot, or shift the actions when converting",
)  # fmt: skip
CHECKS = (ASTRAY, LAG, LEAD, ECHO)


def command_findings(rows: Rows) -> Iterator[Finding]:
    """Give what is wrong between command and state; rows of finite numbers."""
    joints = np.flatnonzero(~rows.is_gripper)
    yield from _astray(rows, joints)
    if len(rows) * rows.period_s < 2 * _SEARCH_S:
        return
    if (rows.actions == rows.positions).all(axis=1).mean() > _ECHO_PART and _moves(rows, joints):
        yield ECHO.found(f"{(rows.actions == rows.positions).all(axis=1).mean():.0%} of the rows")
        return
    lag = lag_ticks(rows.actions[:, joints], rows.positions[:, joints], _search_ticks(rows))
    if lag is None:
        return
    lag_s = lag * rows.period_s
    if lag_s > _LAG_S:
        yield LAG.found(f"positions follow the commands {lag_s:.2f} s ({lag} ticks) later")
    elif lag <= -_LEAD_TICKS:
        yield LEAD.found(f"positions are {-lag} ticks ({-lag_s:.2f} s) ahead of the commands")


def _search_ticks(rows: Rows) -> int:
    return max(_LEAD_TICKS + 1, round(_SEARCH_S / rows.period_s))


def _moves(rows: Rows, joints: NDArray[np.int64]) -> bool:
    return bool((np.ptp(rows.actions[:, joints], axis=0) > _MOVED_RAD).any())


def _astray(rows: Rows, joints: NDArray[np.int64]) -> Iterator[Finding]:
    wanted = max(2, round(ASTRAY_S / rows.period_s))
    apart = np.abs(rows.actions - rows.positions)
    found = []
    for column in joints[(apart[:, joints] > ASTRAY_RAD).sum(axis=0) > wanted].tolist():
        first, end = longest(runs(apart[:, column] > ASTRAY_RAD))
        if end - first > wanted:
            most = float(apart[first:end, column].max())
            text = f"is up to {most:.2f} rad from its command in rows {first} … {end - 1}"
            found.append((most, f"'{rows.columns[column]}' {text}"))
    if found:
        yield ASTRAY.found(worst(found))


def lag_ticks(commands: NDArray[np.float64], states: NDArray[np.float64], most: int) -> int | None:
    """Return by how many rows `states` (T, D) follow `commands` (T, D); negative: lead.

    The shift with the largest correlation of the two speeds, over all columns that move, within
    `most` rows either way. None where nothing moves or no shift makes them alike.
    """
    moving = np.ptp(commands, axis=0) > _MOVED_RAD
    if not moving.any() or len(commands) <= 2 * most:
        return None
    command_speed = np.diff(commands[:, moving], axis=0)
    state_speed = np.diff(states[:, moving], axis=0)
    shifts = range(-most, most + 1)
    alike = [_correlation(command_speed, state_speed, shift) for shift in shifts]
    best = int(np.argmax(alike))
    return shifts[best] if alike[best] > _ALIKE else None


def _correlation(before: NDArray[np.float64], after: NDArray[np.float64], shift: int) -> float:
    rows = len(before) - abs(shift)
    first = before[max(0, -shift) :][:rows]
    second = after[max(0, shift) :][:rows]
    norm = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / norm if norm else 0.0

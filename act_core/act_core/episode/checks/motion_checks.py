# SPDX-License-Identifier: Apache-2.0
"""Can a robot have moved as its episode says?"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from act_core.episode.checks.finding import Check, Finding
from act_core.episode.checks.rows import Rows
from act_core.episode.checks.runs import longest, runs, worst
from act_core.robot.motion_watch import SLACK_RAD
from act_core.robot.robot_spec import RobotSpec

_GRIPPER_BEYOND = 0.2
_AT_LIMIT_RAD, _AT_LIMIT_S = 0.005, 1.0
_FROZEN_S, _FROZEN_RAD = 0.5, 0.2
_INERT, _INERT_COMMAND = 0.02, 0.5
_STILL = 0.02
_IDLE_S = 3.0
_NO_MOTION_S = 1.0

JUMP = Check(
    "joint-jump", "error",
    "A measured joint is further from the row before than its max_velocity_rad_s explains, by "
    f"more than {SLACK_RAD:g} rad (as the running nodes judge a sample): a glitch of its bus.",
    "cut it out (act dataset trim, split) or take the episode out; look at cables and baud rate",
)  # fmt: skip
COMMAND_JUMP = Check(
    "command-jump", "warning",
    "The same in a command: the robot cannot have followed it.",
    "look at the leader of that joint; limit commands before they are recorded",
)  # fmt: skip
RANGE = Check(
    "outside-range", "error",
    "A joint, measured or commanded, is beyond its limits by more than half their range, which "
    "neither sag nor calibration explains: degrees, another unit, another robot.",
    "convert the file with the right units or robot file",
)  # fmt: skip
GRIPPER = Check(
    "gripper-range", "warning",
    f"A gripper, measured or commanded, is more than {_GRIPPER_BEYOND:g} outside 0 (closed) … 1 "
    "(open); linkages sag by less.",
    "correct the gripper's closed and open values in the robot file, then convert or record again",
)  # fmt: skip
AT_LIMIT = Check(
    "at-limit", "warning",
    f"A joint's command stays within {_AT_LIMIT_RAD:g} rad of a limit for more than "
    f"{_AT_LIMIT_S:g} s: it is cut off there, and the hand was not where the leader was.",
    "look whether limits_rad in the robot file are the arm's own; teach in another posture",
)  # fmt: skip
FROZEN = Check(
    "frozen-joint", "error",
    f"A measured joint has the very same value for more than {_FROZEN_S:g} s while its command "
    f"moves by more than {_FROZEN_RAD:g} rad: torque off, blocked, or old values.",
    "take the episode out; look at the motor's torque and at the driver",
)  # fmt: skip
INERT = Check(
    "inert-gripper", "warning",
    f"A gripper's command moves by more than {_INERT_COMMAND:g} and its state by less than "
    f"{_INERT:g}, and it does not just hold something all the time.",
    "look at the gripper's motor, and at the joint name of its state in the robot file",
)  # fmt: skip
IDLE = Check(
    "idle", "warning",
    f"For more than {_IDLE_S:g} s no command moves by more than {_STILL:g} (rad; of a gripper's "
    "range): the policy learns to wait there.",
    "cut it off: act dataset trim",
)  # fmt: skip
NO_MOTION = Check(
    "no-motion", "error",
    f"No command of the whole episode, of {_NO_MOTION_S:g} s or more, moves by more than "
    f"{_STILL:g} (rad; of a gripper's range).",
    "delete it: act dataset delete",
)  # fmt: skip
SHORT = Check(
    "too-short", "warning",
    "The episode has fewer rows than a chunk has actions; what lacks is padded.",
    "train with a smaller model.chunk_size, or take the episode out",
)  # fmt: skip
CHECKS = (
    JUMP, COMMAND_JUMP, RANGE, GRIPPER, AT_LIMIT, FROZEN, INERT, IDLE, NO_MOTION, SHORT,
)  # fmt: skip


def motion_findings(rows: Rows, chunk_size: int) -> Iterator[Finding]:
    """Give what is wrong with the motion of an episode that has rows of finite numbers."""
    if len(rows) < chunk_size:
        yield SHORT.found(f"{len(rows)} rows, a chunk has {chunk_size}")
    yield from _grippers(rows)
    if rows.robot is not None:
        astray = list(_range(rows, rows.robot))
        yield from astray
        if not astray:
            yield from _jumps(rows, rows.robot)
            yield from _at_limit(rows, rows.robot)
    yield from _frozen(rows)
    yield from _idle(rows)


def _range(rows: Rows, robot: RobotSpec) -> Iterator[Finding]:
    slack = 0.5 * (robot.upper - robot.lower)
    joints = ~rows.is_gripper
    for name, values in (("positions", rows.positions), ("actions", rows.actions)):
        beyond = np.maximum(robot.lower - slack - values, values - robot.upper - slack)
        beyond = np.where(joints, beyond, -1.0)
        if beyond.max() > 0:
            row, column = np.unravel_index(int(beyond.argmax()), beyond.shape)
            yield RANGE.found(
                f"{name}: '{rows.columns[column]}' is {values[row, column]:.2f} rad in row {row}, "
                f"its limits are {robot.lower[column]:.2f} … {robot.upper[column]:.2f}"
            )


def _jumps(rows: Rows, robot: RobotSpec) -> Iterator[Finding]:
    tracks = (
        (JUMP, rows.positions, rows.joint_ns), (COMMAND_JUMP, rows.actions, rows.action_ns),
    )  # fmt: skip
    for check, values, stamps_ns in tracks:
        if len(values) < 2:  # noqa: PLR2004
            continue
        moved = np.where(rows.is_gripper, 0.0, np.abs(np.diff(values, axis=0)))
        # Some sources stamp two commands with one tick of a clock that stood still.
        elapsed_s = np.abs(np.diff(np.stack([stamps_ns, rows.row_ns]))).max(axis=0)[:, None] / 1e9
        excess = moved - robot.max_velocity * elapsed_s - SLACK_RAD
        if excess.max() > 0:
            row, column = np.unravel_index(int(excess.argmax()), excess.shape)
            yield check.found(
                f"'{rows.columns[column]}' moves {moved[row, column]:.2f} rad in "
                f"{1000 * elapsed_s[row, 0]:.0f} ms after row {row} (limit "
                f"{moved[row, column] - excess[row, column]:.2f} rad); "
                f"{int((excess.max(axis=1) > 0).sum())} such steps"
            )


def _grippers(rows: Rows) -> Iterator[Finding]:
    for column in np.flatnonzero(rows.is_gripper).tolist():
        name = rows.columns[column]
        state, command = rows.positions[:, column], rows.actions[:, column]
        for what, values in (("position", state), ("action", command)):
            low, high = float(values.min()), float(values.max())
            if low < -_GRIPPER_BEYOND or high > 1 + _GRIPPER_BEYOND:
                yield GRIPPER.found(
                    f"{what} of '{name}' runs from {low:.2f} to {high:.2f}, expected 0 … 1"
                )
        # Around an object it is never asked to open, and cannot be open all the way.
        holds = bool((command < state + _INERT).all()) and state.max() < 1 - _INERT
        if np.ptp(command) > _INERT_COMMAND and np.ptp(state) < _INERT and not holds:
            yield INERT.found(
                f"'{name}' is commanded over {np.ptp(command):.2f} of its range and moves "
                f"{np.ptp(state):.3f}"
            )


def _at_limit(rows: Rows, robot: RobotSpec) -> Iterator[Finding]:
    wanted = max(2, round(_AT_LIMIT_S / rows.period_s))
    for limit, side in ((robot.lower, "lower"), (robot.upper, "upper")):
        near = np.abs(rows.actions - limit) < _AT_LIMIT_RAD
        for column in np.flatnonzero((near.sum(axis=0) > wanted) & ~rows.is_gripper).tolist():
            first, end = longest(runs(near[:, column]))
            if end - first > wanted:
                yield AT_LIMIT.found(
                    f"'{rows.columns[column]}' is commanded to its {side} limit "
                    f"{limit[column]:.2f} rad in rows {first} … {end - 1}"
                )


def _frozen(rows: Rows) -> Iterator[Finding]:
    wanted = max(2, round(_FROZEN_S / rows.period_s))
    same = np.diff(rows.positions, axis=0) == 0
    found = []
    for column in np.flatnonzero((same.sum(axis=0) > wanted) & ~rows.is_gripper).tolist():
        command = rows.actions[:, column]
        stuck = [
            (first, end + 1)
            for first, end in runs(same[:, column])
            if end - first > wanted and np.ptp(command[first : end + 1]) > _FROZEN_RAD
        ]
        if stuck:
            first, end = longest(stuck)
            moved = float(np.ptp(command[first:end]))
            text = f"stays {rows.positions[first, column]:.4f} rad in rows {first} … {end - 1}"
            text += f", its command moves {moved:.2f} rad"
            found.append((moved, f"'{rows.columns[column]}' {text}"))
    if found:
        yield FROZEN.found(worst(found))


def _idle(rows: Rows) -> Iterator[Finding]:
    still = still_stretches(rows.actions, max(2, round(_IDLE_S / rows.period_s)))
    if rows.seconds(len(rows)) >= _NO_MOTION_S and np.ptp(rows.actions, axis=0).max() <= _STILL:
        yield NO_MOTION.found(f"{len(rows)} rows, {rows.seconds(len(rows)):.1f} s")
        return
    for first, end in still:
        where = "at the start" if first == 0 else "at the end" if end == len(rows) else "inside"
        seconds = (end - first) * rows.period_s
        yield IDLE.found(f"stands still for {seconds:.1f} s {where}, rows {first} … {end - 1}")


def still_stretches(values: NDArray[np.float64], least_rows: int) -> list[tuple[int, int]]:
    """Return (first, end) where for `least_rows` and more no column of `values` (T, D) moves."""
    if len(values) <= least_rows:
        return []
    windows = np.lib.stride_tricks.sliding_window_view(values, least_rows + 1, axis=0)
    still = (windows.max(axis=-1) - windows.min(axis=-1)).max(axis=1) <= _STILL
    return [(first, end + least_rows) for first, end in runs(still)]

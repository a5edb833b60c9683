# SPDX-License-Identifier: Apache-2.0
"""Can the robot do what an episode commands, before anything moves? No ROS."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_core.robot.command_limits import CommandLimits
from act_core.robot.robot_spec import RobotSpec
from act_recorder.dataset.replay.command_track import CommandTrack

Vector = NDArray[np.float64]

# Files hold float32, and calibrations differ by as much; rad, grippers 0 … 1.
RANGE_SLACK = 2e-3
# If the limits hold the motion back by more, it is no longer the recorded one, rad.
MOST_CHANGE_RAD = 0.1
SLOWER_STEP = 0.95
SLOWEST = 0.1


@dataclass(frozen=True)
class MotionCheck:
    """What a motion asks of the robot.

    Attributes:
        speed: (D,) greatest, of commands as given at the control rate; rad/s, grippers per s.
        acceleration: (D,) greatest; rad/s², grippers per s².
        change: (D,) how far the limits keep the motion from the recorded one; rad.
        faults: why it must not be played; empty where it may.
    """

    speed: Vector
    acceleration: Vector
    change: Vector
    faults: tuple[str, ...]


def check_motion(track: CommandTrack, spec: RobotSpec) -> MotionCheck:
    """Return what `track` asks for, and what of it is not allowed."""
    wished = _at_rate(track, spec)
    dt_s = 1 / spec.rate_hz
    speeds = np.diff(wished, axis=0, prepend=wished[:1]) / dt_s
    accelerations = np.diff(speeds, axis=0, prepend=speeds[:1]) / dt_s
    change = _change(wished, spec)
    faults = _out_of_range(track, spec) or _too_fast(track, spec, change)
    return MotionCheck(
        np.abs(speeds).max(axis=0), np.abs(accelerations).max(axis=0), change, faults
    )


def table(spec: RobotSpec, track: CommandTrack, check: MotionCheck) -> str:
    """Return the check in words, a line for each column."""
    lines = [
        "what is asked for   from … to           range               speed (limit)    "
        "acceleration (limit)",
    ]
    low, high = track.actions.min(axis=0), track.actions.max(axis=0)
    for i, name in enumerate(spec.columns):
        asked = f"{low[i]:6.2f} … {high[i]:5.2f}"
        allowed = f"{spec.lower[i]:6.2f} … {spec.upper[i]:5.2f}"
        speed = f"{check.speed[i]:5.2f} ({spec.max_velocity[i]:g})"
        change = f"{check.acceleration[i]:6.1f} ({spec.max_acceleration[i]:g})"
        lines.append(f"{name:18}{asked:20}{allowed:20}{speed:17}{change}".rstrip())
    worst = int(np.argmax(check.change))
    lines.append(
        "begun at rest, the limits do not change the motion"
        if check.change[worst] < RANGE_SLACK
        else f"begun at rest, the limits change the motion by up to {check.change[worst]:.3f} rad "
        f"('{spec.columns[worst]}')"
    )
    return "\n".join(lines)


def start_text(spec: RobotSpec, track: CommandTrack, measured: Vector) -> str:
    """Return how far the robot is from the first command, in words."""
    apart = np.where(spec.is_gripper, 0.0, np.abs(track.first - measured))
    worst = int(np.argmax(apart))
    return f"start: up to {apart[worst]:.2f} rad from the first command ('{spec.columns[worst]}')"


def _at_rate(track: CommandTrack, spec: RobotSpec) -> Vector:
    ticks = math.ceil(track.duration_s * spec.rate_hz) + 1
    return np.array([track.at(tick / spec.rate_hz) for tick in range(ticks)])


def _change(wished: Vector, spec: RobotSpec) -> Vector:
    """Return (D,) how far commands within the limits are from `wished` (N, D)."""
    limits = CommandLimits(spec)
    limits.start_from(wished[0])
    given = np.array([limits.apply(wish, 1 / spec.rate_hz) for wish in wished])
    change: Vector = np.abs(given - wished).max(axis=0)
    return change


def _out_of_range(track: CommandTrack, spec: RobotSpec) -> tuple[str, ...]:
    faults = []
    below, above = spec.lower - track.actions, track.actions - spec.upper
    beyond = np.maximum(below, above)
    for i in np.flatnonzero(beyond.max(axis=0) > RANGE_SLACK):
        row = int(np.argmax(beyond[:, i]))
        count = int((beyond[:, i] > RANGE_SLACK).sum())
        faults.append(
            f"'{spec.columns[i]}' is commanded {track.actions[row, i]:.3f} at "
            f"{track.times_s[row]:.2f} s, {spec.name} allows {spec.lower[i]:g} … "
            f"{spec.upper[i]:g} ({count} of {len(track.actions)} commands are outside)"
        )
    return tuple(faults)


def _too_fast(track: CommandTrack, spec: RobotSpec, change: Vector) -> tuple[str, ...]:
    worst = int(np.argmax(change))
    if change[worst] <= MOST_CHANGE_RAD:
        return ()
    slower = track.speed * SLOWER_STEP
    while slower >= SLOWEST:
        at_that = CommandTrack(track.actions, track.times_s, slower)
        if _change(_at_rate(at_that, spec), spec).max() <= MOST_CHANGE_RAD:
            break
        slower *= SLOWER_STEP
    hint = (
        f"--speed {math.floor(100 * slower) / 100:g} would do" if slower >= SLOWEST
        else "no lower speed helps: it jumps"
    )  # fmt: skip
    return (
        f"'{spec.columns[worst]}' would be up to {change[worst]:.2f} rad from the recorded motion "
        f"(limit {MOST_CHANGE_RAD:g} rad), since {spec.name} may not move so fast; {hint}",
    )

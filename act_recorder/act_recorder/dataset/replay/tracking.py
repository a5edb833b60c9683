# SPDX-License-Identifier: Apache-2.0
"""How well a robot followed its commands. No ROS."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_core.robot.robot_spec import RobotSpec
from act_recorder.dataset.pictures.episode_curves import sampled

Array = NDArray[np.float64]

# A lag is looked for up to here; arms of hobby servos lag by 0.05 … 0.15 s.
MOST_LAG_S, LAG_STEP_S = 0.5, 0.005
# A joint that moved less than this has no lag that could be seen, rad.
MOVED_RAD = 0.02


@dataclass(frozen=True)
class Tracking:
    """Figures for each column; NaN where there is nothing to measure.

    Attributes:
        mean: (D,) mean distance of state and command at the same time; rad, grippers 0 … 1.
        largest: (D,) largest distance.
        lag_s: (D,) by how much the state is behind, where it fits best; s.
    """

    mean: Array
    largest: Array
    lag_s: Array


def measure(commands_s: Array, commands: Array, states_s: Array, states: Array) -> Tracking:
    """Compare states (S, D) of `states_s` (S,) with commands (T, D) of `commands_s` (T,).

    States before the first command and after the last are left out.
    """
    within = (states_s >= commands_s[0]) & (states_s <= commands_s[-1])
    states_s, states = states_s[within], states[within]
    if not len(states_s):
        nothing = np.full(commands.shape[1], np.nan)
        return Tracking(nothing, nothing, nothing)
    apart = np.abs(sampled(states_s, commands_s, commands) - states)
    lags_s = np.arange(0.0, MOST_LAG_S + LAG_STEP_S / 2, LAG_STEP_S)
    misfits = [
        np.mean((sampled(states_s - lag_s, commands_s, commands) - states) ** 2, axis=0)
        for lag_s in lags_s
    ]
    best = np.argmin(misfits, axis=0)
    # What fits best at the very end of the search does not follow: a gripper holds something.
    unknown = (np.ptp(states, axis=0) < MOVED_RAD) | (best == len(lags_s) - 1)
    lag_s = np.where(unknown, np.nan, lags_s[best])
    return Tracking(apart.mean(axis=0), apart.max(axis=0), lag_s)


class TrackingRecord:
    """Commands and states of a replay as they come, of which `measure` makes figures."""

    def __init__(self) -> None:
        self._commands: list[tuple[float, Array]] = []
        self._states: list[tuple[float, Array]] = []

    def add_command(self, stamp_ns: int, command: Array) -> None:
        """Keep a command (D,) that was sent."""
        self._commands.append((stamp_ns / 1e9, command))

    def add_state(self, stamp_ns: int, state: Array) -> None:
        """Keep a measured pose (D,); one that was sent once more counts once."""
        if not self._states or stamp_ns / 1e9 > self._states[-1][0]:
            self._states.append((stamp_ns / 1e9, state))

    def measured(self) -> Tracking | None:
        """Return how the robot followed; None if nothing was played."""
        if len(self._commands) < 2 or not self._states:
            return None
        commands_s, commands = (np.array(part) for part in zip(*self._commands, strict=True))
        states_s, states = (np.array(part) for part in zip(*self._states, strict=True))
        tracking = measure(commands_s, commands, states_s, states)
        return None if np.isnan(tracking.mean).all() else tracking


def table(spec: RobotSpec, now: Tracking, recorded: Tracking) -> str:
    """Return both in words, a line for each column."""
    lines = [
        "how it followed             this time                in the recording",
        "                     mean    max    lag ms        mean    max    lag ms",
    ]
    for column, name in enumerate(spec.columns):
        cells = "      ".join(_cells(tracking, column) for tracking in (now, recorded))
        lines.append(f"{name:18}{cells}")
    arm = ~spec.is_gripper
    worst = int(np.nanargmax(np.where(arm, now.largest, -1.0)))
    lines.append(
        f"arm joints: mean {np.nanmean(now.mean[arm]):.4f} rad, largest "
        f"{now.largest[worst]:.3f} rad ('{spec.columns[worst]}'); rad, grippers 0 … 1"
    )
    return "\n".join(lines)


def as_json(spec: RobotSpec, tracking: Tracking) -> dict[str, dict[str, float | None]]:
    """Return column → figures, null where there is none."""
    return {
        name: {
            "mean": _number(tracking.mean[i]),
            "max": _number(tracking.largest[i]),
            "lag_s": _number(tracking.lag_s[i]),
        }
        for i, name in enumerate(spec.columns)
    }


def _cells(tracking: Tracking, column: int) -> str:
    lag_ms = 1000 * tracking.lag_s[column]
    lag = "-" if np.isnan(lag_ms) else f"{lag_ms:.0f}"
    return f"{tracking.mean[column]:7.4f} {tracking.largest[column]:6.3f} {lag:>9}"


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)

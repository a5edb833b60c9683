# SPDX-License-Identifier: Apache-2.0
"""The commands of an episode, as a robot is to get them once more."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.robot.robot_spec import RobotSpec

Vector = NDArray[np.float64]


def read_commands(path: Path, spec: RobotSpec) -> tuple[Vector, Vector]:
    """Return an episode's commands (T, D), rad, grippers 0 … 1, and their times (T,), s from 0.

    Raises:
        EpisodeError: no episode, of another robot, empty, with actions that are not finite, or
            time goes back.
    """
    with EpisodeReader(path, spec) as reader:
        names = reader.meta.joint_names
        if names != spec.columns:
            missing = sorted(set(spec.columns) - set(names))
            extra = sorted(set(names) - set(spec.columns))
            raise EpisodeError(
                f"{path}: recorded with another robot than '{spec.name}': missing "
                f"{', '.join(missing) or '(none)'}; extra {', '.join(extra) or '(none)'}"
                f"{'' if missing or extra else '; other order'}"
            )
        actions, stamps_ns = reader.actions.astype(np.float64), reader.action_stamps_ns
    if not len(actions):
        raise EpisodeError(f"{path}: no rows to play")
    faults = {
        "is not finite": ~np.isfinite(actions).all(axis=1),
        "is earlier than the row before": np.diff(stamps_ns, prepend=stamps_ns[0]) < 0,
    }
    for fault, rows in faults.items():
        if rows.any():
            raise EpisodeError(f"{path}: row {np.argmax(rows)} {fault}; it cannot be played")
    # A command that stands in two rows was given once.
    given_ns, first_rows = np.unique(stamps_ns, return_index=True)
    return actions[first_rows], (given_ns - given_ns[0]) / 1e9

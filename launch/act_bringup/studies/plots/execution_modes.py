# SPDX-License-Identifier: Apache-2.0
"""Draws what each way of executing chunks costs, and how it moves."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from act_core.robot.robot_spec import RobotSpec


def draw(
    rows: Sequence[Mapping[str, Any]],
    motions: Mapping[str, NDArray[np.float64]],
    spec: RobotSpec,
    file: Path,
) -> None:
    """Write a PNG.

    Args:
        rows: of `act study modes`.
        motions: mode → (T, D) measured positions of one and the same scene.
        spec: of the robot.
        file: to write.
    """
    figure = Figure((11.0, 6.4), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    above, below = cast(Any, figure.subfigures(2, 1, height_ratios=(3, 2)))
    places = np.arange(len(rows))
    figures = (
        ("success", [row["successes"] / row["rollouts"] for row in rows]),
        ("jerk, rad/s³", [row["mean_abs_jerk_rad_s3"] for row in rows]),
        ("lag, ticks", [row["mean_lag_ticks"] for row in rows]),
        ("path, rad", [row["mean_path_rad"] for row in rows]),
    )
    axes = above.subplots(1, 4, sharey=True)
    axes[0].invert_yaxis()  # of all: they share it
    for axis, (title, values) in zip(axes, figures, strict=True):
        axis.barh(places, values)
        axis.set_yticks(places, [row["mode"] for row in rows], fontsize=8)
        axis.set_title(title, fontsize=9)
    if motions:
        _moved(below, motions, spec)
    figure.savefig(file)


def _moved(figure: Any, motions: Mapping[str, NDArray[np.float64]], spec: RobotSpec) -> None:
    """Draw the joint that moves most, whole and where it is fastest."""
    first = next(iter(motions.values()))
    arms = np.where(spec.is_gripper, 0.0, np.ptp(first, axis=0))
    column = int(arms.argmax())
    fastest = int(np.abs(np.diff(first[:, column])).argmax())
    whole, close = figure.subplots(1, 2, width_ratios=(3, 2))
    for name, positions in motions.items():
        times_s = np.arange(len(positions)) / spec.rate_hz
        near = slice(max(0, fastest - 30), fastest + 30)
        whole.plot(times_s, positions[:, column], linewidth=1, label=name)
        close.plot(times_s[near], positions[near, column], linewidth=1)
    whole.set_title(f"{spec.columns[column]}, rad", fontsize=9)
    close.set_title("the same, where it is fastest", fontsize=9)
    whole.legend(fontsize=8)
    for axis in (whole, close):
        axis.set_xlabel("time, s")

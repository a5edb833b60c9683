# SPDX-License-Identifier: Apache-2.0
"""The picture of an episode: arms in columns, joints in rows, one axis of time."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec, SubplotSpec

from act_recorder.dataset.pictures.curve_axes import (
    draw_background,
    draw_joints,
    draw_pair,
    joint_color,
    joint_legend,
    legend,
)
from act_recorder.dataset.pictures.episode_curves import Arm, Array, EpisodeCurves

COLUMN_INCH, ROW_INCH, EDGE_INCH = 6.5, 1.15, 1.5
DOTS_PER_INCH = 110


def episode_figure(curves: EpisodeCurves) -> Figure:
    """Draw an episode.

    Rows from above: each joint's state against its command; tracking error, velocity and, where
    one was measured, effort of an arm's joints without its gripper; how old the images were.
    """
    pairs = max(len(arm.columns) for arm in curves.arms)
    sums = _measured(curves)
    rows = pairs + len(sums) + bool(curves.ages_ms)
    height = rows * ROW_INCH + EDGE_INCH
    width = max(len(curves.arms) * COLUMN_INCH, 8.0)
    figure = Figure((width, height), dpi=DOTS_PER_INCH)
    grid = GridSpec(
        rows, len(curves.arms), figure, hspace=0.16, wspace=0.16, left=0.8 / width,
        right=1 - 1.2 / width, top=1 - 0.95 / height, bottom=0.5 / height,
    )  # fmt: skip
    first: Axes | None = None
    for number, arm in enumerate(curves.arms):
        for row in range(len(arm.columns)):
            first = _pair(figure, grid[row, number], curves, arm, row, first)
        for row, (label, values) in enumerate(sums.items(), start=pairs):
            axes = figure.add_subplot(grid[row, number], sharex=first)
            draw_joints(axes, curves, arm, values)
            axes.axhline(0, color="#999999", lw=0.5)
            axes.set_ylabel(label, fontsize=8)
            if row == pairs and number == len(curves.arms) - 1:
                axes.legend(handles=joint_legend(curves, arm), fontsize=7, frameon=False,
                            loc="upper left", bbox_to_anchor=(1.0, 1.05))  # fmt: skip
        if curves.ages_ms:
            _ages(figure.add_subplot(grid[rows - 1, number], sharex=first), curves, number)
    _finish(figure, curves, height)
    return figure


def _measured(curves: EpisodeCurves) -> dict[str, Array]:
    """Return label → (S, D) of what is drawn for all joints together."""
    values = {
        "cmd − state\n(rad)": curves.errors,
        "velocity\n(rad/s)": curves.velocities,
        "effort\n(as sent)": curves.efforts,
    }
    return {label: v for label, v in values.items() if np.isfinite(v).any()}


def _pair(
    figure: Figure,
    place: SubplotSpec,
    curves: EpisodeCurves,
    arm: Arm,
    row: int,
    first: Axes | None,
) -> Axes:
    axes = figure.add_subplot(place, sharex=first)
    column = arm.columns[row]
    draw_pair(axes, curves, column)
    unit = curves.meta.joint_units[column]
    label = "0 closed, 1 open" if unit == "1" else unit
    axes.set_ylabel(f"{arm.joints[row]}\n({label})", fontsize=8, color=joint_color(row))
    if row == 0 and arm.name:
        axes.set_title(arm.name, fontsize=11, fontweight="bold")
    return first or axes


def _ages(axes: Axes, curves: EpisodeCurves, number: int) -> None:
    for camera, ages in curves.ages_ms.items():
        axes.plot(curves.rows_s, ages, lw=0.9, label=camera, drawstyle="steps-post")
    highest = max(max(float(a.max()) for a in curves.ages_ms.values()), 20.0)
    axes.set_ylim(-0.1 * highest, 1.2 * highest)
    axes.set_ylabel("image age\n(ms)", fontsize=8)
    if number == len(curves.arms) - 1:
        axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.05))


def _finish(figure: Figure, curves: EpisodeCurves, height: float) -> None:
    every = figure.get_axes()
    bottoms = _lowest(every)
    for axes in every:
        draw_background(axes, curves)
        axes.set_xlim(0, max(curves.duration_s, 1 / curves.meta.rate_hz))
        axes.tick_params(labelsize=7, labelbottom=axes in bottoms)
        axes.grid(visible=True, color="#dddddd", lw=0.4)
        axes.yaxis.set_label_coords(-0.45 / axes.get_position().width / figure.get_figwidth(), 0.5)
        if axes in bottoms:
            axes.set_xlabel("time from the first row (s)", fontsize=8)
    figure.suptitle(curves.title, fontsize=12, y=1 - 0.16 / height, va="top")
    figure.legend(handles=legend(curves), loc="upper center", ncols=8, fontsize=8, frameon=False,
                  bbox_to_anchor=(0.5, 1 - 0.38 / height))  # fmt: skip
    if curves.note:
        figure.text(0.5, 0.01, curves.note, ha="center", fontsize=8, color="#b00020")


def _lowest(every: list[Axes]) -> list[Axes]:
    """Return the axes under which nothing is."""
    lowest = min(axes.get_position().y0 for axes in every)
    return [axes for axes in every if axes.get_position().y0 < lowest + 1e-6]

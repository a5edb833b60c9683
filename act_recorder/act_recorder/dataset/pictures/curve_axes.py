# SPDX-License-Identifier: Apache-2.0
"""Draws an episode's curves, sources and gaps into matplotlib axes."""

import numpy as np
from matplotlib import color_sequences
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from act_recorder.dataset.pictures.episode_curves import Arm, Array, EpisodeCurves

STATE, COMMAND, LIMIT = "#1f5fa8", "#e07b00", "#b00020"
# Backgrounds: light, so that curves stay in front.
SOURCE_COLORS = {"policy": "#dcebf7", "teleop": "#e4f2df", "intervention": "#f9dfe3"}
OTHER_SOURCES = ("#efe6f7", "#f5efd5", "#e3e3e3")
GAP_COLOR = "#8a8a8a"
JOINT_COLORS = [to_rgb(color) for color in color_sequences["tab10"]]


def draw_pair(axes: Axes, curves: EpisodeCurves, column: int) -> None:
    """Draw a column's state against its command, with its limits where they are near."""
    axes.plot(curves.commands_s, curves.commands[:, column], color=COMMAND, lw=1.0)
    axes.plot(curves.states_s, curves.positions[:, column], color=STATE, lw=1.0)
    both = np.concatenate([curves.commands[:, column], curves.positions[:, column]])
    widen(axes, both, 0.05)
    bottom, top = axes.get_ylim()
    for limit in limits(curves, column):
        if bottom <= limit <= top:
            axes.axhline(limit, color=LIMIT, lw=0.8, ls=":")


def draw_joints(axes: Axes, curves: EpisodeCurves, arm: Arm, values: Array) -> None:
    """Draw (S, D) `values` of an arm's joints, each in its colour; grippers have other units."""
    joints = in_rad(curves, arm)
    for index in joints:
        axes.plot(curves.states_s, values[:, arm.columns[index]], color=joint_color(index), lw=0.9)
    widen(axes, values[:, [arm.columns[index] for index in joints]], 0.01)


def draw_background(axes: Axes, curves: EpisodeCurves) -> None:
    """Shade who commanded, and hatch gaps."""
    colors = source_colors(curves)
    for span in curves.sources:
        axes.axvspan(span.start_s, span.end_s, color=colors[span.name], lw=0, zorder=0)
    for span in curves.gaps:
        axes.axvspan(
            span.start_s, span.end_s, facecolor="white", edgecolor=GAP_COLOR, hatch="////", lw=0,
            zorder=0.5,
        )  # fmt: skip


def source_colors(curves: EpisodeCurves) -> dict[str, str]:
    """Return source → background, the known ones the same in every picture."""
    names = dict.fromkeys(span.name for span in curves.sources)
    others = [name for name in names if name not in SOURCE_COLORS]
    more = {name: OTHER_SOURCES[i % len(OTHER_SOURCES)] for i, name in enumerate(others)}
    return {name: {**SOURCE_COLORS, **more}[name] for name in names}


def legend(curves: EpisodeCurves) -> list[Artist]:
    """Return what a picture's one legend shows."""
    handles: list[Artist] = [
        Line2D([], [], color=STATE, label="state"),
        Line2D([], [], color=COMMAND, label="command"),
        Line2D([], [], color=LIMIT, ls=":", label="limit"),
    ]
    return handles + source_patches(curves)


def source_patches(curves: EpisodeCurves) -> list[Artist]:
    """Return what backgrounds mean."""
    handles: list[Artist] = [
        Patch(facecolor=color, edgecolor="#bbbbbb", label=name)
        for name, color in source_colors(curves).items()
    ]
    if curves.gaps:
        handles.append(
            Patch(facecolor="white", edgecolor=GAP_COLOR, hatch="////", label="gap: no rows")
        )
    return handles


def joint_legend(curves: EpisodeCurves, arm: Arm) -> list[Artist]:
    """Return the colours of an arm's joints."""
    return [
        Line2D([], [], color=joint_color(index), label=arm.joints[index])
        for index in in_rad(curves, arm)
    ]


def in_rad(curves: EpisodeCurves, arm: Arm) -> list[int]:
    """Return which of an arm's columns are joints, rather than its gripper."""
    units = curves.meta.joint_units
    return [index for index, column in enumerate(arm.columns) if units[column] == "rad"]


def joint_color(index: int) -> tuple[float, float, float]:
    """Return the colour of an arm's joint."""
    return JOINT_COLORS[index % len(JOINT_COLORS)]


def limits(curves: EpisodeCurves, column: int) -> tuple[float, ...]:
    """Return the range of a column, or nothing where the robot is not known."""
    if not curves.meta.robot_yaml:
        return ()
    spec = curves.meta.robot
    return float(spec.lower[column]), float(spec.upper[column])


def widen(axes: Axes, values: Array, least: float) -> None:
    """Let the vertical axis show all of `values` and be no shorter than 2 `least`.

    What stands still would otherwise fill its axes with noise.
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return
    low, high = float(finite.min()), float(finite.max())
    half = max((high - low) / 2 * 1.1, least)
    middle = (low + high) / 2
    axes.set_ylim(middle - half, middle + half)

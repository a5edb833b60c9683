# SPDX-License-Identifier: Apache-2.0
"""The strip of curves under a video's images, with a cursor that moves with the time."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from act_recorder.dataset.pictures.curve_axes import (
    draw_background,
    in_rad,
    joint_color,
    joint_legend,
    source_patches,
)
from act_recorder.dataset.pictures.episode_curves import Arm, EpisodeCurves

DOTS_PER_INCH = 100
CURSOR = (176, 0, 32)


class CurveStrip:
    """Curves as a picture that is drawn once; state full, command dashed, arms in columns.

    Args:
        curves: to draw.
        height_px: of the strip, rows.
        width_px: columns.
    """

    def __init__(self, curves: EpisodeCurves, height_px: int, width_px: int) -> None:
        figure = Figure((width_px / DOTS_PER_INCH, height_px / DOTS_PER_INCH), DOTS_PER_INCH)
        canvas = FigureCanvasAgg(figure)
        grid = figure.add_gridspec(
            2, len(curves.arms), height_ratios=(3, 1), left=0.055, right=0.99, top=0.86,
            bottom=0.13, wspace=0.12, hspace=0.14,
        )  # fmt: skip
        for number, arm in enumerate(curves.arms):
            joints, grippers = (figure.add_subplot(grid[row, number]) for row in (0, 1))
            _draw(joints, curves, arm, in_rad(curves, arm))
            others = [i for i in range(len(arm.columns)) if i not in in_rad(curves, arm)]
            _draw(grippers, curves, arm, others)
            joints.set_title(arm.name, fontsize=9, pad=3)
            joints.tick_params(labelbottom=False)
            grippers.set_xlabel("time from the first row (s)", fontsize=7, labelpad=1)
            if number == 0:
                joints.set_ylabel("joints (rad)", fontsize=8)
                grippers.set_ylabel("gripper", fontsize=8)
        figure.legend(
            handles=[*joint_legend(curves, curves.arms[0]), *_styles(), *source_patches(curves)],
            loc="upper center", ncols=12, fontsize=7, frameon=False, bbox_to_anchor=(0.5, 1.01),
        )  # fmt: skip
        canvas.draw()
        self._picture = np.array(canvas.buffer_rgba())[..., :3].copy()
        self._spans = [_pixels(axes, height_px) for axes in figure.get_axes()]
        self._duration_s = axis_end(curves)

    def at(self, time_s: float) -> NDArray[np.uint8]:
        """Return the strip (H, W, 3) uint8, RGB, with the cursor at `time_s`."""
        picture = self._picture.copy()
        share = min(max(time_s / self._duration_s, 0.0), 1.0)
        for left, right, top, bottom in self._spans:
            column = round(left + share * (right - left))
            picture[top:bottom, max(column - 1, 0) : column + 1] = CURSOR
        return picture


def _styles() -> list[Artist]:
    """Return what full and dashed lines are."""
    return [
        Line2D([], [], color="#444444", ls=style, lw=0.9, label=name)
        for style, name in (("-", "state"), ("--", "command"))
    ]


def axis_end(curves: EpisodeCurves) -> float:
    """Return where the axis of time ends, s."""
    return max(curves.duration_s, 1 / curves.meta.rate_hz)


def _draw(axes: Axes, curves: EpisodeCurves, arm: Arm, chosen: list[int]) -> None:
    draw_background(axes, curves)
    for index in chosen:
        column, color = arm.columns[index], joint_color(index)
        axes.plot(curves.states_s, curves.positions[:, column], color=color, lw=1.0)
        axes.plot(curves.commands_s, curves.commands[:, column], color=color, lw=0.8, ls="--")
    axes.set_xlim(0, axis_end(curves))
    axes.tick_params(labelsize=7)
    axes.grid(visible=True, color="#dddddd", lw=0.4)


def _pixels(axes: Axes, height_px: int) -> tuple[float, float, int, int]:
    """Return left, right, top, bottom of axes in the picture, px."""
    box = axes.get_window_extent()
    return box.x0, box.x1, round(height_px - box.y1), round(height_px - box.y0)

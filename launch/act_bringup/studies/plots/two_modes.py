# SPDX-License-Identifier: Apache-2.0
"""Draws the motions of a study of two modes, a picture for each kind of policy."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse
from numpy.typing import NDArray

SHOWN, COLUMNS = 40, 4
COLOURS = {"left": "C0", "right": "C1", "into": "C3"}


def draw(motions: Mapping[str, NDArray[np.float32]], obstacle_m: float, file: Path) -> None:
    """Write a PNG.

    Args:
        motions: title → (N, K, 2) forward and across, m.
        obstacle_m: half width of the obstacle.
        file: to write.
    """
    rows = -(-len(motions) // COLUMNS)
    figure = Figure((3.2 * COLUMNS, 2.9 * rows), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
    for axis, (title, found) in zip(axes, motions.items(), strict=False):
        axis.set_title(title, fontsize=9)
        axis.add_patch(Ellipse((0.5, 0.0), 0.3, 2 * obstacle_m, color="0.8"))
        for motion in found[:SHOWN]:
            across = motion[len(motion) // 2, 1]
            side = "into" if abs(across) <= obstacle_m else "left" if across > 0 else "right"
            axis.plot(motion[:, 0], motion[:, 1], color=COLOURS[side], alpha=0.35, linewidth=1)
        axis.set_ylim(-1.35, 1.35)
    for axis in axes[len(motions) :]:
        axis.set_axis_off()
    for axis in axes[::COLUMNS]:
        axis.set_ylabel("across, m")
    figure.supxlabel("forward, m")
    figure.savefig(file)

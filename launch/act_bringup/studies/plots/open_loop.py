# SPDX-License-Identifier: Apache-2.0
"""Draws the error of predicted actions over joints and how far ahead they are."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray


def draw(
    names: Sequence[str],
    is_gripper: NDArray[np.bool_],
    error: NDArray[np.float64],
    still: NDArray[np.float64],
    file: Path,
) -> None:
    """Write a PNG.

    Args:
        names: (A,) of the columns.
        is_gripper: (A,) bool.
        error: (K, A) of the prediction, rad, grippers 0 … 1.
        still: (K, A) of standing still.
        file: to write.
    """
    figure = Figure((9.0, 4.2), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    matrix, curve = figure.subplots(1, 2, width_ratios=(3, 2))
    shown = matrix.imshow(error.T, aspect="auto", cmap="viridis", interpolation="nearest")
    matrix.set_yticks(range(len(names)), names, fontsize=8)
    matrix.set_xlabel("actions ahead")
    matrix.set_title("mean absolute error, rad (grippers: opening)", fontsize=9)
    figure.colorbar(shown, ax=matrix)
    ahead = np.arange(1, len(error) + 1)
    curve.plot(ahead, error[:, ~is_gripper].mean(axis=1), label="predicted")
    curve.plot(ahead, still[:, ~is_gripper].mean(axis=1), "0.6", label="standing still")
    curve.set_title("mean over the arms' joints, rad", fontsize=9)
    curve.set_xlabel("actions ahead")
    curve.set_ylim(bottom=0)
    curve.legend(fontsize=8)
    figure.savefig(file)

# SPDX-License-Identifier: Apache-2.0
"""Draws how often policies from different demonstrations succeed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def draw(rows: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Write a PNG of the rows of `act study data`."""
    figure = Figure((8.0, 1.2 + 0.35 * len(rows)), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axis = figure.subplots()
    for place, row in enumerate(rows):
        share = row["successes"] / row["rollouts"]
        low, high = row["wilson_95"]
        colour = "C1" if row["name"] == "as_it_is" else "C0"
        axis.plot((low, high), (place, place), color=colour, linewidth=2, alpha=0.5)
        axis.plot(share, place, "o", color=colour)
    axis.set_yticks(range(len(rows)), [row["text"] for row in rows], fontsize=9)
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.set_xlim(-0.02, 1.02)
    axis.set_xlabel("success, 95 % interval")
    axis.grid(axis="x", alpha=0.3)
    figure.savefig(file)

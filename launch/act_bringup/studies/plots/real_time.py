# SPDX-License-Identifier: Apache-2.0
"""Draws a study of real time: success and smoothness over each factor."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

WIDTH_IN = 3.0
HEIGHT_IN = 4.6


def draw(
    rows: Sequence[Mapping[str, Any]], labels: Mapping[str, tuple[str, float]], file: Path
) -> None:
    """Write a PNG with one column for each factor that has rows.

    Args:
        rows: of the study, the baseline first.
        labels: factor → unit, and what a level is multiplied by.
        file: to write.
    """
    baseline, *others = rows
    names = [name for name in labels if any(r["factor"] == name for r in others)]
    columns = max(1, len(names))
    figure = Figure((WIDTH_IN * columns, HEIGHT_IN), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, columns, sharex="col", sharey="row", squeeze=False)
    for column, name in enumerate(names):
        unit, scale = labels[name]
        found = [baseline, *(r for r in others if r["factor"] == name)]
        levels = [r["level"] * scale for r in found]
        shares = [r["success"] for r in found]
        spans = [r["success_wilson_95"] for r in found]
        below = [max(0.0, s - low) for s, (low, _) in zip(shares, spans, strict=True)]
        above = [max(0.0, high - s) for s, (_, high) in zip(shares, spans, strict=True)]
        success, jerk = axes[0][column], axes[1][column]
        success.errorbar(levels, shares, yerr=(below, above), marker="o", capsize=3)
        success.set_title(name)
        if name == "joint noise":  # the jerk would be the noise's
            jerk.text(0.5, 0.5, "not measured", ha="center", transform=jerk.transAxes)
        else:
            jerk.plot(levels, [r["mean_jerk_rad_s3"] for r in found], marker="o", color="C1")
        jerk.set_xlabel(unit)
    axes[0][0].set_ylim(-0.03, 1.03)
    axes[0][0].set_ylabel("success, 95 % interval")
    axes[1][0].set_ylabel("mean abs jerk, rad/s³")
    axes[1][0].set_ylim(bottom=0)
    figure.savefig(file)

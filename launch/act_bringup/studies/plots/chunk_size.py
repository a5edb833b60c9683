# SPDX-License-Identifier: Apache-2.0
"""Draws success, errors and jerk over the size of the chunk."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def draw(rows: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Write a PNG of the rows of `act study chunk_size`."""
    figure = Figure((10.0, 3.4), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    success, error, jerk = figure.subplots(1, 3)
    sizes = [row["chunk"] for row in rows]
    shares = [row["successes"] / row["rollouts"] for row in rows]
    below = [max(0.0, s - r["wilson_95"][0]) for s, r in zip(shares, rows, strict=True)]
    above = [max(0.0, r["wilson_95"][1] - s) for s, r in zip(shares, rows, strict=True)]
    success.errorbar(sizes, shares, yerr=(below, above), marker="o", capsize=3)
    success.set_ylim(-0.03, 1.03)
    success.set_title("success, 95 % interval", fontsize=9)
    error.plot(sizes, [row["first_rad"] for row in rows], "o-", label="first action")
    error.plot(sizes, [row["whole_rad"] for row in rows], "o-", label="whole chunk")
    some = [row for row in rows if row["differ_rad"] is not None]
    error.plot(
        [r["chunk"] for r in some], [r["differ_rad"] for r in some], "o-", label="two ticks differ"
    )
    error.set_ylim(bottom=0)
    error.set_title("open loop, rad", fontsize=9)
    error.legend(fontsize=8)
    jerk.plot(sizes, [row["mean_abs_jerk_rad_s3"] for row in rows], "o-", color="C3")
    jerk.set_ylim(bottom=0)
    jerk.set_title("mean abs jerk, rad/s³", fontsize=9)
    for axis in (success, error, jerk):
        axis.set_xscale("log")
        axis.set_xticks(sizes, [str(size) for size in sizes])
        axis.minorticks_off()
        axis.set_xlabel("chunk size")
    figure.savefig(file)

# SPDX-License-Identifier: Apache-2.0
"""Draws success and held-out error over the steps of a training."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def draw(rows: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Write a PNG of the rows of `act study steps`: stages reached above, held-out L1 below."""
    figure = Figure((6.0, 5.2), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    reached, error = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    steps = [row["step"] for row in rows]
    for stage in range(3):
        shares = [row["stages_reached"][stage] / row["rollouts"] for row in rows]
        reached.plot(steps, shares, color="0.75", linewidth=1, label=f"stage {stage + 1}")
    low, high = zip(*(row["wilson_95"] for row in rows), strict=True)
    reached.fill_between(steps, low, high, alpha=0.2, color="C0", label="95 % interval")
    reached.plot(
        steps, [r["successes"] / r["rollouts"] for r in rows], "o-", color="C0", label="success"
    )
    reached.set_ylim(-0.03, 1.03)
    reached.set_ylabel("share of rollouts")
    reached.legend(fontsize=8, loc="lower right")
    error.plot(steps, [row["held_out_l1"] for row in rows], "o-", color="C1")
    error.set_ylabel("held-out L1")
    error.set_xlabel("training step")
    figure.savefig(file)

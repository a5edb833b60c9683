# SPDX-License-Identifier: Apache-2.0
"""Draws what the weight of the KL makes of the latent and of the error."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def draw(reports: Mapping[str, Any], file: Path) -> None:
    """Write a PNG of the reports of `act study kl_weight`."""
    figure = Figure((10.0, 3.6), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    told, error = figure.subplots(1, 2)
    places = np.arange(len(reports))
    told.bar(places, [r.kl_nats for r in reports.values()])
    for place, report in zip(places, reports.values(), strict=True):
        told.annotate(
            f"{report.active_units}", (place, report.kl_nats), ha="center", va="bottom", fontsize=8
        )
    told.set_yscale("log")
    told.set_title("KL, nats (above: active units)", fontsize=9)
    errors = ("l1_posterior", "l1_zero", "l1_sampled")
    for index, name in enumerate(errors):
        heights = [getattr(report, name) for report in reports.values()]
        label = name.removeprefix("l1_")
        error.bar(places + 0.27 * (index - 1), heights, width=0.25, label=f"z {label}")
    error.set_title("held-out L1 of normalised actions", fontsize=9)
    error.legend(fontsize=8)
    for axis in (told, error):
        axis.set_xticks(places, list(reports), rotation=30, ha="right", fontsize=8)
    figure.savefig(file)

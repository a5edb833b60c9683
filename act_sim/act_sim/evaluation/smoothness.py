# SPDX-License-Identifier: Apache-2.0
"""How smoothly joints moved."""

import numpy as np
from numpy.typing import NDArray


def mean_abs_jerk(
    positions: NDArray[np.float64], rate_hz: float, stamps_ns: NDArray[np.int64] | None = None
) -> float:
    """Return the mean absolute third difference of the joints over time, rad/s³.

    Args:
        positions: (T, D) rad, tick after tick; grippers 0 … 1 count as they are.
        rate_hz: of the ticks.
        stamps_ns: (T,) of the ticks, where some may be missing: what spans a gap is left out.

    Returns:
        0 where fewer than four ticks follow each other.
    """
    thirds = np.abs(np.diff(positions, n=3, axis=0))
    if stamps_ns is not None:
        spans = (stamps_ns[3:] - stamps_ns[:-3]) * rate_hz / 1e9
        thirds = thirds[np.round(spans) == 3]  # noqa: PLR2004 # ticks from first to last of four
    return float(thirds.mean() * rate_hz**3) if thirds.size else 0.0

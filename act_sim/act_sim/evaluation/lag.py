# SPDX-License-Identifier: Apache-2.0
"""How far a motion runs behind another one of the same scene."""

import numpy as np
from numpy.typing import NDArray

# A policy that is later than this has gone another way.
MOST_TICKS = 60


def lag_ticks(positions: NDArray[np.float64], plan: NDArray[np.float64]) -> int:
    """Return by how many ticks `positions` (T, D) come after `plan` (T', D); negative: before.

    It is the shift at which both differ least, in the mean over joints and over the ticks that
    they have in common.
    """
    shifts = range(-MOST_TICKS, MOST_TICKS + 1)
    return min(shifts, key=lambda shift: (_difference(positions, plan, shift), abs(shift)))


def _difference(
    positions: NDArray[np.float64], plan: NDArray[np.float64], shift: int
) -> np.float64:
    later, earlier = positions[max(0, shift) :], plan[max(0, -shift) :]
    common = min(len(later), len(earlier))
    if common == 0:
        return np.float64(np.inf)
    return np.abs(later[:common] - earlier[:common]).mean()

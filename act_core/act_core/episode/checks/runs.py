# SPDX-License-Identifier: Apache-2.0
"""Stretches of rows in which something holds."""

import numpy as np
from numpy.typing import NDArray


def runs(holds: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return (first, end) of each stretch of true values in `holds` (T,), `end` excluded."""
    edges = np.diff(np.concatenate(([False], holds, [False])).astype(np.int8))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def worst(found: list[tuple[float, str]]) -> str:
    """Return the text of the largest of some (size, text), and how many joints more it is in."""
    more = f"; {len(found) - 1} more joints" if len(found) > 1 else ""
    return max(found)[1] + more


def longest(stretches: list[tuple[int, int]]) -> tuple[int, int]:
    """Return the longest of some stretches, (0, 0) if there are none."""
    return max(stretches, key=lambda each: each[1] - each[0], default=(0, 0))

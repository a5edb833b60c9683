# SPDX-License-Identifier: Apache-2.0
"""Where in an episode something moves. No files."""

import numpy as np
from numpy.typing import NDArray


def moving_rows(
    positions: NDArray[np.float32], actions: NDArray[np.float32], motion: float
) -> range | None:
    """Return the rows from the first motion to the last; None where nothing moves.

    The head is idle while joints and commands are where they were in the first row, the tail from
    where they are as in the last row: slow motion counts, a servo's noise does not.

    Args:
        positions: (T, D) measured; rad, grippers 0 … 1.
        actions: (T, D) commanded, in the same units.
        motion: how far any column has to be away, in its unit.
    """
    values = np.concatenate([positions, actions], axis=1)
    if not len(values):
        return None
    away_from_first = np.abs(values - values[0]).max(axis=1) > motion
    away_from_last = np.abs(values - values[-1]).max(axis=1) > motion
    if not (away_from_first.any() and away_from_last.any()):
        return None
    # The row before the first that is away, and the row after the last: there the motion begins.
    first = int(np.argmax(away_from_first)) - 1
    last = len(values) - int(np.argmax(away_from_last[::-1]))
    return range(first, last + 1) if first < last else None


def widened(rows: range, margin: int, num_frames: int) -> range:
    """Return `rows` with `margin` more on either side, as far as there are any."""
    return range(max(0, rows.start - margin), min(num_frames, rows.stop + margin))

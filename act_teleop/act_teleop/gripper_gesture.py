# SPDX-License-Identifier: Apache-2.0
"""All leader grippers closed: the deliberate act by which an operator begins. No ROS."""

import numpy as np
from numpy.typing import NDArray

CLOSED, OPEN = 0.15, 0.4
HELD_S = 0.3


class GripperGesture:
    """Sees all grippers go from open to closed and stay so for a moment.

    Grippers that are closed from the beginning mean nothing: a leader may lie there like that.
    """

    def __init__(self) -> None:
        self._was_open = False
        self._closed_at_s: float | None = None

    def forget(self) -> None:
        """Demand that the grippers are opened first."""
        self._was_open, self._closed_at_s = False, None

    def see(self, grippers: NDArray[np.float64], now_s: float) -> bool:
        """Take the leader grippers (A,), 0 closed … 1 open; tell whether the act is done."""
        self._was_open |= bool((grippers > OPEN).all())
        if not (self._was_open and (grippers < CLOSED).all()):
            self._closed_at_s = None
            return False
        if self._closed_at_s is None:
            self._closed_at_s = now_s
        return now_s - self._closed_at_s >= HELD_S

# SPDX-License-Identifier: Apache-2.0
"""What drives a robot tick by tick: the seam between whoever simulates and whoever decides."""

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Look = Callable[[], Mapping[str, NDArray[np.uint8]]]


class Policy(Protocol):
    """Two calls: one when an episode begins, one for each control tick of it."""

    def start(self, stamp_ns: int, positions: NDArray[np.float64]) -> None:
        """Begin an episode at `stamp_ns` from the measured pose (D,); what was before is void."""

    def command(
        self, stamp_ns: int, positions: NDArray[np.float64], look: Look
    ) -> NDArray[np.float64]:
        """Return the (D,) command for the tick of `stamp_ns`; rad, grippers 0 closed … 1 open.

        Args:
            stamp_ns: the tick's time.
            positions: (D,) measured pose in the same units.
            look: returns camera → (H, W, 3) uint8, RGB, of this tick; it may be costly, and is
                called only for a tick on which the policy wants to see.
        """

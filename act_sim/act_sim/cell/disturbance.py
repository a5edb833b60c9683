# SPDX-License-Identifier: Apache-2.0
"""Random motion added to arm commands, so that demonstrations show recoveries.

Demonstrations of a perfect robot teach a policy nothing about the states that its own errors
lead to. Noise injected while the expert acts, with the expert's own command as the label, puts
those states and the way back into the data (DART, Laskey et al. 2017, arXiv 1703.09327).
"""

import numpy as np
from numpy.typing import NDArray

# Size 1: chosen so that the demonstrator still succeeds nearly always (bench_demonstrator.py).
STD_RAD = 0.012
CORRELATION_S = 0.4


class Disturbance:
    """An Ornstein-Uhlenbeck process per arm joint; grippers are left alone.

    Args:
        scale: 0 = none, 1 = standard deviation STD_RAD.
        columns: (D,) True where noise is added.
        period_s: control tick, s.
        rng: source of randomness.
    """

    def __init__(
        self, scale: float, columns: NDArray[np.bool_], period_s: float, rng: np.random.Generator
    ) -> None:
        self._decay = np.exp(-period_s / CORRELATION_S)
        self._kick = scale * STD_RAD * np.sqrt(1 - self._decay**2) * columns
        self._value = np.zeros(columns.shape)
        self._rng = rng

    def next(self) -> NDArray[np.float64]:
        """Return the (D,) offset of the next tick, rad."""
        noise = self._rng.standard_normal(self._value.shape)
        self._value = self._decay * self._value + self._kick * noise
        return self._value

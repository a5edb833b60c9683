# SPDX-License-Identifier: Apache-2.0
"""Numbers that sum up columns and images of many episodes. No files."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)


@dataclass(frozen=True)
class ColumnStatistics:
    """Of each column over all rows, every row alike; NaN = not measured does not count.

    Attributes:
        lowest: (D,) smallest value.
        highest: (D,) largest value.
        mean: (D,) mean.
        std: (D,) standard deviation of the whole, not of a sample, as training takes it; training
            takes 0.01 where it is smaller.
        quantiles: (QUANTILES, D).
        rows: how many.
    """

    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    mean: NDArray[np.float64]
    std: NDArray[np.float64]
    quantiles: NDArray[np.float64]
    rows: int

    @classmethod
    def of(cls, arrays: list[NDArray[np.float32]]) -> "ColumnStatistics":
        """Sum up arrays (T, D), at least one of them with a row."""
        values = np.concatenate(arrays).astype(np.float64)
        return cls(
            np.nanmin(values, axis=0), np.nanmax(values, axis=0), np.nanmean(values, axis=0),
            np.nanstd(values, axis=0), np.nanquantile(values, QUANTILES, axis=0), len(values),
        )  # fmt: skip

    def shift_from(self, other: "ColumnStatistics") -> NDArray[np.float64]:
        """Return (D,) how far the means are apart, in standard deviations; at least 0.01 each."""
        spread = np.sqrt((np.maximum(self.std, 0.01) ** 2 + np.maximum(other.std, 0.01) ** 2) / 2)
        return np.asarray(np.abs(self.mean - other.mean) / spread)


class ImageStatistics:
    """Mean and spread of a camera's colours, image after image."""

    def __init__(self) -> None:
        self._sum, self._square, self._pixels, self.images = np.zeros(3), np.zeros(3), 0, 0

    def add(self, image: NDArray[np.uint8]) -> None:
        """Take an image (H, W, 3)."""
        flat = image.reshape(-1, 3).astype(np.float32) / 255
        self._sum += flat.sum(axis=0, dtype=np.float64)
        self._square += np.square(flat).sum(axis=0, dtype=np.float64)
        self._pixels += len(flat)
        self.images += 1

    @property
    def mean(self) -> NDArray[np.float64]:
        """(3,) red, green, blue; 0 … 1."""
        return self._sum / max(1, self._pixels)

    @property
    def std(self) -> NDArray[np.float64]:
        """(3,) red, green, blue; 0 … 1."""
        spread = self._square / max(1, self._pixels) - np.square(self.mean)
        return np.sqrt(np.maximum(spread, 0.0))

# SPDX-License-Identifier: Apache-2.0
"""Statistics as LeRobot normalises with them: per feature, of an episode and of a dataset.

Source of what they mean: huggingface/lerobot 0.6, src/lerobot/datasets/compute_stats.py. Images
are 0 … 1 and shaped (3, 1, 1); quantiles of a dataset are those of its episodes' that lie farthest
out.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Statistics = dict[str, NDArray[np.float64]]
_QUANTILES = {"q01": 0.01, "q10": 0.10, "q50": 0.50, "q90": 0.90, "q99": 0.99}
_MAX_SIDE_PX = 150


def of_values(values: NDArray[np.generic]) -> Statistics:
    """Return the statistics of (T,) or (T, D) numbers, each (D,).

    NaN, which is ours for "not measured", counts as 0: LeRobot divides by what it finds here.
    """
    columns = np.nan_to_num(np.asarray(values, np.float64).reshape(len(values), -1))
    found = {
        "min": np.min(columns, axis=0), "max": np.max(columns, axis=0),
        "mean": np.mean(columns, axis=0), "std": np.std(columns, axis=0),
        "count": np.array([float(len(columns))]),
    }  # fmt: skip
    quantiles = np.quantile(columns, list(_QUANTILES.values()), axis=0)
    return found | dict(zip(_QUANTILES, quantiles, strict=True))


class ImageStatistics:
    """Statistics of a camera's images, from some of them and some of their pixels."""

    def __init__(self) -> None:
        self._counts = np.zeros((3, 256), np.int64)
        self._num_images = 0

    def add(self, image: NDArray[np.uint8]) -> None:
        """Count (H, W, 3) uint8."""
        step = max(1, max(image.shape) // _MAX_SIDE_PX)
        for channel in range(3):
            values = image[::step, ::step, channel].ravel()
            self._counts[channel] += np.bincount(values, minlength=256)
        self._num_images += 1

    def result(self) -> Statistics:
        """Return the statistics, each (3, 1, 1)."""
        levels = np.arange(256) / 255.0
        totals = self._counts.sum(axis=1)
        mean = self._counts @ levels / totals
        variance = self._counts @ levels**2 / totals - mean**2
        reached = np.cumsum(self._counts, axis=1) / totals[:, None]
        found = {
            "min": levels[np.argmax(self._counts > 0, axis=1)],
            "max": levels[255 - np.argmax(self._counts[:, ::-1] > 0, axis=1)],
            "mean": mean,
            "std": np.sqrt(np.maximum(variance, 0.0)),
        }
        for name, share in _QUANTILES.items():
            found[name] = levels[np.argmax(reached >= share, axis=1)]
        shaped = {name: value.reshape(3, 1, 1) for name, value in found.items()}
        return shaped | {"count": np.array([float(self._num_images)])}


def sampled(num_rows: int) -> frozenset[int]:
    """Return which of an episode's images are counted: at least 100, and fewer of long ones."""
    num = max(min(100, num_rows), min(int(num_rows**0.75), 10_000))
    return frozenset(np.round(np.linspace(0, num_rows - 1, num)).astype(int).tolist())


def merged(episodes: Sequence[Mapping[str, Statistics]]) -> dict[str, Statistics]:
    """Return the statistics of a dataset from those of its episodes: feature → statistics."""
    return {key: _merged([episode[key] for episode in episodes]) for key in episodes[0]}


def _merged(parts: Sequence[Statistics]) -> Statistics:
    counts = np.concatenate([part["count"] for part in parts])
    weights = counts / counts.sum()
    means, stds = (np.stack([part[name] for part in parts]) for name in ("mean", "std"))
    weights = weights.reshape(-1, *(1,) * (means.ndim - 1))
    mean = (weights * means).sum(axis=0)
    variance = (weights * (stds**2 + (means - mean) ** 2)).sum(axis=0)
    result = {
        "min": np.min([part["min"] for part in parts], axis=0),
        "max": np.max([part["max"] for part in parts], axis=0),
        "mean": mean,
        "std": np.sqrt(variance),
        "count": np.array([counts.sum()]),
    }
    for name, share in _QUANTILES.items():
        values = np.stack([part[name] for part in parts])
        result[name] = values.min(axis=0) if share <= 0.5 else values.max(axis=0)  # noqa: PLR2004
    return result

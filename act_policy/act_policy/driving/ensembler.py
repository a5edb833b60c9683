# SPDX-License-Identifier: Apache-2.0
"""Temporal ensembling of action chunks, keyed by the time that each action is meant for.

A chunk computed from an observation at t0 holds the actions for t0 + i·period, whenever it
arrives. The action of time t is the weighted mean over all chunks that cover t, with weights
exp(−m·j). In the published mode j = 0 is the *oldest* chunk that still covers t
(tonyzhaozh/act imitate_episodes.py); a larger m listens more to old predictions.
"""

from bisect import insort
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MODES = ("paper", "newest_first", "uniform", "none")


@dataclass(frozen=True)
class Blend:
    """The action of one time.

    Attributes:
        action: (D,) weighted mean of the predictions for that time.
        spread: (D,) weighted standard deviation of those predictions; zeros for one.
        count: how many predictions took part.
        newest_ns: observation time of the newest of them.
    """

    action: NDArray[np.float64]
    spread: NDArray[np.float64]
    count: int
    newest_ns: int


@dataclass(frozen=True)
class _Chunk:
    stamp_ns: int
    actions: NDArray[np.float64]


class TemporalEnsembler:
    """Holds the chunks that can still matter and blends them for a given time.

    Args:
        period_ns: time between two rows of a chunk.
        mode: paper (oldest first), newest_first, uniform, or none (only the newest chunk).
        coefficient: m of the weights exp(−m·j); 0.01 in the published code.
    """

    def __init__(self, period_ns: int, mode: str = "paper", coefficient: float = 0.01) -> None:
        if mode not in MODES:
            raise ValueError(f"mode is '{mode}', expected one of {', '.join(MODES)}")
        self._period_ns, self._mode, self._coefficient = period_ns, mode, coefficient
        self._chunks: list[_Chunk] = []

    def add(self, stamp_ns: int, actions: NDArray[np.floating]) -> None:
        """Take a prediction (K, D) from an observation at `stamp_ns`, in any order of arrival.

        A second prediction from the same observation replaces the first.
        """
        self._chunks = [c for c in self._chunks if c.stamp_ns != stamp_ns]
        chunk = _Chunk(stamp_ns, np.asarray(actions, dtype=np.float64))
        insort(self._chunks, chunk, key=lambda c: c.stamp_ns)

    def clear(self) -> None:
        """Forget all predictions (after a pause, a reset, a jump of the clock)."""
        self._chunks.clear()

    def forget_before(self, time_ns: int) -> None:
        """Drop chunks that end before `time_ns`."""
        self._chunks = [c for c in self._chunks if self._end_ns(c) >= time_ns]

    def at(self, time_ns: int) -> Blend | None:
        """Return the action of `time_ns`, linear between rows; None where no chunk covers it."""
        chunks = [c for c in self._chunks if c.stamp_ns <= time_ns <= self._end_ns(c)]
        if not chunks:
            return None
        if self._mode == "none":
            chunks = chunks[-1:]
        values = np.stack([self._value(c, time_ns) for c in chunks])
        weights = self._weights(len(chunks))
        mean = weights @ values
        spread = np.sqrt(weights @ (values - mean) ** 2)
        return Blend(mean, spread, len(chunks), chunks[-1].stamp_ns)

    def _weights(self, count: int) -> NDArray[np.float64]:
        order = np.arange(count)  # 0 = oldest
        if self._mode == "newest_first":
            order = order[::-1]
        m = self._coefficient if self._mode in ("paper", "newest_first") else 0.0
        weights = np.exp(-m * order)
        return weights / weights.sum()

    def _value(self, chunk: _Chunk, time_ns: int) -> NDArray[np.float64]:
        index, rest_ns = divmod(time_ns - chunk.stamp_ns, self._period_ns)
        row = chunk.actions[index]
        if rest_ns == 0:
            return row
        part = rest_ns / self._period_ns
        return (1 - part) * row + part * chunk.actions[index + 1]

    def _end_ns(self, chunk: _Chunk) -> int:
        return chunk.stamp_ns + (len(chunk.actions) - 1) * self._period_ns

# SPDX-License-Identifier: Apache-2.0
"""Order of training samples as a function of the step alone, so that a resumed run equals."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Sampler


class Part(NamedTuple):
    """Samples of one dataset.

    Attributes:
        num_samples: in it.
        weight: how often each is drawn, next to one of a part of weight 1.
    """

    num_samples: int
    weight: float = 1.0

    @property
    def per_epoch(self) -> int:
        """Samples of it in an epoch; at least one."""
        return min(self.num_samples, 1) and max(1, round(self.num_samples * self.weight))


class StepSampler(Sampler[list[int]]):
    """Give one batch of sample numbers per step.

    In an epoch each sample comes as often as its weight says. Of a part with a broken weight the
    epochs take turns: each of its samples comes before any of them comes again.

    Args:
        parts: of the dataset, in the order of its sample numbers.
        batch_size: samples per step.
        seed: of the order.
        first_step: step of the first batch given.
        end_step: step before which to stop.
        share: (which, of how many) processes that train together; each gets `batch_size` samples
            of a step, and together they get what one with so many times the size would.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        batch_size: int,
        seed: int,
        *,
        first_step: int,
        end_step: int,
        share: tuple[int, int] = (0, 1),
    ) -> None:
        self._parts = tuple(parts)
        self._per_epoch = sum(part.per_epoch for part in self._parts)
        self._batch_size = batch_size
        self._seed, self._share = seed, share
        self._steps = range(first_step, end_step)
        self._epoch = -1
        self._order = np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._steps)

    def __iter__(self) -> Iterator[list[int]]:
        mine, shares = self._share
        for step in self._steps:
            start = (step * shares + mine) * self._batch_size
            yield [self._sample(position) for position in range(start, start + self._batch_size)]

    def _sample(self, position: int) -> int:
        epoch, index = divmod(position, self._per_epoch)
        if epoch != self._epoch:
            rng = np.random.default_rng([self._seed, epoch])
            order = rng.permutation(self._per_epoch)
            self._order, self._epoch = self._drawn(epoch)[order], epoch
        return int(self._order[index])

    def _drawn(self, epoch: int) -> NDArray[np.int64]:
        """Return the samples of an epoch, part after part."""
        drawn, first = [], 0
        for number, part in enumerate(self._parts):
            drawn.append(first + self._drawn_of(number, part, epoch))
            first += part.num_samples
        return np.concatenate(drawn)

    def _drawn_of(self, number: int, part: Part, epoch: int) -> NDArray[np.int64]:
        count, size = part.per_epoch, part.num_samples
        if count == size:
            return np.arange(size)
        # All rounds over the part in one line, of which each epoch takes its piece.
        start, end = epoch * count, (epoch + 1) * count
        rounds = range(start // size, -(-end // size))
        # A trailing 1, since NumPy takes missing words of a seed for zeros.
        orders = [
            np.random.default_rng([self._seed, number, turn, 1]).permutation(size)
            for turn in rounds
        ]
        offset = start - rounds.start * size
        return np.concatenate(orders)[offset : offset + count]

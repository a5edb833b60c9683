# SPDX-License-Identifier: Apache-2.0
"""Order of training samples as a function of the step alone, so that a resumed run equals."""

from collections.abc import Iterator

import numpy as np
from torch.utils.data import Sampler


class StepSampler(Sampler[list[int]]):
    """Give one batch of sample numbers per step, each sample once before any comes again.

    Args:
        num_samples: samples in the dataset.
        batch_size: samples per step.
        seed: of the order.
        first_step: step of the first batch given.
        end_step: step before which to stop.
    """

    def __init__(
        self, num_samples: int, batch_size: int, seed: int, *, first_step: int, end_step: int
    ) -> None:
        self._num_samples = num_samples
        self._batch_size = batch_size
        self._seed = seed
        self._steps = range(first_step, end_step)
        self._epoch = -1
        self._order = np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._steps)

    def __iter__(self) -> Iterator[list[int]]:
        for step in self._steps:
            start = step * self._batch_size
            yield [self._sample(position) for position in range(start, start + self._batch_size)]

    def _sample(self, position: int) -> int:
        epoch, index = divmod(position, self._num_samples)
        if epoch != self._epoch:
            rng = np.random.default_rng([self._seed, epoch])
            self._order, self._epoch = rng.permutation(self._num_samples), epoch
        return int(self._order[index])

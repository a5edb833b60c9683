# SPDX-License-Identifier: Apache-2.0
"""Seeds whose scenes lie evenly in the region of starts: no corner is left out by chance."""

from collections.abc import Iterator

import numpy as np
from scipy.stats import qmc

from act_sim.tasks.task import Task


def even_seeds(task: Task, first_seed: int, candidates: int) -> Iterator[int]:
    """Yield the seeds first_seed … first_seed + candidates − 1, any part of them spread evenly.

    Each is the one that is left whose start lies nearest to the next point of a Sobol sequence.
    """
    starts = np.array(
        [task.sample(np.random.default_rng(first_seed + i)) for i in range(candidates)]
    )
    varied = starts[:, np.ptp(starts, axis=0) > 0]
    varied = (varied - varied.min(axis=0)) / np.ptp(varied, axis=0)
    points = qmc.Sobol(varied.shape[1], scramble=False)
    for _ in range(candidates):
        distance = np.linalg.norm(varied - points.random(1), axis=1)
        nearest = int(np.argmin(distance))
        varied[nearest] = np.inf
        yield first_seed + nearest

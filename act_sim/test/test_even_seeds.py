# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from scipy.stats import qmc

from act_sim.tasks import TASKS
from act_sim.tasks.even_seeds import even_seeds


@pytest.mark.parametrize("name", TASKS)
def test_any_first_part_of_the_seeds_lies_more_evenly_than_seeds_one_after_another(name):
    task = TASKS[name]
    seeds = list(even_seeds(task, 500, 1000))
    assert sorted(seeds) == list(range(500, 1500))

    def unevenness(some):
        starts = np.array([task.sample(np.random.default_rng(seed)) for seed in some])
        starts = starts[:, np.ptp(starts, axis=0) > 0]
        low, high = starts.min(axis=0), starts.max(axis=0)
        return qmc.discrepancy((starts - low) / (high - low))

    for count in (20, 60, 200):
        assert unevenness(seeds[:count]) < 0.8 * unevenness(range(500, 500 + count))

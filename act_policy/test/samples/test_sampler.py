# SPDX-License-Identifier: Apache-2.0
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_policy.samples.sampler import Part, StepSampler


@settings(deadline=None)
@given(
    parts=st.lists(
        st.builds(Part, st.integers(1, 9), st.sampled_from([1.0, 0.3, 0.5, 2.5, 3.0])),
        min_size=1,
        max_size=3,
    ),
    batch_size=st.integers(1, 7),
    seed=st.integers(0, 99),
    cut=st.integers(0, 30),
)
def test_order_is_a_function_of_the_step(parts, batch_size, seed, cut):
    def steps(first, end):
        sampler = StepSampler(parts, batch_size, seed, first_step=first, end_step=end)
        assert len(sampler) == end - first
        return list(sampler)

    assert steps(0, cut) + steps(cut, 30) == steps(0, 30)


def _samples(parts, count, seed=0):
    sampler = StepSampler(parts, 1, seed, first_step=0, end_step=count)
    return [sample for batch in sampler for sample in batch]


@settings(deadline=None)
@given(counts=st.lists(st.integers(1, 9), min_size=1, max_size=3), seed=st.integers(0, 99))
def test_weights_of_one_give_the_order_that_one_dataset_has(counts, seed):
    total = sum(counts)
    order = _samples([Part(n) for n in counts], 3 * total, seed)
    for epoch in range(3):
        permutation = np.random.default_rng([seed, epoch]).permutation(total)
        assert order[epoch * total : (epoch + 1) * total] == permutation.tolist()


@settings(deadline=None)
@given(size=st.integers(1, 12), weight=st.floats(0.05, 4.0), seed=st.integers(0, 99))
def test_an_epoch_has_as_many_samples_of_a_part_as_its_weight_says(size, weight, seed):
    parts = [Part(4), Part(size, weight)]
    drawn = max(1, round(size * weight))
    order = _samples(parts, 5 * (4 + drawn), seed)
    for epoch in range(5):
        counts = Counter(order[epoch * (4 + drawn) : (epoch + 1) * (4 + drawn)])
        assert [counts[sample] for sample in range(4)] == [1] * 4
        assert sum(counts[4 + sample] for sample in range(size)) == drawn
    counts = Counter(order)
    of_part = [counts[4 + sample] for sample in range(size)]
    assert max(of_part) - min(of_part) <= 1  # none twice before each once


@pytest.mark.parametrize(("weight", "expected"), [(3.0, 3), (1.0, 1)])
def test_a_whole_weight_repeats_each_sample_in_every_epoch(weight, expected):
    counts = Counter(_samples([Part(5), Part(2, weight)], 5 + 2 * expected))
    assert [counts[sample] for sample in range(7)] == [1] * 5 + [expected] * 2

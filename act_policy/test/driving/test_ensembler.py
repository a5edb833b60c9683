# SPDX-License-Identifier: Apache-2.0
"""Temporal ensembling against direct sums written here, in another way than the code's."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from act_policy.driving.ensembler import MODES, TemporalEnsembler

PERIOD_NS = 20_000_000
DIM = 2

values = st.floats(-10, 10)
coefficients = st.floats(0, 2)


def _published_actions(chunks, coefficient):
    """Blend as the published code does: a T x T table, one row a query, weights by row.

    Source: tonyzhaozh/act imitate_episodes.py (all_time_actions). There a row that is zero
    counts as empty; here a table of its own says which cells were written.
    """
    num_ticks, chunk_size, dim = chunks.shape
    table = np.zeros((num_ticks, num_ticks + chunk_size, dim))
    written = np.zeros((num_ticks, num_ticks + chunk_size), dtype=bool)
    actions = []
    for t in range(num_ticks):
        table[t, t : t + chunk_size] = chunks[t]
        written[t, t : t + chunk_size] = True
        predictions = table[:, t][written[:, t]]
        weights = np.exp(-coefficient * np.arange(len(predictions)))
        weights = weights / weights.sum()
        actions.append((predictions * weights[:, np.newaxis]).sum(axis=0))
    return np.array(actions)


@settings(deadline=None, max_examples=60)
@given(
    chunks=st.tuples(st.integers(1, 12), st.integers(1, 6)).flatmap(
        lambda size: arrays(np.float64, (*size, DIM), elements=values)
    ),
    coefficient=coefficients,
    start_ns=st.integers(0, 2**60),
)
def test_a_query_every_tick_equals_the_published_table(chunks, coefficient, start_ns):
    ensembler = TemporalEnsembler(PERIOD_NS, "paper", coefficient)
    expected = _published_actions(chunks, coefficient)
    for tick, chunk in enumerate(chunks):
        time_ns = start_ns + tick * PERIOD_NS
        ensembler.add(time_ns, chunk)
        ensembler.forget_before(time_ns)
        blend = ensembler.at(time_ns)
        np.testing.assert_allclose(blend.action, expected[tick], rtol=1e-12, atol=1e-12)
        assert blend.count == min(tick + 1, chunks.shape[1])
        assert blend.newest_ns == time_ns


def test_the_oldest_prediction_weighs_most_in_the_published_mode():
    ensembler = TemporalEnsembler(PERIOD_NS, "paper", math.log(2))
    for tick, value in enumerate((1.0, 2.0, 4.0)):
        ensembler.add(tick * PERIOD_NS, np.full((5, 1), value))
    # Weights 4 : 2 : 1.
    assert ensembler.at(2 * PERIOD_NS).action == pytest.approx((4 * 1 + 2 * 2 + 1 * 4) / 7)


def _brute_force(chunks, time_ns, mode, coefficient):
    """Sum over all chunks that cover `time_ns`; return action, spread, count and newest."""
    covering = []
    for stamp_ns in sorted(chunks):
        rows = chunks[stamp_ns]
        times = stamp_ns + PERIOD_NS * np.arange(len(rows))
        if times[0] <= time_ns <= times[-1]:
            shifted = (times - times[0]).astype(float)
            value = [np.interp(time_ns - stamp_ns, shifted, column) for column in rows.T]
            covering.append((stamp_ns, value))
    if not covering:
        return None
    count = len(covering)
    weights = [
        {
            "paper": math.exp(-coefficient * place),
            "newest_first": math.exp(-coefficient * (count - 1 - place)),
            "uniform": 1.0,
            "none": float(place == count - 1),
        }[mode]
        for place in range(count)
    ]
    total = math.fsum(weights)
    action, spread = [], []
    for column in range(DIM):
        numbers = [value[column] for _, value in covering]
        mean = math.fsum(w * v for w, v in zip(weights, numbers, strict=True)) / total
        square = math.fsum(w * (v - mean) ** 2 for w, v in zip(weights, numbers, strict=True))
        action.append(mean)
        spread.append(math.sqrt(square / total))
    return action, spread, 1 if mode == "none" else count, covering[-1][0]


# Stamps on a grid finer than the period: skipped ticks, and observations between two ticks.
stamps = st.integers(0, 40).map(lambda n: n * PERIOD_NS // 4)
arrivals = st.lists(
    st.tuples(
        stamps,
        st.integers(1, 5).flatmap(lambda k: arrays(np.float64, (k, DIM), elements=values)),
    ),
    max_size=10,
)


@settings(deadline=None, max_examples=150)
@given(
    arrivals=arrivals,
    mode=st.sampled_from(MODES),
    coefficient=coefficients,
    time_ns=st.one_of(stamps, st.integers(0, 14 * PERIOD_NS)),
)
def test_any_arrival_equals_the_sum_over_all_chunks(arrivals, mode, coefficient, time_ns):
    """Skipped, late, out of order, doubled: what counts is for when a chunk was predicted."""
    ensembler = TemporalEnsembler(PERIOD_NS, mode, coefficient)
    for stamp_ns, chunk in arrivals:
        ensembler.add(stamp_ns, chunk)
    expected = _brute_force(dict(arrivals), time_ns, mode, coefficient)
    blend = ensembler.at(time_ns)
    if expected is None:
        assert blend is None
        return
    action, spread, count, newest_ns = expected
    np.testing.assert_allclose(blend.action, action, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(blend.spread, spread, rtol=1e-6, atol=1e-6)
    assert (blend.count, blend.newest_ns) == (count, newest_ns)


@settings(deadline=None, max_examples=60)
@given(arrivals=arrivals, time_ns=stamps, later=st.integers(0, 100_000_000))
def test_forgetting_the_past_changes_nothing_that_is_to_come(arrivals, time_ns, later):
    whole, pruned = TemporalEnsembler(PERIOD_NS), TemporalEnsembler(PERIOD_NS)
    for stamp_ns, chunk in arrivals:
        whole.add(stamp_ns, chunk)
        pruned.add(stamp_ns, chunk)
    pruned.forget_before(time_ns)
    one, other = whole.at(time_ns + later), pruned.at(time_ns + later)
    assert (one is None) == (other is None)
    if one is not None:
        np.testing.assert_array_equal(one.action, other.action)


@settings(deadline=None, max_examples=60)
@given(arrivals=arrivals, mode=st.sampled_from(MODES), time_ns=stamps)
def test_a_blend_lies_among_its_predictions(arrivals, mode, time_ns):
    ensembler = TemporalEnsembler(PERIOD_NS, mode, 0.5)
    for stamp_ns, chunk in arrivals:
        ensembler.add(stamp_ns, chunk)
    blend = ensembler.at(time_ns)
    if blend is not None:
        every = np.concatenate([chunk for _, chunk in arrivals])
        assert np.all(blend.action >= every.min(axis=0) - 1e-9)
        assert np.all(blend.action <= every.max(axis=0) + 1e-9)
        assert np.all(blend.spread >= 0)


def test_between_two_rows_the_action_is_interpolated():
    ensembler = TemporalEnsembler(PERIOD_NS)
    ensembler.add(0, np.array([[0.0, 10.0], [4.0, 20.0]]))
    assert ensembler.at(PERIOD_NS // 4).action == pytest.approx([1.0, 12.5])
    assert ensembler.at(PERIOD_NS).action.tolist() == [4.0, 20.0]


def test_a_chunk_covers_its_first_to_its_last_row_and_no_nanosecond_more():
    ensembler = TemporalEnsembler(PERIOD_NS)
    ensembler.add(100, np.zeros((3, 1)))
    assert ensembler.at(99) is None
    assert ensembler.at(100) is not None
    assert ensembler.at(100 + 2 * PERIOD_NS) is not None
    assert ensembler.at(101 + 2 * PERIOD_NS) is None


def test_an_exact_zero_is_a_prediction_like_any_other():
    ensembler = TemporalEnsembler(PERIOD_NS, "uniform")
    ensembler.add(0, np.zeros((2, 1)))
    ensembler.add(PERIOD_NS, np.ones((2, 1)))
    assert ensembler.at(PERIOD_NS).action.tolist() == [0.5]


def test_mode_none_follows_the_newest_chunk_alone():
    ensembler = TemporalEnsembler(PERIOD_NS, "none")
    for stamp_ns in (PERIOD_NS, 0):  # the older one arrives later
        ensembler.add(stamp_ns, np.full((3, 1), float(stamp_ns)))
    blend = ensembler.at(2 * PERIOD_NS)
    assert (blend.action.tolist(), blend.count) == ([PERIOD_NS], 1)
    assert blend.spread.tolist() == [0.0]
    # Where only the older one reaches, it still serves.
    assert ensembler.at(0).action.tolist() == [0.0]


def test_spread_tells_how_far_predictions_disagree():
    ensembler = TemporalEnsembler(PERIOD_NS, "uniform")
    ensembler.add(0, np.array([[1.0, 0.0]] * 2))
    assert ensembler.at(0).spread.tolist() == [0.0, 0.0]
    ensembler.add(PERIOD_NS, np.array([[5.0, 0.0]] * 2))
    assert ensembler.at(PERIOD_NS).spread.tolist() == [2.0, 0.0]


def test_clear_forgets_all_and_a_chunk_is_kept_as_it_was_given():
    ensembler, chunk = TemporalEnsembler(PERIOD_NS), np.ones((2, 1), np.float32)
    ensembler.add(0, chunk)
    assert ensembler.at(0).action.dtype == np.float64
    ensembler.clear()
    assert ensembler.at(0) is None


def test_unknown_mode_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="mode is 'oldest', expected one of paper, newest_first,"):
        TemporalEnsembler(PERIOD_NS, "oldest")

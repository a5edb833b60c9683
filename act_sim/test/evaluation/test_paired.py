# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from act_sim.evaluation.paired import PairedComparison


def test_pairs_are_counted_and_told():
    first = [True] * 90 + [True] * 2 + [False] * 8
    second = [True] * 90 + [False] * 2 + [True] * 7 + [False]
    compared = PairedComparison.of(first, second)
    assert compared == PairedComparison(90, 2, 7, 1)
    assert compared.in_words("A", "B") == [
        "both 90, only A 2, only B 7, neither 1",
        "B minus A: +5.0 % (95 % interval -1.4 … +11.2 %), McNemar's exact test p = 0.18: no "
        "difference is shown",
        "the smallest difference that 100 scenes can show is 6.0 %",
    ]


def test_what_is_shown_is_told():
    compared = PairedComparison(80, 12, 1, 7)
    assert compared.p_value == pytest.approx(0.0034, abs=1e-4)  # 2 (1 + 13) / 2^13
    assert compared.in_words("A", "B")[-1].endswith("p = 0.0034: A is better")
    assert PairedComparison(50, 0, 0, 50).p_value == 1.0


def test_the_least_that_can_be_shown_is_just_significant():
    def p_value(wins):
        return PairedComparison(100 - wins, 0, wins, 0).p_value

    wins = round(100 * PairedComparison(100, 0, 0, 0).least_shown)
    assert p_value(wins) < 0.05 <= p_value(wins - 1)


@given(st.lists(st.integers(0, 200), min_size=4, max_size=4).filter(any))
def test_the_interval_holds_the_difference_and_turns_round_with_the_names(counts):
    compared = PairedComparison(*counts)
    low, high = compared.interval_95
    both, first, second, neither = counts
    turned = PairedComparison(both, second, first, neither)
    assert turned.difference == -compared.difference
    assert turned.p_value == pytest.approx(compared.p_value)
    np.testing.assert_allclose(turned.interval_95, (-high, -low), atol=1e-12)
    if compared.trials > 20:
        assert low <= compared.difference <= high


def test_the_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    shares = np.array([0.80, 0.04, 0.10, 0.06])
    covered = 0
    for counts in rng.multinomial(100, shares, size=2000):
        low, high = PairedComparison(*counts.tolist()).interval_95
        covered += low <= 0.06 <= high
    assert 0.93 < covered / 2000 < 0.98

# SPDX-License-Identifier: Apache-2.0
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from act_sim.evaluation.results import Rollout, summarise, table, to_json, wilson_interval

STAGES = ("touched", "lifted", "handed over", "transferred")


def _rollout(seed, stage, held=False, mean_reward=0.0):
    return Rollout(
        seed,
        stage,
        held,
        400,
        200 if stage == 4 else -1,
        mean_reward,
        1.5,
        0.9 + seed / 100,
        100.0 * seed,
        "abc",
    )


ROLLOUTS = [_rollout(1, 4, True, 2.0), _rollout(2, 4, False, 1.0), _rollout(3, 2), _rollout(4, 0)]


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (0, 10, 0.0, 0.27754),
        (10, 10, 0.72246, 1.0),
        (5, 10, 0.23659, 0.76341),
        (97, 100, 0.91548, 0.98974),
        (45, 50, 0.78640, 0.95652),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson_interval_has_the_known_values(successes, trials, low, high):
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=1e-5)


@settings(deadline=None)
@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_is_scipys_and_holds_the_proportion(counts):
    successes, trials = counts
    low, high = wilson_interval(successes, trials)
    expected = binomtest(successes, trials).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert 0.0 <= low <= successes / trials + 1e-12
    assert successes / trials - 1e-12 <= high <= 1.0
    assert low < high


def test_summary_counts_stages_successes_and_failures():
    figures = summarise(ROLLOUTS)
    assert figures["rollouts"] == 4
    assert figures["successes"] == 2
    assert figures["success"] == 0.5
    assert figures["held"] == 1
    assert figures["stages_reached"] == [3, 3, 2, 2]
    assert figures["mean_reward"] == 0.75
    assert figures["mean_jerk_rad_s3"] == 250.0
    assert figures["lowest_real_time_factor"] == 0.91
    assert figures["failed_seeds"] == [3, 4]
    assert figures["success_wilson_95"] == wilson_interval(2, 4)
    assert figures["held_wilson_95"] == wilson_interval(1, 4)


def test_results_are_json_with_their_context():
    results = json.loads(json.dumps(to_json(ROLLOUTS, {"task": "transfer_cube"})))
    assert results["task"] == "transfer_cube"
    assert results["summary"]["successes"] == 2
    first = results["rollouts"][0]
    assert (first["seed"], first["success"], first["first_success_tick"]) == (1, True, 200)
    assert results["rollouts"][2]["success"] is False


def test_table_has_a_row_for_each_stage_and_for_success():
    lines = table(ROLLOUTS, STAGES).splitlines()
    assert len(lines) == 8
    assert " ".join(lines[1].split()) == "reward ≥ 1 touched 3/4 75 % 0.301 … 0.954"
    assert lines[4].startswith("reward ≥ 4  transferred")
    assert " ".join(lines[5].split()).endswith("reached) 2/4 50 % 0.150 … 0.850")
    assert "1/4" in lines[6]
    assert lines[7] == "mean absolute jerk 250 rad/s³  ·  real-time factor ≥ 0.91"


def test_no_rollout_yet_is_no_division_by_zero():
    assert summarise([])["success"] == 0.0
    assert "0/0" in table([], STAGES)

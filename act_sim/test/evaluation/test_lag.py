# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from act_sim.evaluation.lag import MOST_TICKS, lag_ticks

PLAN = np.cumsum(np.random.default_rng(0).normal(size=(400, 3)), axis=0)


@given(shift=st.integers(-40, 40), noise=st.floats(0, 0.3))
def test_a_shifted_motion_is_found_behind_or_ahead_of_the_plan(shift, noise):
    late = PLAN[max(0, -shift) :]
    late = np.concatenate([np.repeat(PLAN[:1], max(0, shift), axis=0), late])
    late = late + noise * np.random.default_rng(1).normal(size=late.shape)
    assert lag_ticks(late, PLAN) == shift


@pytest.mark.parametrize("rows", [1, MOST_TICKS // 2])
def test_short_motions_have_a_lag_too(rows):
    assert lag_ticks(PLAN[:rows], PLAN) == 0

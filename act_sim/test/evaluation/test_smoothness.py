# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from act_sim.evaluation.smoothness import mean_abs_jerk

RATE_HZ = 50.0
PERIOD_NS = 20_000_000


def test_a_cubic_motion_has_its_jerk_whatever_the_rate():
    for rate_hz in (10.0, 50.0):
        t = np.arange(40) / rate_hz
        positions = np.stack([t**3, -2 * t**3 + t**2], axis=1)
        assert mean_abs_jerk(positions, rate_hz) == pytest.approx((6 + 12) / 2)


def test_ticks_that_were_not_heard_are_no_jerk():
    ticks = np.array([i for i in range(60) if i not in (20, 21, 40)])
    positions = np.sin(ticks / 30)[:, None]
    stamps = ticks * PERIOD_NS + 1_700_000_000_000_000_000
    whole = mean_abs_jerk(np.sin(np.arange(60) / 30)[:, None], RATE_HZ)
    assert mean_abs_jerk(positions, RATE_HZ, stamps) == pytest.approx(whole, rel=0.2)
    assert mean_abs_jerk(positions, RATE_HZ) > 2 * whole


@pytest.mark.parametrize("ticks", [0, 1, 3])
def test_too_few_ticks_have_none(ticks):
    assert mean_abs_jerk(np.zeros((ticks, 14)), RATE_HZ, np.arange(ticks) * PERIOD_NS) == 0.0

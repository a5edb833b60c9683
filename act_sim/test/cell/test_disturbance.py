# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from act_sim.cell.disturbance import CORRELATION_S, STD_RAD, Disturbance

ARMS = np.array([True, True, False])


def _offsets(scale, ticks, seed=0):
    disturbance = Disturbance(scale, ARMS, 0.02, np.random.default_rng(seed))
    return np.array([disturbance.next() for _ in range(ticks)])


def test_none_is_none():
    assert not _offsets(0.0, 50).any()


def test_grippers_are_left_alone_and_arms_are_not():
    offsets = _offsets(1.0, 50)
    assert offsets[:, :2].all()
    assert not offsets[:, 2].any()


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_size_and_correlation_are_as_documented(scale):
    arms = _offsets(scale, 60_000)[1000:, :2]
    assert arms.std() == pytest.approx(scale * STD_RAD, rel=0.05)
    lag = round(CORRELATION_S / 0.02)
    correlation = (arms[lag:] * arms[:-lag]).mean() / arms.var()
    assert correlation == pytest.approx(np.exp(-1), abs=0.06)


def test_it_starts_at_rest_and_repeats_with_its_seed():
    assert np.abs(_offsets(1.0, 1)).max() < STD_RAD
    np.testing.assert_array_equal(_offsets(1.0, 20, seed=3), _offsets(1.0, 20, seed=3))
    assert not np.array_equal(_offsets(1.0, 20, seed=3), _offsets(1.0, 20, seed=4))

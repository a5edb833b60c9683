# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from act_recorder.dataset.formats.lerobot.statistics import (
    ImageStatistics,
    merged,
    of_values,
    sampled,
)

VALUES = npst.arrays(np.float32, st.tuples(st.integers(1, 20), st.just(3)),
                     elements=st.floats(-100, 100, width=32))  # fmt: skip


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_of_episodes_and_of_all_rows_agree(episodes):
    parts = merged([{"x": of_values(values)} for values in episodes])["x"]
    whole = np.concatenate(episodes).astype(np.float64)
    assert parts["count"] == len(whole)
    np.testing.assert_allclose(parts["mean"], whole.mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(parts["std"], whole.std(axis=0), atol=1e-6)
    assert (parts["min"] == whole.min(axis=0)).all()
    assert (parts["max"] == whole.max(axis=0)).all()
    lowest = np.min([np.quantile(values, 0.01, axis=0) for values in episodes], axis=0)
    highest = np.max([np.quantile(values, 0.99, axis=0) for values in episodes], axis=0)
    np.testing.assert_allclose(parts["q01"], lowest, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(parts["q99"], highest, rtol=1e-5, atol=1e-6)


def test_not_measured_is_no_number_that_spreads():
    found = of_values(np.array([[np.nan, 1.0], [np.nan, 3.0]]))
    assert found["mean"].tolist() == [0.0, 2.0]


def test_images_count_from_0_to_1_by_colour():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (4, 30, 40, 3), dtype=np.uint8)
    images[..., 2] = 51
    statistics = ImageStatistics()
    for image in images:
        statistics.add(image)
    found = statistics.result()
    assert found["count"] == 4
    assert {value.shape for name, value in found.items() if name != "count"} == {(3, 1, 1)}
    pixels = images.reshape(-1, 3) / 255
    assert found["mean"].ravel() == pytest.approx(pixels.mean(axis=0))
    assert found["std"].ravel() == pytest.approx(pixels.std(axis=0), abs=1e-7)
    assert found["q50"].ravel() == pytest.approx(np.quantile(pixels, 0.5, axis=0), abs=1 / 255)
    assert found["q99"][2] == pytest.approx(0.2)
    assert found["min"][2] == found["max"][2] == pytest.approx(0.2)


@given(st.integers(1, 100_000))
def test_sampled_images_begin_at_the_first_and_end_at_the_last(num_rows):
    chosen = sampled(num_rows)
    assert {0, num_rows - 1} <= chosen
    assert max(chosen) < num_rows
    assert len(chosen) <= 10_000

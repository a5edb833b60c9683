# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_core.images.pixels import resize


def test_an_image_of_that_size_is_itself():
    image = np.zeros((3, 4, 3), np.uint8)
    assert resize(image, 3, 4) is image


@settings(deadline=None)
@given(factor=st.integers(2, 5), seed=st.integers(0, 99))
def test_each_pixel_is_the_mean_of_what_it_covers(factor, seed):
    image = np.random.default_rng(seed).integers(0, 256, (6 * factor, 8 * factor, 3), np.uint8)
    means = image.reshape(6, factor, 8, factor, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(resize(image, 6, 8), means, atol=0.51)


@pytest.mark.parametrize("size_px", [(7, 5), (20, 30)])
def test_height_comes_first(size_px):
    assert resize(np.zeros((10, 12, 3), np.uint8), *size_px).shape == (*size_px, 3)

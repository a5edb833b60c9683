# SPDX-License-Identifier: Apache-2.0
from array import array

import numpy as np

from act_core.streams.frozen_watch import FROZEN_AFTER, FrozenWatch

RNG = np.random.default_rng(0)


def _picture():
    return array("B", RNG.integers(0, 256, 24 * 32 * 3, dtype=np.uint8).tobytes())


def test_a_living_camera_is_never_frozen():
    watch = FrozenWatch()
    assert not any(watch.see(_picture(), i) for i in range(1, 100))


def test_a_frozen_one_is_told_until_it_lives_again():
    watch, picture = FrozenWatch(), _picture()
    said = [watch.see(picture, i) for i in range(1, 40)]
    assert said.index(True) == FROZEN_AFTER - 1
    assert all(said[FROZEN_AFTER:])
    assert not watch.see(_picture(), 40)


def test_a_message_sent_again_counts_once():
    watch, picture = FrozenWatch(), _picture()
    assert not any(watch.see(picture, 7) for _ in range(100))

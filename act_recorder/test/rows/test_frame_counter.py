# SPDX-License-Identifier: Apache-2.0
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from act_core.episode.frame_counts import FrameCounts
from act_recorder.rows.frame_counter import FrameCounter, count_frames


def count(came, used):
    return count_frames(np.array(came, np.int64), np.array(used, np.int64))


def test_each_frame_is_used_unused_or_lost():
    came = [0, 20, 40, 60, 120, 140]  # 80 and 100 never came
    assert count(came, [20, 20, 40, 120]) == FrameCounts(3, 1, 1, 2)
    assert count(came, came) == FrameCounts(6, 0, 0, 2)
    assert count([], []) == FrameCounts()
    assert count([10], [10]) == FrameCounts(1, 0, 0, 0)
    assert count([0, 20, 60, 80], [0, 60]) == FrameCounts(2, 0, 1, 1)


@given(st.sets(st.integers(0, 60), min_size=4), st.data())
def test_sent_frames_are_all_accounted_for(kept, data):
    """Of a camera's frames some are lost on the way, and rows hold some of those that came."""
    came = sorted(kept)
    used = sorted(data.draw(st.lists(st.sampled_from(came), min_size=1)))
    if came[-1] - came[0] > 1.4 * (len(came) - 1):
        return  # more than a third lost: the median no longer tells the period
    found = count([20 * c for c in came], [20 * u for u in used])
    sent = used[-1] - used[0] + 1
    assert found.frames_used + found.frames_unused + found.frames_lost == sent
    assert found.frames_repeated == len(used) - found.frames_used


def test_counting_begins_with_the_first_row_and_ends_with_the_last():
    counter = FrameCounter(["top"])
    for stamp_ns in range(0, 100, 10):
        counter.came("top", stamp_ns)
    for stamp_ns in (30, 40, 60):
        counter.use({"top": stamp_ns})
    assert counter.counts() == {"top": FrameCounts(3, 0, 1, 0)}

# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_core.episode.checks.time_checks import MAX_GAP_TICKS
from act_policy.samples.action_track import ActionTrack

MS = 10**6
PERIOD_NS = 20 * MS
SPEED = 0.7  # rad/s
START_NS = 1_795_603_238 * 10**9


def _ramp(stamps_ns):
    """Commands of a motion at constant speed."""
    seconds = (np.asarray(stamps_ns, dtype=np.int64) - START_NS) / 1e9
    return (SPEED * seconds[:, None]).astype(np.float32)


def _track(stamps_ns):
    stamps_ns = np.asarray(stamps_ns, dtype=np.int64)
    return ActionTrack(stamps_ns, _ramp(stamps_ns), PERIOD_NS)


@settings(deadline=None, max_examples=50)
@given(length=st.integers(1, 30), size=st.integers(1, 40), data=st.data(), seed=st.integers(0, 99))
def test_on_an_exact_grid_a_chunk_is_the_rows_themselves(length, size, data, seed):
    stamps_ns = START_NS + np.arange(length) * PERIOD_NS
    actions = np.random.default_rng(seed).normal(size=(length, 3)).astype(np.float32)
    t = data.draw(st.integers(0, length - 1))
    got, is_pad = ActionTrack(stamps_ns, actions, PERIOD_NS).chunk(
        int(stamps_ns[t]), size, PERIOD_NS
    )
    times = np.arange(t, t + size)
    np.testing.assert_array_equal(got, actions[np.minimum(times, length - 1)])
    np.testing.assert_array_equal(is_pad, times >= length)


@settings(deadline=None, max_examples=100)
@given(
    steps_ms=st.lists(st.integers(1, 20 * MAX_GAP_TICKS - 1), min_size=5, max_size=60),
    late_ms=st.integers(-15, 15),
)
def test_the_speed_of_a_motion_is_that_of_its_stamps(steps_ms, late_ms):
    stamps_ns = START_NS + np.cumsum([0, *steps_ms]) * MS
    start_ns = int(stamps_ns[1]) + late_ms * MS
    actions, is_pad = _track(stamps_ns).chunk(start_ns, 50, PERIOD_NS)
    times_ns = start_ns + np.arange(50) * PERIOD_NS
    inside = (times_ns >= stamps_ns[0]) & (times_ns <= stamps_ns[-1])
    np.testing.assert_allclose(actions[inside], _ramp(times_ns[inside]), atol=1e-5)
    assert not is_pad[inside].any()
    np.testing.assert_array_equal(is_pad, times_ns > stamps_ns[-1] + PERIOD_NS // 2)


def test_beyond_a_gap_there_is_padding_and_behind_it_another_motion():
    gap_ns = (MAX_GAP_TICKS + 1) * PERIOD_NS
    stamps_ns = START_NS + np.concatenate([np.arange(5), 4 + MAX_GAP_TICKS + 1 + np.arange(5)]) * (
        PERIOD_NS
    )
    track = _track(stamps_ns)
    actions, is_pad = track.chunk(int(stamps_ns[2]), 30, PERIOD_NS)
    assert is_pad.tolist() == [False] * 3 + [True] * 27
    np.testing.assert_array_equal(actions[3:], np.repeat(_ramp(stamps_ns[4:5]), 27, 0))
    assert track.chunk(int(stamps_ns[4] + gap_ns // 2), 3, PERIOD_NS)[1].all()
    assert track.chunk(int(stamps_ns[5]), 6, PERIOD_NS)[1].tolist() == [False] * 5 + [True]


def test_a_command_that_is_recorded_twice_holds_nothing_up():
    stamps_ns = START_NS + np.array([0, 20, 20, 20, 80, 100]) * MS
    actions, is_pad = _track(stamps_ns).chunk(START_NS, 6, PERIOD_NS)
    np.testing.assert_allclose(actions, _ramp(START_NS + np.arange(6) * PERIOD_NS), atol=1e-6)
    assert not is_pad.any()


@pytest.mark.parametrize("before_ticks", [1, MAX_GAP_TICKS + 2])
def test_before_its_first_command_a_motion_waits_but_not_for_long(before_ticks):
    stamps_ns = START_NS + np.arange(5) * PERIOD_NS
    actions, is_pad = _track(stamps_ns).chunk(START_NS - before_ticks * PERIOD_NS, 2, PERIOD_NS)
    assert actions[0] == _ramp([START_NS])[0]
    assert bool(is_pad[0]) == (before_ticks > MAX_GAP_TICKS)

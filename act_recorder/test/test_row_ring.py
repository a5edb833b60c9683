# SPDX-License-Identifier: Apache-2.0
"""The ring between recorder and writer: what goes in comes out, in order, or does not go in."""

import os
from collections import deque

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from act_recorder.writing.row_ring import KEPT_BYTES, RowRing

CAPACITY = 256
rows = st.lists(st.binary(max_size=80), min_size=1, max_size=3)


@settings(max_examples=200, deadline=None)
@given(acts=st.lists(st.one_of(rows, st.none()), max_size=60))
def test_rows_come_out_as_they_went_in(acts) -> None:
    """A list of parts is put, None frees the oldest row."""
    ring = RowRing(CAPACITY)
    other = RowRing(CAPACITY, ring.descriptor)
    under_way: deque = deque()
    for parts in acts:
        if parts is None and under_way:
            ring.free()
            under_way.popleft()
        elif parts is not None:
            places = ring.put(parts)
            if places is not None:
                under_way.append((parts, places))
            else:
                assert under_way or sum(map(len, parts)) > CAPACITY - 80
        for row, where in under_way:
            assert [other.view(*place).tobytes() for place in where] == row
    ring.close()


def test_it_is_full_until_something_is_freed() -> None:
    ring = RowRing(100)
    assert ring.put([bytes(60)]) == [(0, 60)]
    assert ring.put([bytes(60)]) is None
    ring.free()
    assert ring.put([np.zeros(5)]) == [(0, 40)]
    assert ring.used_bytes == 40
    ring.close()


def test_a_row_larger_than_all_of_it_is_never_taken() -> None:
    ring = RowRing(100)
    assert ring.put([bytes(101)]) is None
    ring.close()


def test_what_a_slow_disk_took_is_given_back() -> None:
    ring = RowRing(64_000_000)
    for _ in range(40):
        assert ring.put([bytes(10**6)])
    assert 512 * os.fstat(ring.descriptor).st_blocks >= 40e6
    for _ in range(40):
        ring.free()
    row = bytes(range(256)) * 8000
    ((offset, length),) = ring.put([row])
    assert 512 * os.fstat(ring.descriptor).st_blocks <= KEPT_BYTES + 4096
    assert ring.view(offset, length).tobytes() == row
    ring.close()

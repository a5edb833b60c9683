# SPDX-License-Identifier: Apache-2.0
"""Rate, age and losses of a stream."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from act_recorder.rows.stream_meter import StreamMeter

PERIOD_NS = 20_000_000


def _feed(meter: StreamMeter, indices: list[int]) -> None:
    for index in indices:
        meter.see("top", index * PERIOD_NS, index * PERIOD_NS / 1e9)


def test_rate_and_age_are_of_the_last_two_seconds():
    meter = StreamMeter(["top", "wrist"])
    _feed(meter, list(range(500)))
    meter.see("unknown", 0, 0.0)
    top, wrist = meter.read(499 * PERIOD_NS + 5_000_000, 499 * 0.02)
    assert (top.stream, top.lost) == ("top", 0)
    assert top.rate_hz == pytest.approx(50.0, abs=0.6)
    assert top.age_s == 0.005
    assert (wrist.rate_hz, wrist.age_s, wrist.lost) == (0.0, math.inf, 0)
    assert meter.read(0, 1e3)[0].rate_hz == 0.0


@given(st.sets(st.integers(10, 395), max_size=40), st.integers(1, 200))
def test_messages_that_never_came_are_counted(missing: set[int], read_each: int):
    meter, came = StreamMeter(["top"]), [i for i in range(400) if i not in missing]
    for start in range(0, len(came), read_each):
        _feed(meter, came[start : start + read_each])
        meter.read(0, 8.0)
    assert meter.read(0, 8.0)[0].lost == len(missing)


def test_a_clock_that_is_set_is_no_loss():
    meter = StreamMeter(["top"])
    _feed(meter, [0, 1, 2, 3])
    meter.see("top", 10**10, 0.08)
    meter.see("top", 10**10 + PERIOD_NS, 0.1)
    assert meter.read(0, 0.1)[0].lost == 0


def test_losses_are_counted_anew():
    meter = StreamMeter(["top"])
    _feed(meter, [0, 1, 2, 3, 7, 8])
    assert meter.read(0, 0.1)[0].lost == 3
    meter.restart()
    assert meter.read(0, 0.1)[0].lost == 0

# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from act_core.streams.input_bounds import InputBounds
from act_core.streams.stream_clock import StreamClock

S = 10**9
WALL, BOOT = 1_795_603_238 * S, 86_400 * S
BOUNDS = InputBounds()


def _clock(**options):
    return StreamClock("camera 'top'", BOUNDS, **options)


@pytest.mark.parametrize(
    ("stamp_ns", "text"),
    [
        (0, "camera 'top': stamps are 0: its driver sets none; let it fill in header.stamp"),
        (BOOT - S, "camera 'top': stamps count from boot (monotonic clock): let its driver stamp"),
        (17 * S, "camera 'top': stamps count from zero (17 s), not from 1970: let its driver"),
        (
            WALL + 310 * 10**6,
            "camera 'top': stamps are 0.31 s ahead of this machine's clock (limit 0.05 s, "
            "max_clock_offset_s): synchronise the clocks with chrony",
        ),
        (
            WALL - 3 * S,
            "camera 'top': stamps are at least 3 s old when they arrive (limit 0.25 s, "
            "max_age_s): synchronise the clocks with chrony; if they are, its driver or the "
            "network is too slow",
        ),
        (WALL - 60 * 10**6, ""),
        (WALL + 40 * 10**6, ""),
    ],
)
def test_what_is_wrong_with_stamps_is_said_with_the_remedy(stamp_ns, text):
    said = _clock().see(stamp_ns, WALL, BOOT)
    assert said.startswith(text)
    assert bool(said) == bool(text)


@pytest.mark.parametrize("stamp_ns", [17 * S, WALL - 600 * S])
def test_a_forgotten_use_sim_time_is_told_where_a_simulator_runs(stamp_ns):
    assert _clock(simulation_runs=lambda: True).see(stamp_ns, WALL, BOOT) == (
        "camera 'top': this node runs on wall time while the stream is in simulated time: set "
        "use_sim_time"
    )


@pytest.mark.parametrize(
    ("stamp_ns", "now_ns", "text"),
    [
        (5 * S, 0, "this node's clock is 0: use_sim_time is set and nothing publishes /clock"),
        (WALL, 17 * S, "stamps are wall time while this node runs in simulated time"),
        (20 * S, 17 * S, ""),  # the clock's message is behind: the simulator's clocks are one
        (WALL + S, WALL, ""),
    ],
)
def test_in_simulated_time_only_another_clock_is_a_fault(stamp_ns, now_ns, text):
    said = _clock(simulated=True).see(stamp_ns, now_ns, BOOT)
    assert text in said
    assert bool(said) == bool(text)


def test_one_late_message_is_no_wrong_clock_and_many_are():
    clock = _clock()
    assert clock.see(WALL, WALL + 20 * 10**6, BOOT) == ""
    assert clock.see(WALL, WALL + S, BOOT + S) == ""  # a stall: the network was late once
    said = [clock.see(WALL, WALL + (k + 1) * S, BOOT + (k + 1) * S) for k in range(1, 6)]
    assert said[0] == ""
    assert said[-1].startswith("camera 'top': stamps are at least")


def test_the_offset_is_the_smallest_delay_and_follows_a_clock_that_is_corrected():
    clock, rng = _clock(), np.random.default_rng(0)
    for k in range(600):  # 12 s at 50 Hz; corrected by 0.3 s after 6 s
        ahead_ns = 300 * 10**6 if k < 300 else 0
        now_ns = WALL + k * 20 * 10**6
        delay_ns = int(rng.exponential(10 * 10**6)) + 5 * 10**6
        said = clock.see(now_ns - delay_ns + ahead_ns, now_ns, BOOT + k * 20 * 10**6)
        if k == 299:
            assert clock.delay_s == pytest.approx(-0.295, abs=2e-3)
            assert said.startswith("camera 'top': stamps are 0.29")
    assert said == ""
    assert clock.delay_s == pytest.approx(0.005, abs=2e-3)
    assert clock.settled

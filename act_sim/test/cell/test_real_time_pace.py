# SPDX-License-Identifier: Apache-2.0
import pytest

from act_sim.cell.real_time_pace import RealTimePace


def _run(pace, start_s, ticks, period_s):
    late = []
    for i in range(ticks):
        pace.tick(start_s + (i + 1) * period_s)
        late.append(pace.is_late)
    return late


def test_a_loop_on_time_is_never_called_late():
    pace = RealTimePace(50.0, 100.0)
    assert not any(_run(pace, 100.0, 500, 0.02))
    assert pace.factor == pytest.approx(1.0, abs=0.03)


def test_a_slow_loop_is_called_late_after_two_seconds():
    pace = RealTimePace(50.0, 100.0)
    late = _run(pace, 100.0, 100, 0.04)
    assert pace.factor == pytest.approx(0.5, abs=0.02)
    assert not any(late[:49])
    assert all(late[51:])


def test_one_slow_second_is_what_another_programs_start_costs():
    pace = RealTimePace(50.0, 100.0)
    assert not any(_run(pace, 100.0, 25, 0.04))
    assert not any(_run(pace, 101.0, 200, 0.02))


def test_it_recovers():
    pace = RealTimePace(50.0, 0.0)
    assert any(_run(pace, 0.0, 75, 0.04))
    assert not any(_run(pace, 3.0, 200, 0.02)[60:])
    assert pace.factor == pytest.approx(1.0, abs=0.03)

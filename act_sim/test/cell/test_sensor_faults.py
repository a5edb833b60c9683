# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from act_sim.cell.sensor_faults import FaultySensors, SensorFaults

PERIOD_NS = 20_000_000
IMAGE = np.full((6, 8, 3), 128, np.uint8)


def _arrivals(faults, ticks=200):
    """Return tick → stamps that arrive at it."""
    sensors = FaultySensors(faults)
    return [
        [s for s, _, _ in sensors.arrived({"top": IMAGE}, tick * PERIOD_NS)]
        for tick in range(ticks)
    ]


@given(st.integers(0, 20))
def test_each_image_arrives_once_and_late_by_the_delay(ticks_late):
    arrivals = _arrivals(SensorFaults(camera_delay_s=ticks_late * PERIOD_NS / 1e9), 60)
    assert arrivals == [
        [(t - ticks_late) * PERIOD_NS] if t >= ticks_late else [] for t in range(60)
    ]


@pytest.mark.parametrize("loss", [0.0, 0.1, 0.5, 1.0])
def test_the_share_that_is_lost_is_as_asked_for(loss):
    seen = sum(map(len, _arrivals(SensorFaults(frame_loss=loss), 2000)))
    assert seen == pytest.approx(2000 * (1 - loss), abs=80 if 0 < loss < 1 else 0)


def test_noise_has_its_size_and_without_any_nothing_is_touched():
    sensors = FaultySensors(SensorFaults(joint_noise_rad=0.02, image_noise=10.0))
    noisy = np.array([sensors.joint_noise(14) for _ in range(500)])
    assert noisy.std() == pytest.approx(0.02, rel=0.05)
    ((_, _, image),) = sensors.arrived({"top": np.tile(IMAGE, (10, 10, 1))}, 0)
    assert image.astype(float).std() == pytest.approx(10.0, rel=0.05)
    perfect = FaultySensors(SensorFaults())
    assert not perfect.joint_noise(14).any()
    ((_, _, same),) = perfect.arrived({"top": IMAGE}, 0)
    assert same is IMAGE


def test_the_same_seed_gives_the_same_faults():
    faults = SensorFaults(0.05, 0.3, 0.01, 5.0)
    first, second = _arrivals(faults), _arrivals(faults)
    assert first == second
    assert first != _arrivals(SensorFaults(0.05, 0.2, 0.01, 5.0))

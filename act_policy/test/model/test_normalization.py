# SPDX-License-Identifier: Apache-2.0
import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from act_policy.errors import CheckpointError
from act_policy.model.normalization import IMAGENET_MEAN, IMAGENET_STD, Normalizer
from act_policy.model.statistics import STD_FLOOR, Statistics


def _statistics() -> Statistics:
    rng = np.random.default_rng(0)
    states = [rng.normal(2.0, 3.0, (n, 2)).astype(np.float32) for n in (3, 50)]
    return Statistics.fit(states, [s[:, :1] for s in states])


def test_every_frame_counts_alike_whatever_the_episode():
    states = [np.zeros((1, 1), np.float32), np.ones((3, 1), np.float32)]
    statistics = Statistics.fit(states, states)
    assert statistics.state_mean == pytest.approx([0.75])
    assert statistics.action_std == pytest.approx([np.sqrt(3) / 4])


def test_still_columns_get_the_floor():
    statistics = Statistics.fit([np.full((4, 2), 7, np.float32)], [np.zeros((4, 3), np.float32)])
    assert statistics.state_std == pytest.approx([STD_FLOOR] * 2)
    assert statistics.action_std.shape == (3,)


def test_json_keeps_every_bit():
    statistics = _statistics()
    back = Statistics.from_dict(json.loads(json.dumps(statistics.to_dict())))
    for name in vars(statistics):
        np.testing.assert_array_equal(getattr(back, name), getattr(statistics, name))


def test_missing_or_bad_statistics_are_named():
    values = _statistics().to_dict()
    with pytest.raises(CheckpointError, match="not finite numbers"):
        Statistics.from_dict({**values, "state_std": [float("nan"), 1.0]})
    del values["action_std"]
    with pytest.raises(CheckpointError, match="key 'action_std' is missing; expected state_mean"):
        Statistics.from_dict(values)


def _numbers(*shape):
    numbers = arrays(np.float32, shape, elements=st.floats(-100, 100, width=32))
    return numbers.map(torch.from_numpy)


@settings(deadline=None)
@given(_numbers(5, 4, 1), _numbers(5, 2), st.sampled_from([None, (0,), (1,)]))
def test_physical_actions_inverts_actions(actions, state, delta_columns):
    normalizer = Normalizer(_statistics(), torch.device("cpu"), delta_columns)
    back = normalizer.physical_actions(normalizer.actions(actions, state), state)
    torch.testing.assert_close(back, actions, rtol=1e-4, atol=1e-4)


def test_deltas_count_from_the_column_of_the_same_joint():
    one = Statistics.fit([np.zeros((2, 3), np.float32)], [np.zeros((2, 2), np.float32)])
    normalizer = Normalizer(one, torch.device("cpu"), (2, 0))
    state = torch.tensor([[1.0, 50.0, 3.0]])
    actions = torch.tensor([[[3.0, 1.0], [3.5, 0.5]]])
    expected = torch.tensor([[[0.0, 0.0], [0.5, -0.5]]]) / STD_FLOOR
    torch.testing.assert_close(normalizer.actions(actions, state), expected)


def test_z_scores_have_mean_zero_and_deviation_one():
    rng = np.random.default_rng(1)
    values = rng.normal(5.0, 2.0, (1000, 3)).astype(np.float32)
    normalizer = Normalizer(Statistics.fit([values], [values]), torch.device("cpu"))
    z = normalizer.state(torch.from_numpy(values))
    torch.testing.assert_close(z.mean(0), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(z.std(0, correction=0), torch.ones(3), atol=1e-5, rtol=0)


def test_images_get_imagenet_z_scores_channel_by_channel():
    normalizer = Normalizer(_statistics(), torch.device("cpu"))
    images = torch.randint(0, 256, (2, 3, 4, 5, 3), dtype=torch.uint8)
    z = normalizer.images(images)
    assert z.shape == (2, 3, 3, 4, 5)
    for channel in range(3):
        expected = (images[..., channel] / 255 - IMAGENET_MEAN[channel]) / IMAGENET_STD[channel]
        torch.testing.assert_close(z[:, :, channel], expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"action_std": [0.0]}, "action_std is [0.0], expected 1 numbers above 0"),
        ({"action_std": [-1.0]}, "action_std is [-1.0], expected 1 numbers above 0"),
        ({"state_std": [1.0]}, "state_std is [1.0], expected 2 numbers above 0"),
        ({"state_std": [True, 1.0]}, "state_std: [True, 1.0] are not finite numbers"),
        ({"state_std": ["1", "2"]}, "state_std: ['1', '2'] are not finite numbers"),
        ({"state_std": {"a": 1}}, "state_std: {'a': 1} are not finite numbers"),
        ({"state_mean": [[1.0], [2.0]]}, "state_mean: [[1.0], [2.0]] are not finite numbers"),
    ],
)
def test_statistics_that_would_silence_or_break_the_network_are_refused(change, text):
    with pytest.raises(CheckpointError) as caught:
        Statistics.from_dict({**_statistics().to_dict(), **change})
    assert str(caught.value) == f"statistics: {text}"


def test_unknown_statistics_are_refused():
    with pytest.raises(CheckpointError, match="statistics: unknown key 'median'"):
        Statistics.from_dict({**_statistics().to_dict(), "median": [0.0]})

# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import torch

from act_policy.checkpoint.checkpoint import save_checkpoint
from act_policy.errors import CheckpointError, PolicyInputError
from act_policy.inference.network_policy import NetworkPolicy
from act_policy.testing import make_checkpoint


@pytest.fixture(scope="module")
def policy(tmp_path_factory) -> NetworkPolicy:
    rng = np.random.default_rng(0)
    states = rng.normal(1.0, 2.0, (9, 2)).astype(np.float32)
    actions = rng.normal(5.0, 3.0, (9, 3)).astype(np.float32)
    checkpoint = make_checkpoint(
        states, actions, step=7, cameras=("top", "wrist"), image_width_px=48
    )
    folder = tmp_path_factory.mktemp("policy") / "c"
    save_checkpoint(folder, checkpoint)
    return NetworkPolicy.load(folder, num_threads=1)


def _observation(seed=0):
    rng = np.random.default_rng(seed)
    names = ("wrist", "extra", "top")
    images = {name: rng.integers(0, 256, (32, 48, 3), dtype=np.uint8) for name in names}
    return rng.normal(size=2), images


def test_chunk_equals_the_steps_done_by_hand(policy):
    positions, images = _observation()
    chunk = policy.predict_chunk(positions, images)
    assert chunk.shape == (4, 3)
    assert chunk.dtype == np.float32
    statistics = policy.checkpoint.statistics
    state = (positions - statistics.state_mean) / statistics.state_std
    pixels = np.stack([images["top"], images["wrist"]]) / 255.0
    pixels = (pixels - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    with torch.inference_mode():
        output = policy.checkpoint.build_model(torch.device("cpu"))(
            torch.tensor(state, dtype=torch.float32)[None],
            torch.tensor(pixels, dtype=torch.float32).movedim(-1, 1)[None],
        )
    expected = output.actions[0].numpy() * statistics.action_std + statistics.action_mean
    np.testing.assert_allclose(chunk, expected, rtol=1e-4, atol=1e-4)


def test_deltas_start_from_where_each_joint_is_measured():
    numbers = np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32)
    made = make_checkpoint(
        numbers, 5 * numbers[:, :2], state_names=("a", "b", "c"), action_names=("c", "a"),
        delta_actions=True,
    )  # fmt: skip
    for name in ("action_head.weight", "action_head.bias"):  # mean deltas, whatever is seen
        made.weights[name].zero_()
    positions = np.array([1.0, 20.0, 300.0])
    chunk = NetworkPolicy(made).predict_chunk(positions, {"top": np.zeros((32, 32, 3), np.uint8)})
    expected = positions[[2, 0]] + made.statistics.action_mean
    np.testing.assert_allclose(chunk, np.broadcast_to(expected, (4, 2)), rtol=1e-6)


def test_equal_observations_give_equal_chunks_and_stay_unchanged(policy):
    positions, images = _observation()
    before = {name: image.copy() for name, image in images.items()}
    first = policy.predict_chunk(positions, images)
    np.testing.assert_array_equal(policy.predict_chunk(positions, images), first)
    assert all(np.array_equal(images[name], before[name]) for name in images)
    assert not np.array_equal(policy.predict_chunk(*_observation(1)), first)


def test_read_only_and_strided_images_are_taken(policy):
    positions, images = _observation()
    expected = policy.predict_chunk(positions, images)
    strided = {name: image[::-1].copy()[::-1] for name, image in images.items()}
    for image in images.values():
        image.setflags(write=False)
    np.testing.assert_array_equal(policy.predict_chunk(positions, images), expected)
    np.testing.assert_array_equal(policy.predict_chunk(positions, strided), expected)


def test_wrong_images_are_named(policy):
    positions, images = _observation()
    with pytest.raises(PolicyInputError, match="no image of camera 'wrist'; got top"):
        policy.predict_chunk(positions, {"top": images["top"]})
    for wrong in (np.zeros((32, 48), np.uint8), np.zeros((32, 48, 4), np.uint8)):
        with pytest.raises(PolicyInputError, match=r"shape \(32, 48.*takes \(height, width, 3\)"):
            policy.predict_chunk(positions, {**images, "top": wrong})
    with pytest.raises(PolicyInputError, match="type float32, .* uint8, best 32x48"):
        policy.predict_chunk(positions, {**images, "top": np.zeros((32, 48, 3), np.float32)})


def test_images_of_another_size_are_resized(policy):
    positions, images = _observation()
    large = {name: image.repeat(4, axis=0).repeat(4, axis=1) for name, image in images.items()}
    np.testing.assert_array_equal(
        policy.predict_chunk(positions, large), policy.predict_chunk(positions, images)
    )


def test_wrong_positions_are_named(policy):
    _, images = _observation()
    with pytest.raises(PolicyInputError, match=r"shape \(3,\), the policy takes \(2,\): a, b"):
        policy.predict_chunk(np.zeros(3), images)
    with pytest.raises(PolicyInputError, match=r"not finite: \['b'\]"):
        policy.predict_chunk(np.array([0.0, np.inf]), images)


def test_example_observation_fits_and_description_is_whole(policy):
    assert np.isfinite(policy.predict_chunk(*policy.example_observation())).all()
    description = policy.describe()
    assert description["cameras"] == ["top", "wrist"]
    assert description["step"] == 7
    assert description["chunk_size"] == 4


@pytest.mark.skipif(torch.cuda.is_available(), reason="only without a CUDA device")
def test_missing_cuda_is_said(policy):
    with pytest.raises(CheckpointError, match="cuda was asked for, but torch finds none"):
        NetworkPolicy(policy.checkpoint, device="cuda")

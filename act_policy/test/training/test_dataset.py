# SPDX-License-Identifier: Apache-2.0
import dataclasses

import h5py
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from act_core.episode.find_episodes import find_episodes
from act_core.episode.reader import EpisodeReader
from act_core.testing import make_episode
from act_policy.errors import DatasetError
from act_policy.training import dataset as dataset_module
from act_policy.training.augmentation import Augmentation
from act_policy.training.dataset import Episode, EpisodeDataset, fingerprint, load_episodes
from act_policy.training.sampler import StepSampler

LENGTHS = (3, 7, 1)


@pytest.fixture
def folder(tmp_path):
    for seed, length in enumerate(LENGTHS):
        make_episode(tmp_path, num_frames=length, dim=4, cameras=("top", "wrist"), seed=seed)
    return tmp_path


@pytest.mark.parametrize("cache_images", [False, True])
def test_samples_equal_the_files_row_by_row(folder, cache_images):
    data = EpisodeDataset(load_episodes(find_episodes(folder)), 5, cache_images=cache_images)
    assert len(data) == sum(LENGTHS)
    batch = data[range(len(data))]
    row = 0
    for path in find_episodes(folder):
        with EpisodeReader(path) as reader:
            for t in range(reader.num_frames):
                np.testing.assert_array_equal(batch.state[row], reader.positions[t])
                for camera, name in enumerate(("top", "wrist")):
                    np.testing.assert_array_equal(batch.images[row, camera], reader.image(name, t))
                for k in range(5):
                    assert bool(batch.is_pad[row, k]) == (t + k >= reader.num_frames)
                    at = min(t + k, reader.num_frames - 1)
                    np.testing.assert_array_equal(batch.actions[row, k], reader.actions[at])
                row += 1


def test_cameras_come_in_the_order_asked_for(folder):
    episodes = load_episodes(find_episodes(folder), ("wrist", "top"))
    swapped = EpisodeDataset(episodes, 2)[[4]].images
    plain = EpisodeDataset(load_episodes(find_episodes(folder)), 2)[[4]].images
    assert torch.equal(swapped, plain.flip(1))


def test_sample_numbers_out_of_range_raise(folder):
    data = EpisodeDataset(load_episodes(find_episodes(folder)), 2)
    for index in (-1, len(data)):
        with pytest.raises(IndexError, match=f"sample {index} of 11"):
            data[[index]]


def test_open_files_are_capped(folder, monkeypatch):
    monkeypatch.setattr(dataset_module, "MAX_OPEN_FILES", 2)
    data = EpisodeDataset(load_episodes(find_episodes(folder)), 2)
    first = data[range(len(data))].images
    assert len(data._readers) == 2
    assert torch.equal(data[range(len(data))].images, first)


def test_unknown_camera_lists_the_available_ones(folder):
    with pytest.raises(DatasetError, match=r"no camera \['front'\]; available: top, wrist"):
        load_episodes(find_episodes(folder), ("top", "front"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"joint_names": ("a", "b", "c", "e")}, "joint_names .*'e'.*'joint_3'"),
        ({"rate_hz": 30.0}, "rate_hz 30.0, but .*50.0"),
        ({"cameras": ("top",)}, r"cameras \('top',\), but .*\('top', 'wrist'\)"),
        ({"image_shape": (12, 16)}, r"image_size_px \(12, 16\), but .*\(24, 32\)"),
        ({"robot_yaml": "name: other"}, "another robot description"),
    ],
)
def test_episodes_that_differ_are_refused_with_both_values(folder, changes, message):
    settings = {"num_frames": 3, "dim": 4, "cameras": ("top", "wrist"), **changes}
    odd = make_episode(folder, **settings)
    with pytest.raises(DatasetError, match=message) as error:
        load_episodes(find_episodes(folder))
    assert str(odd) in str(error.value)
    assert "episode_0.hdf5" in str(error.value)


def test_values_that_are_not_finite_are_refused(folder):
    import h5py

    path = find_episodes(folder)[1]
    with h5py.File(path, "r+") as file:
        file["action"][2, 1] = np.nan
    with pytest.raises(DatasetError, match=r"episode_1.hdf5: actions .*not finite"):
        load_episodes(find_episodes(folder))


@pytest.mark.parametrize(("name", "what"), [("joint_states", "joints"), ("action", "actions")])
def test_time_that_goes_back_is_refused(folder, name, what):
    path = find_episodes(folder)[1]
    with h5py.File(path, "r+") as file:
        file[f"stamps/{name}"][3:] -= 100_000_000
    text = f"{what} of row 3 are stamped 0.08 s before those of row 2; time goes back"
    with pytest.raises(DatasetError, match=text):
        Episode.load(path)


def test_actions_on_another_clock_than_the_joints_are_refused(folder):
    path = find_episodes(folder)[1]
    with h5py.File(path, "r+") as file:
        file["stamps/action"][:] += 3_000_000_000
    with pytest.raises(DatasetError, match="actions are stamped 3 s away from the joints"):
        Episode.load(path)


def test_a_jump_ahead_in_time_ends_the_chunks_before_it(folder):
    path = find_episodes(folder)[1]
    with h5py.File(path, "r+") as file:
        for name in ("joint_states", "action"):
            file[f"stamps/{name}"][3:] += 300_000_000
    batch = EpisodeDataset([Episode.load(path)], 4)[[1, 3]]
    assert batch.is_pad.tolist() == [[False, False, True, True], [False] * 4]


def test_fingerprint_tells_changed_actions(folder):
    episodes = load_episodes(find_episodes(folder))
    before = fingerprint(episodes)
    assert before == fingerprint(load_episodes(find_episodes(folder)))
    changed = dataclasses.replace(episodes[0], actions=episodes[0].actions + 1e-3)
    assert fingerprint([changed, *episodes[1:]]) != before


@settings(deadline=None)
@given(
    num_samples=st.integers(1, 20),
    batch_size=st.integers(1, 7),
    seed=st.integers(0, 99),
    cut=st.integers(0, 30),
)
def test_order_is_a_function_of_the_step(num_samples, batch_size, seed, cut):
    def steps(first, end):
        sampler = StepSampler(num_samples, batch_size, seed, first_step=first, end_step=end)
        assert len(sampler) == end - first
        return list(sampler)

    whole = steps(0, 30)
    assert steps(0, cut) + steps(cut, 30) == whole
    flat = [index for batch in whole for index in batch]
    for start in range(0, len(flat) - num_samples + 1, num_samples):
        assert sorted(flat[start : start + num_samples]) == list(range(num_samples))


def test_augmentation_is_off_by_default_and_repeats_by_seed():
    images = torch.randint(0, 256, (2, 2, 12, 16, 3), dtype=torch.uint8)
    assert torch.equal(Augmentation()(images, 1), images)
    augmentation = Augmentation(shift_px=2, brightness=0.1, contrast=0.1)
    changed = augmentation(images, 1)
    assert changed.dtype == torch.uint8
    assert changed.shape == images.shape
    assert torch.equal(changed, augmentation(images, 1))
    assert not torch.equal(changed, augmentation(images, 2))


def test_shift_moves_the_image_by_whole_pixels():
    images = torch.zeros(20, 1, 12, 16, 3, dtype=torch.uint8)
    images[:, :, 6, 8] = 200
    found = Augmentation(shift_px=3)(images, 0)[..., 0].nonzero()[:, 2:]
    offsets = found - torch.tensor([6, 8])
    assert len(found) == 20
    assert offsets.abs().max() == 3
    assert len(offsets.unique(dim=0)) > 5


def test_brightness_moves_all_pixels_of_an_image_by_one_number():
    images = torch.full((1, 4, 6, 6, 3), 100, dtype=torch.uint8)
    changed = Augmentation(brightness=0.2)(images, seed=1)[0].flatten(1)
    offsets = [int(image[0]) - 100 for image in changed]
    assert [image.unique().numel() for image in changed] == [1, 1, 1, 1]
    assert len(set(offsets)) > 1
    assert all(-51 <= offset <= 51 for offset in offsets)


def test_contrast_stretches_about_the_mean():
    row = torch.tensor([50, 150], dtype=torch.uint8).repeat(3)
    images = row.view(1, 1, 1, 6, 1).expand(1, 1, 6, 6, 3).contiguous()
    changed = Augmentation(contrast=0.4)(images, seed=3).flatten().unique().tolist()
    assert len(changed) == 2
    assert sum(changed) == pytest.approx(200, abs=1)
    assert changed != [50, 150]

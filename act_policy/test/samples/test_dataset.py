# SPDX-License-Identifier: Apache-2.0
import dataclasses

import h5py
import numpy as np
import pytest
import torch

from act_core.episode.find_episodes import find_episodes
from act_core.episode.reader import EpisodeReader
from act_core.testing import make_episode
from act_policy.errors import DatasetError
from act_policy.samples import dataset as dataset_module
from act_policy.samples.agreement import fingerprint, load_episodes
from act_policy.samples.dataset import EpisodeDataset
from act_policy.samples.episode import Episode

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
        (
            {"joint_names": ("joint_0", "b", "joint_2", "e")},
            r"joint_names \[1\] b, \[3\] e, but .* has \[1\] joint_1, \[3\] joint_3; train on",
        ),
        ({"dim": 3}, "joint_names joint_0, joint_1, joint_2, but .* has joint_0, .*, joint_3; "),
        (
            {"cameras": ("top",)},
            "cameras top, but .* has top, wrist; name in 'cameras' those that all have, or train",
        ),
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

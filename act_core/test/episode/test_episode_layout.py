# SPDX-License-Identifier: Apache-2.0
"""The episode file as others read it: with nothing but h5py, the original ACT code's layout.

Source of what is read: tonyzhaozh/act utils.py (EpisodicDataset, get_norm_stats) and
record_sim_episodes.py.
"""

import h5py
import numpy as np
import pytest

from act_core.robot.robot_file import load_robot
from act_core.testing import make_episode

NUM_FRAMES, CAMERAS = 7, ("top", "angle")


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = make_episode(
        tmp_path_factory.mktemp("d"), num_frames=NUM_FRAMES, cameras=CAMERAS, image_shape=(24, 32),
        robot_yaml=load_robot("aloha_sim").yaml_text,
    )  # fmt: skip
    with h5py.File(path, "r") as opened:
        yield opened


def test_attributes_of_the_root(file):
    assert file.attrs["sim"]
    assert not file.attrs["compress"]


@pytest.mark.parametrize(
    "name", ["action", "observations/qpos", "observations/qvel", "observations/effort"]
)
def test_joint_dataset(file, name):
    assert file[name].shape == (NUM_FRAMES, 14)
    assert file[name].dtype == np.float32
    assert file[name].compression is None


@pytest.mark.parametrize("camera", CAMERAS)
def test_image_dataset(file, camera):
    images = file[f"observations/images/{camera}"]
    assert images.shape == (NUM_FRAMES, 24, 32, 3)
    assert images.dtype == np.uint8
    assert images.chunks == (1, 24, 32, 3)
    assert images.compression is None


def test_nothing_else_lies_among_the_observations(file):
    assert set(file["observations"]) == {"qpos", "qvel", "effort", "images"}
    assert set(file["observations/images"]) == set(CAMERAS)


def test_a_training_sample_is_drawn_as_the_original_loader_does(file):
    start_ts = 3
    episode_len, action_dim = file["/action"].shape
    qpos = file["/observations/qpos"][start_ts]
    images = [file[f"/observations/images/{name}"][start_ts] for name in CAMERAS]
    action = file["/action"][start_ts:]
    padded = np.zeros((episode_len, action_dim), dtype=np.float32)
    padded[: len(action)] = action
    assert qpos.shape == (14,)
    assert np.stack(images).shape == (2, 24, 32, 3)
    np.testing.assert_array_equal(padded[: NUM_FRAMES - start_ts], file["/action"][3:7])

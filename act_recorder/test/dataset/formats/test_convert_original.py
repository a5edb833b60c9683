# SPDX-License-Identifier: Apache-2.0
"""Files as the original ALOHA and ACT code, act-plus-plus and mobile ALOHA write them."""

import cv2
import h5py
import numpy as np
import pytest

from act_core.episode.reader import EpisodeReader
from act_recorder.dataset.command import main

ROWS, HEIGHT, WIDTH = 5, 24, 32


def original(path, *, seed=0, cameras=("cam_high", "cam_low"), dtype="f4", **how):
    """Write what record_episodes.py writes; return positions, actions and images."""
    rng = np.random.default_rng(seed)
    qpos, action = rng.uniform(-1, 1, (2, ROWS, 14))
    images = {c: rng.integers(0, 256, (ROWS, HEIGHT, WIDTH, 3), np.uint8) for c in cameras}
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file.attrs["sim"] = False
        file.create_dataset("observations/qpos", data=qpos.astype(dtype), **how)
        file.create_dataset("observations/qvel", data=qpos.astype(dtype), **how)
        file.create_dataset("action", data=action.astype(dtype), **how)
        for camera, pixels in images.items():
            file.create_dataset(f"observations/images/{camera}", data=pixels, **how)
    return qpos, action, images


def mobile(path, *, seed=0):
    """Write what mobile ALOHA writes: JPEG with zeros behind it, and the base."""
    original(path, seed=seed, cameras=("cam_high",))
    images = np.zeros((ROWS, HEIGHT, WIDTH, 3), np.uint8)
    images[..., 0] = 200  # red
    images[..., 1] = 20 * np.arange(ROWS)[:, None, None]
    with h5py.File(path, "r+") as file:
        file.attrs["compress"] = True
        data = [cv2.imencode(".jpg", image)[1] for image in images]
        longest = max(map(len, data))
        padded = np.stack([np.pad(each.ravel(), (0, longest - len(each))) for each in data])
        del file["observations/images/cam_high"]
        file["observations/images/cam_high"] = padded
        file["compress_len"] = np.array([[len(each) for each in data]], np.float32)
        file["base_action"] = np.arange(2 * ROWS, dtype=np.float32).reshape(ROWS, 2)
    return images


def convert(*words):
    return main(["convert", *map(str, words), "--robot", "aloha_original"])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("how", [{}, {"compression": "gzip", "chunks": True}])
def test_values_arrive(tmp_path, dtype, how):
    qpos, action, images = original(tmp_path / "here/episode_0.hdf5", dtype=dtype, **how)
    assert convert(tmp_path / "here", tmp_path / "there") == 0
    with EpisodeReader(tmp_path / "there/episode_0.hdf5") as reader:
        assert (reader.positions == qpos.astype(np.float32)).all()
        assert (reader.actions == action.astype(np.float32)).all()
        assert np.isnan(reader.efforts).all(), "nobody measured them"
        assert (reader.image("cam_low", 3) == images["cam_low"][3]).all()
        assert reader.meta.joint_names[0] == "left_waist"
        assert reader.meta.complete
        assert not reader.meta.sim
        assert reader.stamps_ns.tolist() == [i * 20_000_000 for i in range(ROWS)]
        assert reader.meta.origin == f"converted from {tmp_path / 'here/episode_0.hdf5'}"


def test_names_and_gaps(tmp_path):
    for seed, name in enumerate(("episode_000002.hdf5", "episode_7.h5", "episode_11.hdf5")):
        original(tmp_path / "here" / name, seed=seed)
    assert convert(tmp_path / "here", tmp_path / "there", "--episodes", "2,7-11") == 1
    assert convert(tmp_path / "here", tmp_path / "there") == 0
    assert len(list((tmp_path / "there").iterdir())) == 3
    with EpisodeReader(tmp_path / "there/episode_1.hdf5") as reader:
        assert reader.meta.origin.endswith("episode_7.h5")


def test_one_file_is_a_source(tmp_path):
    original(tmp_path / "episode_3.hdf5")
    assert convert(tmp_path / "episode_3.hdf5", tmp_path / "there") == 0
    assert (tmp_path / "there/episode_0.hdf5").is_file()


def test_depth_and_infrared_are_named_as_lost(tmp_path, capsys):
    original(tmp_path / "here/episode_0.hdf5")
    with h5py.File(tmp_path / "here/episode_0.hdf5", "r+") as file:
        file["observations/images/cam_high_depth"] = np.zeros((ROWS, HEIGHT, WIDTH), np.uint16)
        file["observations/images_depth/cam_high"] = np.zeros((ROWS, HEIGHT, WIDTH), np.uint16)
        file["observations/images/infra1"] = np.zeros((ROWS, HEIGHT, WIDTH), np.uint8)
    assert convert(tmp_path / "here", tmp_path / "there") == 0
    lost = "/observations/images/cam_high_depth; /observations/images/infra1; "
    assert f"lost: {lost}/observations/images_depth" in capsys.readouterr().out


def test_base_of_mobile_aloha_is_kept_beside(tmp_path, capsys):
    images = mobile(tmp_path / "here/episode_0.hdf5")
    assert convert(tmp_path / "here", tmp_path / "there") == 0
    out = capsys.readouterr().out
    assert "/base_action is kept as it is; training does not read it" in out
    assert "lost: nothing" in out
    with h5py.File(tmp_path / "there/episode_0.hdf5") as file:
        assert file["base_action"][:].tolist() == [[2 * i, 2 * i + 1] for i in range(ROWS)]
    with EpisodeReader(tmp_path / "there/episode_0.hdf5") as reader:
        assert reader.is_jpeg
        assert np.abs(reader.image("cam_high", 2).astype(int) - images[2]).max() <= 4


def test_a_base_in_the_same_columns_is_asked_for(tmp_path, capsys):
    """act-plus-plus' loader joins arms and base, and some write files so."""
    path = tmp_path / "here/episode_0.hdf5"
    _, action, _ = original(path)
    base = np.arange(2 * ROWS, dtype=np.float32).reshape(ROWS, 2)
    with h5py.File(path, "r+") as file:
        del file["action"]
        file["action"] = np.concatenate([action.astype(np.float32), base], axis=1)
    assert convert(tmp_path / "here", tmp_path / "there") == 1
    assert "if the last two are a base's: act dataset convert --base" in capsys.readouterr().err
    assert convert(tmp_path / "here", tmp_path / "there", "--base") == 0
    with h5py.File(tmp_path / "there/episode_0.hdf5") as file:
        assert file["action"].shape == (ROWS, 14)
        assert (file["base_action"][:] == base).all()


def test_without_robot_nothing_is_created(tmp_path, capsys):
    original(tmp_path / "here/episode_0.hdf5")
    assert main(["convert", str(tmp_path / "here"), str(tmp_path / "there")]) == 1
    assert "name its robot (--robot)" in capsys.readouterr().err
    assert not list(tmp_path.glob("there*"))


def test_several_folders_are_named(tmp_path, capsys):
    original(tmp_path / "here/monday/episode_0.hdf5")
    original(tmp_path / "here/tuesday/episode_0.hdf5")
    assert convert(tmp_path / "here", tmp_path / "there") == 1
    error = capsys.readouterr().err
    assert "holds no episode_<i>.hdf5; its folders do: " in error
    assert "monday" in error
    assert "tuesday" in error


def test_a_damaged_file_stops_before_anything_is_created(tmp_path, capsys):
    original(tmp_path / "here/episode_0.hdf5")
    (tmp_path / "here/episode_1.hdf5").write_bytes(b"no HDF5")
    assert convert(tmp_path / "here", tmp_path / "there") == 1
    assert "episode_1.hdf5: cannot be opened" in capsys.readouterr().err
    assert not list(tmp_path.glob("there*"))

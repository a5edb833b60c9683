# SPDX-License-Identifier: Apache-2.0
"""Files that the original code and its descendants wrote: read where a robot is named."""

from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest

from act_core.episode.find_episodes import find_episodes, find_partials
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.robot.robot_file import load_robot

ROBOT = load_robot("aloha_original")
ROWS = 4


def original(path: Path, *, columns: int = 14, dtype: str = "f4", **options) -> Path:
    """Write what record_episodes.py of the original writes, and further images beside."""
    with h5py.File(path, "w") as file:
        file.attrs["sim"] = False
        data = np.arange(ROWS * columns).reshape(ROWS, columns) / 100
        for name in ("observations/qpos", "observations/qvel", "action"):
            file.create_dataset(name, data=data.astype(dtype), **options)
        file["observations/images/cam_high"] = np.full((ROWS, 6, 8, 3), 7, np.uint8)
        file["observations/images/depth_high"] = np.zeros((ROWS, 6, 8), np.uint16)
        file["observations/images/ir_high"] = np.zeros((ROWS, 6, 8), np.uint8)
    return path


@pytest.mark.parametrize("options", [{}, {"dtype": "f8"}, {"compression": "gzip"}])
def test_an_original_file_is_read_as_the_named_robot(tmp_path: Path, options: dict) -> None:
    with EpisodeReader(original(tmp_path / "episode_0.hdf5", **options), ROBOT) as reader:
        assert (reader.num_frames, reader.cameras) == (ROWS, ("cam_high",))
        assert reader.meta.joint_names == ROBOT.columns
        assert (reader.meta.verdict, reader.meta.sim, reader.meta.rate_hz) == ("", False, 50.0)
        assert reader.meta.robot == ROBOT
        assert reader.positions.dtype == np.float32
        assert reader.positions[1, 0] == pytest.approx(0.14)
        assert np.isnan(reader.efforts).all()
        assert reader.efforts.shape == (ROWS, 14)
        assert reader.stamps_ns.tolist() == [0, 20_000_000, 40_000_000, 60_000_000]
        assert (reader.image("cam_high", 3) == 7).all()
        assert reader.sources == ("",) * ROWS


def test_a_compressed_file_of_mobile_aloha_is_read(tmp_path: Path) -> None:
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[..., 0] = 200  # red
    data = cv2.imencode(".jpg", picture)[1].ravel()
    path = original(tmp_path / "episode_0.hdf5")
    with h5py.File(path, "r+") as file:
        file.attrs["compress"] = True
        del file["observations/images"]
        file["observations/images/cam_high"] = np.tile(np.pad(data, (0, 2)), (ROWS, 1))
        file["compress_len"] = np.full((1, ROWS), len(data), np.float32)
        file["base_action"] = np.zeros((ROWS, 2))
    with EpisodeReader(path, ROBOT) as reader:
        assert reader.image_shape("cam_high") == (48, 64)
        assert np.abs(reader.image("cam_high", 2).astype(int) - picture).max() <= 3
        assert reader.stored_image("cam_high", 0).data == data.tobytes()


def test_without_a_robot_or_with_another_it_says_what_to_name(tmp_path: Path) -> None:
    path = original(tmp_path / "episode_0.hdf5", columns=16)
    with pytest.raises(EpisodeError) as caught:
        EpisodeReader(path)
    assert str(caught.value) == (
        f"{path}: no /meta, so it does not say which robot it is of; if the original ALOHA or ACT "
        "code wrote it, name its robot (--robot)"
    )
    with pytest.raises(EpisodeError) as caught:
        EpisodeReader(path, ROBOT)
    assert str(caught.value).startswith(
        f"{path}: /observations/qpos has 16 columns, robot 'aloha_original' has 14: left_waist, "
    )


def test_names_as_others_write_them_are_found_in_order(tmp_path: Path) -> None:
    for name in ("episode_000010.hdf5", "episode_9.h5", "._episode_3.hdf5", "stats.h5"):
        (tmp_path / name).touch()
    (tmp_path / "episode_4.hdf5.partial").touch()
    assert [p.name for p in find_episodes(tmp_path)] == ["episode_9.h5", "episode_000010.hdf5"]
    assert [p.name for p in find_partials(tmp_path)] == ["episode_4.hdf5.partial"]


def test_a_folder_without_episodes_says_what_it_holds_instead(tmp_path: Path) -> None:
    def text(folder: Path) -> str:
        with pytest.raises(EpisodeError) as caught:
            find_episodes(folder)
        return str(caught.value)

    none = f"dataset folder {tmp_path} holds no episode_<i>.hdf5"
    (tmp_path / "demo.h5").touch()
    assert text(tmp_path) == f"{none}, but demo.h5; rename them"
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "episode_0.hdf5").touch()
    assert text(tmp_path) == f"{none}; its folders do: {tmp_path}/a, {tmp_path}/b"
    (tmp_path / "episode_0.hdf5.partial").touch()
    assert text(tmp_path) == f"{none}, but 1 .partial; `act dataset recover {tmp_path}`"
    file = tmp_path / "a" / "episode_0.hdf5"
    assert text(file) == f"{file} is a file, expected the dataset folder that it is in"

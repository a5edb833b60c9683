# SPDX-License-Identifier: Apache-2.0
"""Numbers of a dataset, and in what two differ."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from written_episode import CAMERAS, JPEG, written

from act_core.episode.find_episodes import find_episodes
from act_core.episode.reader import EpisodeReader
from act_recorder.dataset.command import main
from act_recorder.dataset.look.column_statistics import ColumnStatistics, ImageStatistics


def test_columns_and_cameras_as_an_object(tmp_path: Path, capsys) -> None:
    for seed in range(3):
        written(tmp_path, seed=seed)
    assert main(["stats", str(tmp_path), "--images", "4", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["episodes"], told["rows"]) == (3, 120)
    positions, images = [], []
    for path in find_episodes(tmp_path):
        with EpisodeReader(path) as reader:
            positions.append(reader.positions)
            images += [reader.image("cam_high", row) for row in (0, 13, 26, 39)]
    values = np.concatenate(positions).astype(np.float64)
    for index, column in enumerate(told["state"]):
        assert column["min"] == values[:, index].min()
        assert column["mean"] == pytest.approx(values[:, index].mean())
        assert column["std"] == pytest.approx(values[:, index].std())
        assert column["q99"] == pytest.approx(np.quantile(values[:, index], 0.99))
    assert told["state"][6]["name"] == "left_gripper"
    assert told["state"][6]["unit"] == "1"
    pixels = np.stack(images).reshape(-1, 3) / 255
    assert told["cameras"]["cam_high"]["images"] == 12
    assert told["cameras"]["cam_high"]["mean_rgb"] == pytest.approx(pixels.mean(axis=0))
    assert told["cameras"]["cam_high"]["std_rgb"] == pytest.approx(pixels.std(axis=0), rel=1e-5)


def test_the_table_and_what_it_refuses(tmp_path: Path, capsys) -> None:
    written(tmp_path)
    assert main(["stats", str(tmp_path), "--images", "0"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1 episodes, 40 rows"
    assert lines[2].split()[:3] == ["state", "unit", "min"]
    assert not any("camera" in line for line in lines)
    assert main(["stats", str(tmp_path), "--images", "-1"]) == 1
    assert capsys.readouterr().err.endswith("error: --images -1, expected 0 or more\n")
    assert main(["stats", str(tmp_path), "--verdict", "failure"]) == 1
    assert capsys.readouterr().err.endswith(f"{tmp_path} has no such episode\n")


def test_what_was_not_measured_does_not_count() -> None:
    values = np.array([[1.0, np.nan], [3.0, 2.0]], np.float32)
    numbers = ColumnStatistics.of([values[:1], values[1:]])
    assert numbers.mean.tolist() == [2.0, 2.0]
    assert numbers.rows == 2
    empty = ImageStatistics()
    assert empty.mean.tolist() == [0.0, 0.0, 0.0]


def test_a_copy_is_equal_also_under_another_number_and_description(tmp_path: Path, capsys) -> None:
    for seed in range(2):
        written(tmp_path / "a", codec=JPEG, seed=seed)
    (tmp_path / "b").mkdir()
    (tmp_path / "b/episode_4.hdf5").write_bytes((tmp_path / "a/episode_1.hdf5").read_bytes())
    main(["label", str(tmp_path / "b"), "--add", "new"])
    capsys.readouterr()
    assert main(["diff", str(tmp_path / "a"), str(tmp_path / "b"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["equal"] == [[f"{tmp_path}/a/episode_1.hdf5", f"{tmp_path}/b/episode_4.hdf5"]]
    assert told["only_in_one"] == [f"{tmp_path}/a/episode_0.hdf5"]
    assert told["only_in_other"] == []
    assert told["differences"]["labels"] == [{"dusk": 2}, {"dusk": 1, "new": 1}]
    assert main(["diff", str(tmp_path / "a"), str(tmp_path / "a")]) == 0


def test_one_other_image_makes_another_episode(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        written(tmp_path / folder)
    assert main(["diff", str(tmp_path / "a"), str(tmp_path / "b")]) == 0
    with h5py.File(tmp_path / "b/episode_0.hdf5", "r+") as file:
        file[f"observations/images/{CAMERAS[2]}"][17, 3, 3, 0] ^= 1
    assert main(["diff", str(tmp_path / "a"), str(tmp_path / "b")]) == 1


def test_a_moved_column_is_named_with_how_far(tmp_path: Path, capsys) -> None:
    for folder in ("a", "b"):
        written(tmp_path / folder)
    with h5py.File(tmp_path / "b/episode_0.hdf5", "r+") as file:
        file["observations/qpos"][:, 8] += 3.0
    assert main(["diff", str(tmp_path / "a"), str(tmp_path / "b"), "--json"]) == 1
    shifts = json.loads(capsys.readouterr().out)["shifts"]
    assert list(shifts) == ["state right_shoulder"]
    shift, mean, other = shifts["state right_shoulder"]
    assert other - mean == pytest.approx(3.0, abs=1e-5)
    assert shift > 3.0

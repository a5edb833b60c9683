# SPDX-License-Identifier: Apache-2.0
"""Datasets that LeRobot wrote, with what is usual there and other than ours.

data/lerobot_v3_video and data/lerobot_v3_image were recorded by LeRobot 0.6 itself:
`python act_recorder/bench/lerobot_peer.py write FOLDER {video,image}` in its environment.
"""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from act_core.episode.reader import EpisodeReader
from act_core.robot.robot_file import load_robot
from act_recorder.dataset.command import main

DATA = Path(__file__).parent / "data"
ROBOT = load_robot("aloha_original")
ROWS, RATE_HZ = 5, 25


def convert(source, target, *words):
    return main(["convert", str(source), str(target), "--robot", "aloha_original", *words])


def written(episode, frame):
    """Return what lerobot_peer.py wrote, in its order: right arm first."""
    return (np.arange(14) * 0.05 + episode * 0.1 + frame * 0.01).astype(np.float32)


def assert_as_written(path, episode):
    with EpisodeReader(path) as reader:
        assert reader.num_frames == ROWS
        assert reader.meta.task == f"task {episode}"
        assert reader.meta.verdict == ""
        assert reader.meta.rate_hz == RATE_HZ
        assert reader.stamps_ns.tolist() == [i * 40_000_000 for i in range(ROWS)]
        assert np.isnan(reader.velocities).all()
        for frame in range(ROWS):
            theirs = written(episode, frame)
            ours = np.concatenate([theirs[7:], theirs[:7]])
            assert (reader.positions[frame] == ours).all()
            assert (reader.actions[frame] == ours + np.float32(0.005)).all()
            image = reader.image("top", frame)
            assert image[..., 2].mean() == pytest.approx(100 * episode + 20 * frame, abs=6)
            assert image[:, -2:, 0].mean() > 200 > 60 > image[:, :2, 0].mean(), "red to the right"
            assert image[-2:, :, 1].mean() > 200 > 60 > image[:2, :, 1].mean(), "green downwards"


@pytest.mark.parametrize("kind", ["video", "image"])
def test_recorded_by_lerobot(tmp_path, capsys, kind):
    assert convert(DATA / f"lerobot_v3_{kind}", tmp_path / "there") == 0
    out = capsys.readouterr().out
    assert "observation.state: columns put in the robot's order, by name" in out
    assert "stamps are counted in periods of 25 Hz" in out
    assert "rate is 25 Hz, robot 'aloha_original' has 50" in out
    assert "lost: nothing" in out
    for episode in range(2):
        assert_as_written(tmp_path / f"there/episode_{episode}.hdf5", episode)


def test_images_in_the_table_are_exact(tmp_path):
    convert(DATA / "lerobot_v3_image", tmp_path / "there", "--episodes", "1")
    with EpisodeReader(tmp_path / "there/episode_0.hdf5") as reader:
        assert (reader.image("top", 3)[..., 2] == 160).all()


@pytest.fixture
def dataset(tmp_path):
    """A copy that may be changed."""
    return Path(shutil.copytree(DATA / "lerobot_v3_video", tmp_path / "here"))


def test_episodes_that_share_a_group_of_rows(dataset, tmp_path):
    """As pandas writes a table, and LeRobot's tools: all in one."""
    path = dataset / "data/chunk-000/file-000.parquet"
    table = pq.read_table(path)
    first, second = table.slice(0, ROWS), table.slice(ROWS, ROWS)
    # A whole batch of the first episode's rows before the second's.
    pq.write_table(pa.concat_tables([first] * 20 + [second]).combine_chunks(), path)
    assert pq.ParquetFile(path).num_row_groups == 1
    assert convert(dataset, tmp_path / "there", "--episodes", "1") == 0
    assert_as_written(tmp_path / "there/episode_0.hdf5", 1)


def change_info(dataset, change):
    path = dataset / "meta/info.json"
    info = json.loads(path.read_text())
    change(info)
    path.write_text(json.dumps(info))


def names(info, new):
    for key in ("observation.state", "action"):
        info["features"][key]["names"] = new


def test_names_as_older_datasets_have_them(dataset, tmp_path, capsys):
    change_info(dataset, lambda info: names(info, {"motors": list(ROBOT.columns)}))
    assert convert(dataset, tmp_path / "there") == 0
    assert "columns put in" not in capsys.readouterr().out
    with EpisodeReader(tmp_path / "there/episode_0.hdf5") as reader:
        assert (reader.positions[0] == written(0, 0)).all()


@pytest.mark.parametrize("new", [None, [f"motor_{i}" for i in range(14)]])
def test_without_names_the_order_is_said(dataset, tmp_path, capsys, new):
    change_info(dataset, lambda info: names(info, new))
    assert convert(dataset, tmp_path / "there") == 0
    told = "observation.state has no joint names: taken in the order of robot 'aloha_original'"
    assert told in capsys.readouterr().out


def later(info):
    info["codebase_version"] = "v4.0"


def shoulder_pan(info):
    names(info, ["shoulder_pan.pos", *info["features"]["action"]["names"][1:]])


def seven(info):
    names(info, None)
    info["features"]["observation.state"]["shape"] = [7]


def no_state(info):
    del info["features"]["observation.state"]


def grey(info):
    info["features"]["observation.images.top"]["shape"] = [24, 32, 1]


def no_rate(info):
    info["fps"] = 0


def no_path(info):
    del info["data_path"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (later, "LeRobot dataset v4.0; v2 and v3 are read"),
        (shoulder_pan, "observation.state has shoulder_pan, right_shoulder"),
        (seven, "observation.state has 7 columns, robot 'aloha_original' has 14"),
        (no_state, "no feature observation.state; has action, observation.images.top"),
        (grey, "observation.images.top has shape [24, 32, 1], expected images of 3 colours"),
        (no_rate, "fps is 0, expected more than 0"),
        (no_path, "KeyError('data_path'), not the description of a dataset"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_line(dataset, tmp_path, capsys, change, message):
    change_info(dataset, change)
    assert convert(dataset, tmp_path / "there") == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not list(tmp_path.glob("there*"))


@pytest.mark.parametrize(
    ("lacking", "message"),
    [
        ("data/chunk-000/file-000.parquet", "file-000.parquet does not exist"),
        ("videos/observation.images.top/chunk-000/file-000.mp4", "file-000.mp4 does not exist"),
        ("meta/episodes/chunk-000/file-000.parquet", "no meta/episodes/*/*.parquet"),
    ],
)
def test_what_lacks_is_named_before_anything_is_created(
    dataset, tmp_path, capsys, lacking, message
):
    (dataset / lacking).unlink()
    assert convert(dataset, tmp_path / "there") == 1
    assert message in capsys.readouterr().err
    assert not list(tmp_path.glob("there*"))


@pytest.mark.parametrize(
    ("damaged", "message"),
    [
        ("data/chunk-000/file-000.parquet", "cannot be read as a table"),
        ("videos/observation.images.top/chunk-000/file-000.mp4", "cannot be read as a video"),
        ("meta/episodes/chunk-000/file-000.parquet", "cannot be read as a table"),
        ("meta/info.json", "info.json: Expecting value"),
    ],
)
def test_damage_is_told_in_a_line(dataset, tmp_path, capsys, damaged, message):
    (dataset / damaged).write_bytes(b"damaged")
    assert convert(dataset, tmp_path / "there") == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not list(tmp_path.glob("there*"))


def test_a_robot_has_to_be_named(dataset, tmp_path, capsys):
    assert main(["convert", str(dataset), str(tmp_path / "there")]) == 1
    assert "which robot file theirs is; name it by --robot" in capsys.readouterr().err


def test_a_png_of_the_table_that_is_damaged(tmp_path, capsys):
    shutil.copytree(DATA / "lerobot_v3_image", tmp_path / "here")
    path = tmp_path / "here/data/chunk-000/file-000.parquet"
    table = pq.read_table(path)
    at = table.column_names.index("observation.images.top")
    images = table.column(at).to_pylist()
    good = cv2.imdecode(np.frombuffer(images[7]["bytes"], np.uint8), cv2.IMREAD_COLOR)
    assert good.shape == (24, 32, 3)
    images[7]["bytes"] = b"no PNG"
    field = table.schema.field(at)
    pq.write_table(table.set_column(at, field, pa.array(images, field.type)), path)
    assert convert(tmp_path / "here", tmp_path / "there") == 1
    assert "observation.images.top, row 2: 6 bytes are no" in capsys.readouterr().err


def test_a_base_is_chosen_by_name(dataset, tmp_path, capsys):
    assert convert(dataset, tmp_path / "there", "--base") == 1
    assert "--base: LeRobot's columns have names" in capsys.readouterr().err

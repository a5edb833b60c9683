# SPDX-License-Identifier: Apache-2.0
"""Datasets that LeRobot wrote, with what is usual there and other than ours.

data/lerobot_v3_video and data/lerobot_v3_image were recorded by LeRobot 0.6 itself:
`python act_recorder/bench/lerobot_peer.py write FOLDER {video,image}` in its environment.
"""

import json
import shutil
from pathlib import Path

import av
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


def write_v2(root, *, unit=1.0):
    """Write a dataset of v2.1 by its description: a table and a video an episode."""
    columns = {"dtype": "float32", "shape": [14], "names": {"motors": list(ROBOT.columns)}}
    features = {
        "observation.state": columns, "action": columns,
        "observation.images.cam.left": {
            "dtype": "video", "shape": [3, 24, 32], "names": ["channels", "height", "width"],
        },
        "next.success": {"dtype": "bool", "shape": [1], "names": None},
        "next.reward": {"dtype": "float32", "shape": [1], "names": None},
    }  # fmt: skip
    info = {
        "codebase_version": "v2.1", "fps": RATE_HZ, "features": features, "chunks_size": 1000,
        "total_episodes": 2, "total_chunks": 1, "total_videos": 2,
        "data_path": "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
        "video_path": "videos/chunk-{episode_chunk:03d}/{video_key}/"
        "episode_{episode_index:06d}.mp4",
    }  # fmt: skip
    (root / "meta").mkdir(parents=True)
    (root / "data/chunk-000").mkdir(parents=True)
    (root / "videos/chunk-000/observation.images.cam.left").mkdir(parents=True)
    (root / "meta/info.json").write_text(json.dumps(info))
    lines, statistics = [], []
    for episode in range(2):
        values = np.stack([written(episode, frame) * unit for frame in range(ROWS)])
        rows = pa.list_(pa.float32(), 14)
        table = pa.table({
            "observation.state": pa.array(list(values.astype(np.float32)), rows),
            "action": pa.array(list(values.astype(np.float32)), rows),
            "next.success": [episode == 1 and frame == 4 for frame in range(ROWS)],
            "next.reward": pa.array(np.zeros(ROWS, np.float32)),
            "timestamp": pa.array(np.arange(ROWS, dtype=np.float32) / RATE_HZ),
            "frame_index": list(range(ROWS)),
            "episode_index": [episode] * ROWS,
            "index": list(range(episode * ROWS, episode * ROWS + ROWS)),
            "task_index": [0] * ROWS,
        })  # fmt: skip
        pq.write_table(table, root / f"data/chunk-000/episode_{episode:06d}.parquet")
        folder = root / "videos/chunk-000/observation.images.cam.left"
        write_video(folder / f"episode_{episode:06d}.mp4", episode)
        ends = {"min": values.min(axis=0).tolist(), "max": values.max(axis=0).tolist()}
        line = {"episode_index": episode, "stats": {"observation.state": ends}}
        statistics.append(f"{json.dumps(line)}\n")
        lines.append({"episode_index": episode, "tasks": ["pour"], "length": ROWS})
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    (root / "meta/episodes.jsonl").write_text(text)
    (root / "meta/episodes_stats.jsonl").write_text("".join(statistics))


def write_video(path, episode):
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=RATE_HZ)
        stream.width, stream.height, stream.pix_fmt = 32, 24, "yuv420p"
        for frame in range(ROWS):
            pixels = np.full((24, 32, 3), 100 * episode + 20 * frame, np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        file.mux(stream.encode(None))


def test_version_2_1(tmp_path, capsys):
    write_v2(tmp_path / "here")
    assert convert(tmp_path / "here", tmp_path / "there") == 0
    out = capsys.readouterr().out
    assert "LeRobot v2.1" in out
    assert "lost: feature next.reward" in out
    for episode, verdict in enumerate(("failure", "success")):
        with EpisodeReader(tmp_path / f"there/episode_{episode}.hdf5") as reader:
            assert reader.cameras == ("cam_left",)
            assert (reader.meta.verdict, reader.meta.task) == (verdict, "pour")
            assert (reader.positions[3] == written(episode, 3)).all()
            for frame in range(ROWS):
                level = reader.image("cam_left", frame).mean()
                assert level == pytest.approx(100 * episode + 20 * frame, abs=4)


def test_degrees_are_asked_for(tmp_path, capsys):
    write_v2(tmp_path / "here", unit=60.0)
    assert convert(tmp_path / "here", tmp_path / "there") == 1
    error = capsys.readouterr().err
    assert "observation.state of left_elbow runs from 6 to 8.4, expected rad" in error
    assert "if these are degrees, and grippers 0 to 100: --degrees" in error
    assert convert(tmp_path / "here", tmp_path / "there", "--degrees") == 0
    with EpisodeReader(tmp_path / "there/episode_0.hdf5") as reader:
        row = dict(zip(ROBOT.columns, reader.positions[0], strict=True))
        assert row["left_shoulder"] == pytest.approx(np.radians(0.05 * 60), rel=1e-6)
        assert row["left_gripper"] == pytest.approx(0.3 * 60 / 100, rel=1e-6)


def test_without_statistics_it_is_said_that_nothing_tells_the_unit(tmp_path, capsys):
    write_v2(tmp_path / "here", unit=60.0)
    (tmp_path / "here/meta/episodes_stats.jsonl").unlink()
    assert convert(tmp_path / "here", tmp_path / "there") == 0
    assert "no statistics: nothing tells whether joints are rad" in capsys.readouterr().out


def test_fewer_rows_than_meta_says(tmp_path, capsys):
    write_v2(tmp_path / "here")
    path = tmp_path / "here/data/chunk-000/episode_000001.parquet"
    pq.write_table(pq.read_table(path).slice(0, 3), path)
    assert convert(tmp_path / "here", tmp_path / "there") == 1
    assert "episode 1 has 3 rows, meta says 5" in capsys.readouterr().err
    assert not list(tmp_path.glob("there*"))


def test_a_video_that_ends_too_soon(tmp_path, capsys):
    write_v2(tmp_path / "here")
    path = tmp_path / "here/videos/chunk-000/observation.images.cam.left/episode_000001.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=RATE_HZ)
        stream.width, stream.height, stream.pix_fmt = 32, 24, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((24, 32, 3), np.uint8), format="rgb24")
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    assert convert(tmp_path / "here", tmp_path / "there") == 1
    assert "no frame at 0.040 s; the video ends before" in capsys.readouterr().err


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

# SPDX-License-Identifier: Apache-2.0
"""Datasets of LeRobot v2.1, by its description: a table and a video an episode."""

import json

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from act_core.episode.reader import EpisodeReader
from act_core.robot.robot_file import load_robot
from act_recorder.dataset.command import main

ROBOT = load_robot("aloha_original")
ROWS, RATE_HZ = 5, 25


def convert(source, target, *words):
    return main(["convert", str(source), str(target), "--robot", "aloha_original", *words])


def written(episode, frame):
    """Return a row, in the robot's order."""
    return (np.arange(14) * 0.05 + episode * 0.1 + frame * 0.01).astype(np.float32)


def description():
    """Return meta/info.json."""
    columns = {"dtype": "float32", "shape": [14], "names": {"motors": list(ROBOT.columns)}}
    features = {
        "observation.state": columns, "action": columns,
        "observation.images.cam.left": {
            "dtype": "video", "shape": [3, 24, 32], "names": ["channels", "height", "width"],
        },
        "next.success": {"dtype": "bool", "shape": [1], "names": None},
        "next.reward": {"dtype": "float32", "shape": [1], "names": None},
    }  # fmt: skip
    return {
        "codebase_version": "v2.1", "fps": RATE_HZ, "features": features, "chunks_size": 1000,
        "total_episodes": 2, "total_chunks": 1, "total_videos": 2,
        "data_path": "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
        "video_path": "videos/chunk-{episode_chunk:03d}/{video_key}/"
        "episode_{episode_index:06d}.mp4",
    }  # fmt: skip


def write_v2(root, *, unit=1.0):
    """Write a dataset of v2.1 by its description: a table and a video an episode."""
    (root / "meta").mkdir(parents=True)
    (root / "data/chunk-000").mkdir(parents=True)
    (root / "videos/chunk-000/observation.images.cam.left").mkdir(parents=True)
    (root / "meta/info.json").write_text(json.dumps(description()))
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

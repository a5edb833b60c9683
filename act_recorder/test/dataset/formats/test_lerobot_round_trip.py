# SPDX-License-Identifier: Apache-2.0
"""Ours to LeRobot v3 and back: joints and stamps exact, images within the codec's error."""

import json
import os

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from act_core.episode.frame_counts import FrameCounts
from act_core.episode.meta import EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.episode.writer import EpisodeWriter
from act_core.observation import JointSample, Observation
from act_core.robot.robot_file import load_robot
from act_core.testing import make_episode
from act_recorder.dataset.command import main
from act_recorder.dataset.formats.lerobot import layout

ROBOT = load_robot("aloha_original")
FLOATS = st.floats(-10, 10, width=32)
STAMPS = st.integers(0, 2**62)


def picture(frame, size_px=(48, 64)):
    """Return something that a codec can hold: ramps that move."""
    height, width = size_px
    x = np.linspace(0, 255, width)[None, :]
    y = np.linspace(0, 255, height)[:, None]
    blue = np.full(size_px, 40.0 + 5 * (frame % 20))
    return np.stack([x + 0 * y, y + 0 * x, blue], axis=-1).astype(np.uint8)


def write(folder, joints, stamps, *, size_px=(48, 64), frames=None, **known):
    """Write an episode: joints (4, T, D), stamps (4, T)."""
    meta = EpisodeMeta.for_robot(ROBOT, sim=False, **known)
    writer = EpisodeWriter(folder, meta, {"cam_high": size_px})
    for i in range(joints.shape[1]):
        sample = JointSample(int(stamps[0, i]), joints[0, i], joints[1, i], joints[2, i])
        seen = Observation(
            sample.stamp_ns, sample, {"cam_high": picture(i, size_px)},
            {"cam_high": int(stamps[1, i])},
        )  # fmt: skip
        source = "teleop" if i % 2 else "policy"
        writer.append(
            seen, joints[3, i], int(stamps[2, i]), time_ns=int(stamps[3, i]), source=source
        )
    return writer.finish(frames=frames)


def random_episode(folder, *, rows=6, seed=0, **known):
    rng = np.random.default_rng(seed)
    joints = rng.uniform(-1, 1, (4, rows, ROBOT.dim)).astype(np.float32)
    return write(folder, joints, rng.integers(0, 2**62, (4, rows)), **known)


def there_and_back(tmp_path, *words):
    a, b, c = (str(tmp_path / name) for name in "abc")
    assert main(["convert", a, b, "--to", "lerobot", *words]) == 0
    assert main(["convert", b, c]) == 0


def assert_same(old_path, new_path):
    with EpisodeReader(old_path) as old, EpisodeReader(new_path) as new:
        for name in ("positions", "velocities", "efforts", "actions", "stamps_ns", "sources",
                     "action_stamps_ns", "row_stamps_ns"):  # fmt: skip
            np.testing.assert_array_equal(getattr(old, name), getattr(new, name), err_msg=name)
        for camera in old.cameras:
            stamps = old.image_stamps_ns(camera), new.image_stamps_ns(camera)
            np.testing.assert_array_equal(*stamps)
            assert old.frame_counts(camera) == new.frame_counts(camera)
        told = ("task", "verdict", "judge", "labels", "seed", "disturbance", "sim", "rate_hz",
                "joint_names", "joint_units", "skipped_ticks", "skipped_reason",
                "software_version")  # fmt: skip
        for name in told:
            assert getattr(old.meta, name) == getattr(new.meta, name), name


@settings(max_examples=5, deadline=None)
@given(data=st.data(), rows=st.integers(1, 4))
def test_any_joints_and_stamps_are_exact(tmp_path_factory, data, rows):
    tmp_path = tmp_path_factory.mktemp("any")
    joints = data.draw(npst.arrays(np.float32, (4, rows, ROBOT.dim), elements=FLOATS))
    joints[[0, 3]] = np.clip(joints[[0, 3]], -0.9, 1.9)  # beyond a turn they are degrees
    stamps = data.draw(npst.arrays(np.int64, (4, rows), elements=STAMPS))
    write(tmp_path / "a", joints, stamps)
    there_and_back(tmp_path)
    assert_same(tmp_path / "a/episode_0.hdf5", tmp_path / "c/episode_0.hdf5")


def test_what_an_episode_says_of_itself_is_kept(tmp_path):
    counts = {"cam_high": FrameCounts(5, 1, 2, 3)}
    random_episode(tmp_path / "a", task="pour", verdict="failure", judge="operator",
                   labels=("spilled", "left hand"), seed=7, skipped_ticks=2, frames=counts,
                   skipped_reason="no image", software_version="0.1")  # fmt: skip
    random_episode(tmp_path / "a", seed=1, task="stir", verdict="success", judge="task")
    there_and_back(tmp_path)
    for i in range(2):
        assert_same(tmp_path / f"a/episode_{i}.hdf5", tmp_path / f"c/episode_{i}.hdf5")
    with EpisodeReader(tmp_path / "c/episode_1.hdf5") as reader:
        assert reader.meta.origin.endswith(f"LeRobot v3.0 dataset {tmp_path / 'b'}, 1")


@pytest.mark.parametrize("size_px", [(48, 64), (47, 63)])
def test_images_within_the_error_of_the_codec(tmp_path, size_px):
    rng = np.random.default_rng(0)
    for _ in range(2):
        joints = rng.uniform(-1, 1, (4, 5, ROBOT.dim))
        write(tmp_path / "a", joints, np.zeros((4, 5), int), size_px=size_px)
    there_and_back(tmp_path)
    # An encoder of AV1 has once made this process, and all it started, a real-time one.
    assert os.sched_getscheduler(0) == os.SCHED_OTHER
    for i in range(2):
        with (
            EpisodeReader(tmp_path / f"a/episode_{i}.hdf5") as old,
            EpisodeReader(tmp_path / f"c/episode_{i}.hdf5") as new,
        ):
            for row in range(5):
                ours, theirs = old.image("cam_high", row), new.image("cam_high", row)
                error = np.mean((ours.astype(float) - theirs) ** 2)
                assert 10 * np.log10(255**2 / error) > 36, "a wrong row is below 25 dB"


def test_what_lerobot_reads_is_there(tmp_path):
    for seed in range(3):
        random_episode(tmp_path / "a", seed=seed, rows=4 + seed, verdict="success", task="pour")
    there_and_back(tmp_path)
    info = json.loads((tmp_path / "b/meta/info.json").read_text())
    assert (info["codebase_version"], info["fps"], info["total_frames"]) == ("v3.0", 50, 15)
    assert info["features"]["observation.state"]["names"] == list(ROBOT.columns)
    table = pq.read_table(tmp_path / "b/data/chunk-000/file-000.parquet")
    assert set(table.column_names) == {
        key for key, feature in info["features"].items() if feature["dtype"] != "video"
    }
    assert table["index"].to_pylist() == list(range(15))
    assert table["next.success"].to_pylist() == table["next.done"].to_pylist()
    assert np.flatnonzero(table["next.done"]).tolist() == [3, 8, 14]
    assert table["timestamp"].to_numpy()[4:9] == pytest.approx(np.arange(5) / 50)
    episodes = pq.read_table(tmp_path / "b/meta/episodes/chunk-000/file-000.parquet").to_pylist()
    video = "videos/observation.images.cam_high"
    assert [e["dataset_from_index"] for e in episodes] == [0, 4, 9]
    assert [e[f"{video}/from_timestamp"] for e in episodes] == pytest.approx([0, 0.08, 0.18])
    assert {"stats/action/q99", f"stats/{video[7:]}/mean"} <= set(episodes[0])
    tasks = pq.read_table(tmp_path / "b/meta/tasks.parquet")
    assert json.loads(tasks.schema.metadata[b"pandas"])["index_columns"] == ["task"]
    assert (tmp_path / "b/meta/act_robot.yaml").read_text() == ROBOT.yaml_text


def test_files_are_begun_anew_when_they_are_large(tmp_path, monkeypatch):
    monkeypatch.setattr(layout, "DATA_FILE_MB", 0)
    monkeypatch.setattr(layout, "VIDEO_FILE_MB", 0)
    monkeypatch.setattr(layout, "FILES_PER_CHUNK", 2)
    for seed in range(3):
        random_episode(tmp_path / "a", seed=seed)
    there_and_back(tmp_path)
    data = sorted((tmp_path / "b/data").rglob("*.parquet"))
    assert [str(path.relative_to(tmp_path / "b/data")) for path in data] == [
        "chunk-000/file-000.parquet", "chunk-000/file-001.parquet", "chunk-001/file-000.parquet",
    ]  # fmt: skip
    for i in range(3):
        assert_same(tmp_path / f"a/episode_{i}.hdf5", tmp_path / f"c/episode_{i}.hdf5")


def test_velocities_that_nobody_measured_are_no_feature(tmp_path):
    joints = np.zeros((4, 3, ROBOT.dim))
    joints[1:3] = np.nan
    write(tmp_path / "a", joints, np.zeros((4, 3), int))
    there_and_back(tmp_path)
    info = json.loads((tmp_path / "b/meta/info.json").read_text())
    assert not {"observation.velocity", "observation.effort"} & set(info["features"])
    assert_same(tmp_path / "a/episode_0.hdf5", tmp_path / "c/episode_0.hdf5")


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"cameras": ("cam_low",)}, "have different cameras: "),
        ({"rate_hz": 30.0}, "have different rates: 50.0 and 30.0; "),
        ({"robot_yaml": load_robot("aloha_2").yaml_text}, "have different robot files; "),
    ],
)
def test_one_dataset_is_of_one_kind(tmp_path, capsys, how, message):
    same = {"joint_names": ROBOT.columns, "robot_yaml": ROBOT.yaml_text, "cameras": ("cam_high",)}
    make_episode(tmp_path / "a", num_frames=2, **same)
    make_episode(tmp_path / "a", num_frames=2, **(same | how))
    assert main(["convert", str(tmp_path / "a"), str(tmp_path / "b"), "--to", "lerobot"]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "choose by --episodes" in error
    assert not list(tmp_path.glob("b*"))


def test_the_option_of_another_format_is_refused(tmp_path, capsys):
    random_episode(tmp_path / "a")
    here, there = str(tmp_path / "a"), str(tmp_path / "b")
    assert main(["convert", here, there, "--to", "lerobot", "--jpeg-quality", "90"]) == 1
    assert "--jpeg-quality: LeRobot's images are in videos" in capsys.readouterr().err
    assert not list(tmp_path.glob("b*"))

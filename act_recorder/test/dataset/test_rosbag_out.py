# SPDX-License-Identifier: Apache-2.0
"""`act dataset convert --to rosbag`: what viewers read, and the way back."""

import h5py
import pytest

pytest.importorskip("rosbags")
pytest.importorskip("sensor_msgs")

import cv2  # noqa: E402
import numpy as np  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from rosbags.highlevel import AnyReader  # noqa: E402
from rosbags.interfaces import QosDurability  # noqa: E402

from act_core.episode.frame_counts import FrameCounts  # noqa: E402
from act_core.episode.image_rows import RAW, ImageCodec  # noqa: E402
from act_core.episode.jpeg import encode  # noqa: E402
from act_core.episode.meta import EpisodeMeta  # noqa: E402
from act_core.episode.reader import EpisodeReader  # noqa: E402
from act_core.episode.writer import EpisodeWriter  # noqa: E402
from act_core.observation import JointSample, RawObservation  # noqa: E402
from act_core.robot.robot_file import load_robot  # noqa: E402
from act_core.testing import make_episode  # noqa: E402
from act_recorder.dataset.command import main  # noqa: E402
from act_recorder.dataset.formats.rosbag.bag import Bag  # noqa: E402
from act_recorder.dataset.formats.rosbag.bag_output import BagOutput  # noqa: E402
from act_recorder.dataset.formats.rosbag.episode_bag import (  # noqa: E402
    CameraTopic,
    EpisodeDescription,
    described_rows,
    description_of,
)
from act_recorder.rows.row_matcher import Row  # noqa: E402

pytestmark = pytest.mark.ros

SPEC = load_robot("aloha_sim")
SHAPE = 24, 32
START_NS = 1_700_000_000_123_456_789
DATASETS = (
    "positions", "velocities", "efforts", "actions", "stamps_ns", "action_stamps_ns",
    "row_stamps_ns", "sources",
)  # fmt: skip


def _picture(number):
    picture = np.zeros((*SHAPE, 3), np.uint8)
    picture[..., 0], picture[..., 2] = 230, 5 * number  # red, and bluer with each
    return picture


def _record(folder, image, codec=RAW, num_rows=12):
    """Write an episode with late images that two rows share, and two sources."""
    rng = np.random.default_rng(0)
    meta = EpisodeMeta.for_robot(
        SPEC, sim=True, task="fold", seed=7, labels=("clean", "slow"), software_version="9",
        skipped_ticks=1, skipped_reason="camera 'top' too old",
    )  # fmt: skip
    writer = EpisodeWriter(folder, meta, {"top": SHAPE}, codec)
    for k in range(num_rows):
        row_ns = START_NS + (k + (k > 5)) * SPEC.period_ns
        velocities = np.full(14, np.nan)
        velocities[:7] = rng.normal(size=7)
        efforts = np.full(14, np.nan) if k % 2 else rng.normal(size=14)
        joints = JointSample(row_ns - 3_000_001, _pose(rng), velocities, efforts)
        observation = RawObservation(
            joints, {"top": image(k // 2)}, {"top": START_NS + k // 2 * 40_000_000 - 61_000_000}
        )
        source = "intervention" if k in (3, 4) else "policy"
        writer.append(observation, _pose(rng), row_ns - 7, time_ns=row_ns, source=source)
    frames = {"top": FrameCounts(num_rows // 2, num_rows // 2, 3, 1)}
    return writer.finish(verdict="failure", judge="operator", frames=frames)


def _pose(rng):
    return np.clip(SPEC.start + rng.normal(scale=0.1, size=14), SPEC.lower, SPEC.upper)


def _convert(*words):
    assert main(["convert", *map(str, words)]) == 0


def _there_and_back(tmp_path, *words):
    _convert(tmp_path / "in", tmp_path / "bags", "--to", "rosbag", *words)
    _convert(tmp_path / "bags", tmp_path / "back")
    return EpisodeReader(tmp_path / "in" / "episode_0.hdf5"), EpisodeReader(
        tmp_path / "back" / "episode_0.hdf5"
    )


@pytest.mark.parametrize("words", [(), ("--jpeg-quality", "90"), ("--jpeg-quality", "0")])
@pytest.mark.parametrize("codec", [ImageCodec(), ImageCodec(95), ImageCodec(95, "bgr")])
def test_an_episode_comes_back_as_it_was(codec, words, tmp_path):
    _record(tmp_path / "in", _picture, codec)
    before, after = _there_and_back(tmp_path, *words)
    with before, after:
        for name in DATASETS:
            np.testing.assert_array_equal(getattr(after, name), getattr(before, name), name)
        np.testing.assert_array_equal(after.image_stamps_ns("top"), before.image_stamps_ns("top"))
        assert after.frame_counts("top") == before.frame_counts("top")
        old, new = before.meta, after.meta
        assert new.origin == f"converted from {tmp_path}/in/episode_0.hdf5"
        for name in ("task", "seed", "labels", "verdict", "judge", "sim", "robot_yaml",
                     "skipped_ticks", "skipped_reason", "software_version"):  # fmt: skip
            assert getattr(new, name) == getattr(old, name), name
        worst = max(
            np.abs(after.image("top", i).astype(int) - before.image("top", i)).max()
            for i in range(after.num_frames)
        )
        kept = not words and (not codec.is_jpeg or codec.order == "bgr")
        assert worst == 0 if kept else worst < 12


def test_a_camera_s_own_jpegs_pass_byte_by_byte(tmp_path):
    jpegs = [encode(_picture(k), 80, "bgr") for k in range(6)]
    _record(tmp_path / "in", lambda k: jpegs[k], ImageCodec(80))
    before, after = _there_and_back(tmp_path)
    with before, after:
        assert [after.stored_image("top", i).data for i in range(12)] == [
            jpegs[i // 2].data for i in range(12)
        ]


def _messages(bag):
    """Return topic → (time, message), by the reader that rosbags offers for any bag."""
    found = {}
    with AnyReader([bag]) as reader:
        for connection, time_ns, data in reader.messages():
            message = reader.deserialize(data, connection.msgtype)
            found.setdefault(connection.topic, []).append((time_ns, message))
    return found


def test_joints_go_by_the_robot_s_names_and_units_and_images_once_each(tmp_path):
    _record(tmp_path / "in", _picture)
    _convert(tmp_path / "in", tmp_path / "bags", "--to", "rosbag")
    found = _messages(tmp_path / "bags" / "episode_0")
    assert set(found) == {
        "/episode/description", "/joint_states", "/joint_commands", "/top/image_raw"
    }  # fmt: skip
    with EpisodeReader(tmp_path / "in" / "episode_0.hdf5") as episode:
        for i, (time_ns, message) in enumerate(found["/joint_states"]):
            assert time_ns == episode.row_stamps_ns[i]
            assert tuple(message.name) == SPEC.state.names
            assert message.position[6] == pytest.approx(  # metres between the fingers' ends
                0.01844 + (0.058 - 0.01844) * float(episode.positions[i, 6]), abs=1e-9
            )
            assert len(message.velocity) == 14
            assert len(message.effort) == (0 if i % 2 else 14)
            stamp = message.header.stamp
            assert stamp.sec * 10**9 + stamp.nanosec == episode.stamps_ns[i]
    commands = [message for _, message in found["/joint_commands"]]
    assert [m.header.frame_id for m in commands[2:5]] == ["policy", "intervention", "intervention"]
    images = [message for _, message in found["/top/image_raw"]]
    assert [(m.height, m.width, m.encoding) for m in images] == [(24, 32, "rgb8")] * 6
    assert images[3].data.reshape(24, 32, 3)[0, 0].tolist() == [230, 0, 15]
    assert images[0].header.frame_id == "top_optical_frame"


@pytest.mark.parametrize("order", ["rgb", "bgr"])
def test_every_viewer_sees_red_as_red_in_compressed_images(order, tmp_path):
    _record(tmp_path / "in", _picture, ImageCodec(95, order))
    _convert(tmp_path / "in", tmp_path / "bags", "--to", "rosbag")
    found = _messages(tmp_path / "bags" / "episode_0")
    _, message = found["/top/image_raw/compressed"][0]
    assert message.format == "rgb8; jpeg compressed bgr8"
    blue, green, red = cv2.imdecode(message.data, cv2.IMREAD_COLOR)[10, 10]
    assert red > 220 > 20 > max(blue, green)


def test_what_is_lost_is_told(tmp_path, capsys):
    path = _record(tmp_path / "in", _picture, ImageCodec(95))
    with h5py.File(path, "r+") as file:
        file["base_action"] = np.zeros((12, 2))
    _convert(tmp_path / "in", tmp_path / "bags", "--to", "rosbag")
    assert (
        "lost: /base_action, which no message is defined for; image detail, by JPEG anew: red and "
        "blue are swapped in the files\n" in capsys.readouterr().out
    )


def test_the_description_reaches_who_subscribes_later(tmp_path):
    _record(tmp_path / "in", _picture)
    _convert(tmp_path / "in", tmp_path / "bags", "--to", "rosbag")
    with AnyReader([tmp_path / "bags" / "episode_0"]) as reader:
        (connection,) = (c for c in reader.connections if c.topic == "/episode/description")
        assert connection.ext.offered_qos_profiles[0].durability is QosDurability.TRANSIENT_LOCAL
    text = (tmp_path / "bags" / "episode_0" / "metadata.yaml").read_text()
    for line in (
        "version: 9",
        "storage_identifier: mcap",
        "- episode_0.mcap",
        "reliability: reliable",
    ):
        assert line in text


def test_an_episode_that_names_no_robot_is_refused(tmp_path, capsys):
    path = make_episode(tmp_path / "in")
    assert main(["convert", str(tmp_path / "in"), str(tmp_path / "out"), "--to", "rosbag"]) == 1
    assert capsys.readouterr().err == (
        f"act dataset convert: error: {path}: does not say which robot it is of, and so not how "
        "its joints are called on topics; name it (--robot)\n"
    )
    assert not (tmp_path / "out").exists()


def test_rows_that_go_back_in_time_are_refused(tmp_path, capsys):
    path = _record(tmp_path / "in", _picture)
    with h5py.File(path, "r+") as file:
        file["stamps/row"][5] -= 10**9
    assert main(["convert", str(tmp_path / "in"), str(tmp_path / "out"), "--to", "rosbag"]) == 1
    assert capsys.readouterr().err.endswith(
        f"error: {path}: a row is 0.98 s before the one ahead of it, which a recording cannot be\n"
    )
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out.partial").exists()


def test_a_recording_that_lost_rows_is_refused(tmp_path, capsys):
    described = EpisodeDescription(EpisodeMeta.for_robot(SPEC, sim=True), 3, {})
    with BagOutput(tmp_path / "bag", SPEC, described, None) as out:
        for k in range(2):
            out.write(_row(k, np.full(14, 0.25), {}))
    assert main(["convert", str(tmp_path / "bag"), str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.endswith(
        f"error: {tmp_path}/bag: 2 commands, expected one for each of 3 rows\n"
    )


def _row(k, positions, images):
    stamp_ns = START_NS + k
    joints = JointSample(stamp_ns, positions, np.full(14, np.nan), np.full(14, np.nan))
    observation = RawObservation(joints, images, dict.fromkeys(images, stamp_ns))
    return Row(observation, positions, stamp_ns, stamp_ns, "")


# Grippers nearer to closed than 1e-9 of their range come back within 1e-16 of it.
COLUMN = st.one_of(st.just(0.0), st.floats(2**-30, 1.0, width=32))


@settings(max_examples=30, deadline=None)
@given(st.lists(COLUMN, min_size=14, max_size=14))
def test_joints_of_a_file_come_back_exactly(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("bags") / "bag"
    positions = np.array(values, np.float32)
    described = EpisodeDescription(EpisodeMeta.for_robot(SPEC, sim=True), 1, {})
    with BagOutput(path, SPEC, described, None) as out:
        out.write(_row(0, positions, {}))
    with Bag(path) as bag:
        (row,) = described_rows(bag, description_of(bag))
    np.testing.assert_array_equal(row.observation.joints.positions.astype(np.float32), positions)
    np.testing.assert_array_equal(row.action.astype(np.float32), positions)


def test_images_of_one_stamp_that_differ_are_both_kept(tmp_path):
    cameras = {"top": CameraTopic("top/image_raw", *SHAPE, is_jpeg=False)}
    described = EpisodeDescription(EpisodeMeta.for_robot(SPEC, sim=True), 2, cameras)
    with BagOutput(tmp_path / "bag", SPEC, described, None) as out:
        for k in range(2):
            row = _row(0, SPEC.start, {"top": _picture(k)})
            out.write(row)
    with Bag(tmp_path / "bag") as bag:
        blues = [r.observation.images["top"][0, 0, 2] for r in described_rows(bag, described)]
    assert blues == [0, 5]

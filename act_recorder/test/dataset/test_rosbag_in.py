# SPDX-License-Identifier: Apache-2.0
"""`act dataset convert` from recordings of `ros2 bag`, and what it says of those it cannot use."""

import pytest

pytest.importorskip("rosbags")
pytest.importorskip("sensor_msgs")

import numpy as np  # noqa: E402
from lab_bag import START_NS, jpeg, lab_messages, lab_robot, write_bag  # noqa: E402
from rosbags.rosbag2 import StoragePlugin  # noqa: E402

from act_core.episode.find_episodes import find_episodes  # noqa: E402
from act_core.episode.reader import EpisodeReader  # noqa: E402
from act_core.errors import EpisodeError  # noqa: E402
from act_core.images.pixels import CompressedPixels  # noqa: E402
from act_core.robot.robot_file import parse_robot  # noqa: E402
from act_recorder.dataset.command import main  # noqa: E402
from act_recorder.dataset.formats.rosbag.bag import COMPRESSED_IMAGE, JOINT_STATE, Topic  # noqa: E402
from act_recorder.dataset.formats.rosbag.bag_topics import choose_topics  # noqa: E402

pytestmark = pytest.mark.ros

SPEC = lab_robot()
IMAGES = "camera/color/image_raw/compressed"


@pytest.fixture(scope="module")
def robot(tmp_path_factory):
    path = tmp_path_factory.mktemp("robot") / "lab.yaml"
    path.write_text(SPEC.yaml_text)
    return str(path)


@pytest.fixture(scope="module")
def bag(tmp_path_factory):
    return write_bag(tmp_path_factory.mktemp("bags") / "monday", lab_messages(SPEC, 2.0))


def _convert(bag, out, *words):
    return main(["convert", str(bag), str(out), *map(str, words)])


def _refusal(capsys, bag, out, *words):
    capsys.readouterr()
    assert _convert(bag, out, *words) == 1
    error = capsys.readouterr().err
    assert not out.exists()
    last = error.rsplit("act dataset convert: error: ", 1)[1]
    assert last.count("\n") == 1
    return last.rstrip("\n")


@pytest.mark.parametrize("storage", list(StoragePlugin))
def test_a_lab_s_recording_becomes_an_episode(storage, robot, tmp_path, capsys):
    bag = write_bag(tmp_path / "bag", lab_messages(SPEC, 2.0), storage)
    assert _convert(bag, tmp_path / "out", "--robot", robot, "--task", "fold") == 0
    said = capsys.readouterr().out
    assert "rosbag → aloha, 1 episodes" in said
    assert (
        "joint states: follower_left/joint_states, follower_right/joint_states, joined as the arm "
        "bridge does" in said
    )
    assert "actions: joint_commands\n" in said
    assert f"cameras: top from {IMAGES}\n" in said
    with EpisodeReader(tmp_path / "out" / "episode_0.hdf5") as episode:
        meta = episode.meta
        assert (meta.task, meta.sim, meta.verdict, meta.complete) == ("fold", False, "", True)
        assert meta.origin == f"recording {bag}"
        assert meta.skipped_ticks == 0
        assert meta.robot.columns == SPEC.columns
        rows = episode.num_frames
        assert rows == pytest.approx(100, abs=8)
        assert set(episode.sources) == {"teleop"}
        # The JPEGs are the camera's own, and still red.
        assert episode.is_jpeg
        sent = {bytes(jpeg(k, 0).data) for k in range(60)}
        assert all(episode.stored_image("top", i).data in sent for i in range(rows))
        assert episode.image("top", 0)[10, 10, 0] > 200
        counts = episode.frame_counts("top")
        assert counts.frames_used + counts.frames_repeated == rows


def test_one_file_and_a_folder_without_its_description_are_read(bag, robot, tmp_path):
    file = bag / "monday.mcap"
    assert _convert(file, tmp_path / "from_file", "--robot", robot) == 0
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "x.mcap").write_bytes(file.read_bytes())
    assert _convert(tmp_path / "bare", tmp_path / "from_folder", "--robot", robot) == 0
    with (
        EpisodeReader(tmp_path / "from_file" / "episode_0.hdf5") as one,
        EpisodeReader(tmp_path / "from_folder" / "episode_0.hdf5") as other,
    ):
        np.testing.assert_array_equal(one.row_stamps_ns, other.row_stamps_ns)


def test_several_recordings_are_several_episodes_by_name(robot, tmp_path):
    for name, seconds in (("b", 1.0), ("a", 0.6), ("c", 0.8)):
        write_bag(tmp_path / "bags" / name, lab_messages(SPEC, seconds))
    assert _convert(tmp_path / "bags", tmp_path / "all", "--robot", robot) == 0
    rows = []
    for path in find_episodes(tmp_path / "all"):
        with EpisodeReader(path) as episode:
            rows.append(episode.num_frames)
    assert rows[0] < rows[2] < rows[1]
    assert _convert(tmp_path / "bags", tmp_path / "one", "--robot", robot, "--episodes", "1") == 0
    with EpisodeReader(tmp_path / "one" / "episode_0.hdf5") as episode:
        assert episode.num_frames == rows[1]


def test_a_robot_has_to_be_named(bag, tmp_path, capsys):
    assert _refusal(capsys, bag, tmp_path / "out") == (
        f"{bag}: a recording does not say which robot it is of; name it (--robot)"
    )


def test_missing_topics_are_named_beside_those_there_are(bag, tmp_path, capsys):
    assert _refusal(capsys, bag, tmp_path / "out", "--robot", "aloha_sim") == (
        f"{bag}: robot 'aloha_sim' needs topics that have no message: joint_states (did you mean "
        "'leader_left/joint_states'?); top/image_raw. There are: "
        f"{IMAGES}, follower_left/joint_states, follower_right/joint_states, joint_commands, "
        "leader_left/joint_states, leader_right/joint_states"
    )


def test_leaders_are_offered_where_there_are_no_commands(robot, tmp_path, capsys):
    bag = write_bag(tmp_path / "bag", lab_messages(SPEC, 1.0, commands=False))
    assert _refusal(capsys, bag, tmp_path / "out", "--robot", robot) == (
        f"{bag}: robot '{SPEC.name}' needs topics that have no message: joint_commands. "
        f"There are: {IMAGES}, follower_left/joint_states, follower_right/joint_states, "
        "leader_left/joint_states, leader_right/joint_states. No joint_commands, but its leaders: "
        "--action leader takes their joints for the actions"
    )
    assert _convert(bag, tmp_path / "out", "--robot", robot, "--action", "leader") == 0
    assert (
        "actions of the leaders, within the follower's limits: leader_left/joint_states, "
        "leader_right/joint_states, joined as the arm bridge does" in capsys.readouterr().out
    )
    with EpisodeReader(tmp_path / "out" / "episode_0.hdf5") as episode:
        assert set(episode.sources) == {"leader"}


def test_a_topic_of_another_type_is_refused():
    found = dict.fromkeys(
        ("joint_commands", "follower_left/joint_states", "follower_right/joint_states"),
        Topic(JOINT_STATE, 5),
    )
    found[IMAGES] = Topic("theora_image_transport/msg/Packet", 5)
    with pytest.raises(EpisodeError, match=(
        f"^bag: {IMAGES} is theora_image_transport/msg/Packet, expected sensor_msgs/msg/Image or "
        "sensor_msgs/msg/CompressedImage$"
    )):  # fmt: skip
        choose_topics(found, SPEC, "bag")
    found[IMAGES] = Topic(COMPRESSED_IMAGE, 0)
    with pytest.raises(EpisodeError, match=rf"needs .*: {IMAGES} \(recorded, but empty\)\. There"):
        choose_topics(found, SPEC, "bag")


def test_a_raw_camera_of_which_only_the_compressed_topic_was_recorded_is_found():
    found = {
        "joint_states": Topic(JOINT_STATE, 5), "joint_commands": Topic(JOINT_STATE, 5),
        IMAGES: Topic(COMPRESSED_IMAGE, 5),
    }  # fmt: skip
    text = SPEC.yaml_text.replace("/compressed", "").replace(": compressed", ": raw")
    chosen = choose_topics(found, parse_robot(text, "raw"), "bag")
    assert chosen.images == {IMAGES: "top"}
    assert chosen.states.names == ("joint_states",)  # joined already


def test_a_recording_that_was_cut_off_says_what_mends_it(bag, robot, tmp_path, capsys):
    cut = tmp_path / "cut.mcap"
    whole = (bag / "monday.mcap").read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    assert _refusal(capsys, cut, tmp_path / "out", "--robot", robot) == (
        f"{cut}: cannot be read: file end magic is invalid; a recording that was cut off: `mcap "
        f"recover` makes a whole file of cut.mcap, and `ros2 bag reindex -s mcap {tmp_path}` a "
        "new metadata.yaml"
    )


@pytest.mark.parametrize("size", [0, 5, 100])
@pytest.mark.parametrize("suffix", [".mcap", ".db3"])
def test_files_that_are_none_are_refused(suffix, size, robot, tmp_path, capsys):
    file = tmp_path / f"x{suffix}"
    file.write_bytes(b"\x89MCAP0\r\n"[:size] + b"\0" * max(0, size - 8))
    text = _refusal(capsys, file, tmp_path / "out", "--robot", robot)
    assert text.startswith(f"{file}: ")
    assert "ros2 bag reindex" in text


def test_several_files_without_a_description_are_refused(bag, robot, tmp_path, capsys):
    folder = tmp_path / "split"
    folder.mkdir()
    for i in range(2):
        (folder / f"split_{i}.mcap").write_bytes((bag / "monday.mcap").read_bytes())
    assert _refusal(capsys, folder, tmp_path / "out", "--robot", robot).startswith(
        f"{folder}: cannot be read: no metadata.yaml, and 2 files whose order only it tells; "
    )


def test_a_folder_without_recordings_is_refused(robot, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    text = _refusal(
        capsys, tmp_path / "empty", tmp_path / "out", "--robot", robot, "--from", "rosbag"
    )
    assert text == (
        f"{tmp_path}/empty holds no recording: neither metadata.yaml nor a .mcap or .db3 file, "
        "here or in a folder of it"
    )


def test_a_gap_and_streams_that_never_meet_are_refused_before_anything_is_written(
    robot, tmp_path, capsys
):
    sent = lab_messages(SPEC, 3.0)
    gap = [s for s in sent if s[0] != IMAGES or not 1 < (s[1] - START_NS) / 1e9 < 2]
    bag = write_bag(tmp_path / "gap", gap)
    text = _refusal(capsys, bag, tmp_path / "out", "--robot", robot)
    assert text.startswith(f"{bag}: no row for 0.52 s (limit 0.5 s, max_gap_s): camera 'top': ")
    assert _convert(bag, tmp_path / "out", "--robot", robot, "--max-gap-s", "3") == 0
    assert "ticks have no row, most of them since camera 'top' too old" in capsys.readouterr().out
    with EpisodeReader(tmp_path / "out" / "episode_0.hdf5") as episode:
        ticks = np.diff(episode.row_stamps_ns) / SPEC.period_ns
        assert episode.meta.skipped_ticks == (ticks - 1).sum() > 25
        assert episode.meta.skipped_reason == "camera 'top' too old"


def test_a_damaged_image_among_good_ones_costs_what_it_costs_the_recorder(robot, tmp_path):
    sent = lab_messages(SPEC, 1.0)
    which = [i for i, s in enumerate(sent) if s[0] == IMAGES][12]
    bad = jpeg(12, START_NS + 4 * 10**8)
    bad.data = bad.data[:-40]
    bad.header = sent[which][2].header
    sent[which] = (IMAGES, sent[which][1], bad)
    bag = write_bag(tmp_path / "bag", sent)
    assert _convert(bag, tmp_path / "out", "--robot", robot) == 0
    with EpisodeReader(tmp_path / "out" / "episode_0.hdf5") as episode:
        assert episode.meta.skipped_ticks == 0  # the one before was used once more
        for i in range(episode.num_frames):
            CompressedPixels(episode.stored_image("top", i).data).check("image")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--degrees",), "--degrees: a recording's joints have names and are in rad"),
        (("--base",), "--base: a recording's joints have names and are in rad"),
        (("--urdf", "x"), "--urdf: frames are written to recordings, not to aloha"),
    ],
)
def test_options_of_other_formats_are_refused(words, text, bag, robot, tmp_path, capsys):
    assert _refusal(capsys, bag, tmp_path / "out", "--robot", robot, *words) == text


def test_options_for_recordings_are_refused_for_other_sources(bag, robot, tmp_path, capsys):
    assert _convert(bag, tmp_path / "hdf5", "--robot", robot) == 0
    text = _refusal(capsys, tmp_path / "hdf5", tmp_path / "out", "--action", "leader")
    assert text == "--action and --max-gap-s are for recordings, and this is aloha"

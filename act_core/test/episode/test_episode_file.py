# SPDX-License-Identifier: Apache-2.0
"""Episodes written and read back; what happens to them after a crash: test_episode_crash.py."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from act_core.episode import writer as writer_module
from act_core.episode.find_episodes import find_episodes
from act_core.episode.image_rows import ImageCodec
from act_core.episode.meta import EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.episode.writer import EpisodeWriter, check_folder
from act_core.errors import EpisodeError
from act_core.robot.robot_file import load_robot
from act_core.testing import make_episode, make_observation

SHAPES = {"top": (24, 32), "angle": (12, 16)}


def _meta(**more):
    return EpisodeMeta(("a", "b"), ("rad", "1"), 20.0, "name: r\n", sim=True, **more)


def _observations(count=5):
    rng = np.random.default_rng(0)
    return [make_observation(50_000_000 * i, 2, SHAPES, rng) for i in range(count)]


def _write(directory, observations, **ending):
    writer = EpisodeWriter(directory, _meta(task="t", seed=2**40, disturbance=0.5), SHAPES)
    for index, observation in enumerate(observations):
        writer.append(observation, np.array([index, -index]), observation.stamp_ns + 1)
    return writer.finish(**ending)


def test_a_robot_without_cameras_has_nothing_to_compress(tmp_path):
    writer = EpisodeWriter(tmp_path, _meta(), {}, ImageCodec(95))
    writer.append(make_observation(0, 2, {}, np.random.default_rng(0)), np.zeros(2), 1)
    with EpisodeReader(writer.finish()) as reader:
        assert (reader.num_frames, reader.cameras, reader.is_jpeg) == (1, (), False)


def test_rows_come_back_as_they_went_in(tmp_path):
    observations = _observations()
    path = _write(tmp_path / "new" / "folder", observations, verdict="success", skipped_ticks=3)
    assert path.name == "episode_0.hdf5"
    with EpisodeReader(path) as reader:
        assert reader.num_frames == 5
        assert reader.cameras == ("angle", "top")
        assert reader.image_shape("angle") == (12, 16)
        for i, observation in enumerate(observations):
            joints = observation.joints
            assert reader.stamps_ns[i] == observation.stamp_ns
            np.testing.assert_array_equal(reader.positions[i], joints.positions.astype("f4"))
            np.testing.assert_array_equal(reader.velocities[i], joints.velocities.astype("f4"))
            np.testing.assert_array_equal(reader.actions[i], [i, -i])
            for camera in SHAPES:
                np.testing.assert_array_equal(reader.image(camera, i), observation.images[camera])
    with h5py.File(path) as file:
        assert file["observations/effort"][3].tolist() == pytest.approx(
            observations[3].joints.efforts.astype("f4").tolist()
        )
        assert file["stamps/images/top"][:].tolist() == [o.stamp_ns for o in observations]
        assert file["stamps/action"][:].tolist() == [o.stamp_ns + 1 for o in observations]


def test_description_comes_back_complete(tmp_path):
    path = _write(tmp_path, _observations(1), verdict="success", skipped_ticks=3)
    expected = _meta(
        task="t", seed=2**40, disturbance=0.5, verdict="success", complete=True, skipped_ticks=3
    )
    with EpisodeReader(path) as reader:
        assert reader.meta == expected


def test_robot_comes_back_out_of_the_file(tmp_path):
    spec = load_robot("aloha_2")
    meta = EpisodeMeta.for_robot(spec, sim=False)
    path = EpisodeWriter(tmp_path, meta, {}).finish(verdict="failure")
    with EpisodeReader(path) as reader:
        assert reader.meta.robot == spec
        assert reader.meta.joint_units[:7] == ("rad",) * 6 + ("1",)
        assert reader.num_frames == 0


def test_index_is_the_first_free_one_and_partial_files_keep_theirs(tmp_path):
    for index in (0, 1):
        assert make_episode(tmp_path, num_frames=1).name == f"episode_{index}.hdf5"
    running = EpisodeWriter(tmp_path, _meta(), {})
    assert running.partial_path.name == "episode_2.hdf5.partial"
    assert make_episode(tmp_path, num_frames=1).name == "episode_3.hdf5"
    (tmp_path / "episode_0.hdf5").unlink()
    assert make_episode(tmp_path, num_frames=1).name == "episode_0.hdf5"
    assert running.finish(verdict="success").name == "episode_2.hdf5"


def test_episodes_are_found_in_order_of_their_number(tmp_path):
    for index in (10, 9, 2):
        (tmp_path / f"episode_{index}.hdf5").touch()
    for other in ("episode_3.hdf5.partial", "episode_x.hdf5", "readme.txt"):
        (tmp_path / other).touch()
    assert [p.name for p in find_episodes(tmp_path)] == [
        f"episode_{i}.hdf5" for i in (2, 9, 10)
    ]  # fmt: skip


def test_a_folder_without_episodes_is_named(tmp_path):
    with pytest.raises(EpisodeError, match=f"dataset folder {tmp_path} holds no episode_<i>"):
        find_episodes(tmp_path)
    with pytest.raises(EpisodeError, match=f"dataset folder {tmp_path}/x does not exist"):
        find_episodes(tmp_path / "x")


def test_discard_leaves_nothing_and_frees_the_index(tmp_path):
    writer = EpisodeWriter(tmp_path, _meta(), SHAPES)
    writer.append(_observations(1)[0], np.zeros(2), 0)
    writer.discard()
    assert list(tmp_path.iterdir()) == []


def test_kept_partial_is_readable_and_says_that_it_is_not_complete(tmp_path):
    writer = EpisodeWriter(tmp_path, _meta(), SHAPES)
    for observation in _observations(3):
        writer.append(observation, np.zeros(2), 0)
    path = writer.keep_partial()
    assert path == tmp_path / "episode_0.hdf5.partial"
    with EpisodeReader(path) as reader:
        assert reader.num_frames == 3
        assert not reader.meta.complete
        assert not reader.meta.success


def test_row_cut_off_in_the_middle_does_not_count(tmp_path):
    writer = EpisodeWriter(tmp_path, _meta(), SHAPES)
    for observation in _observations(3):
        writer.append(observation, np.ones(2), 7)
    path = writer.keep_partial()
    with h5py.File(path, "r+") as file:
        file["observations/images/top"].resize(2, axis=0)
    with EpisodeReader(path) as reader:
        assert reader.num_frames == 2
        arrays = (reader.positions, reader.velocities, reader.actions, reader.stamps_ns)
        assert {len(array) for array in arrays} == {2}


def test_complete_episode_with_rows_of_different_number_is_refused(tmp_path):
    path = make_episode(tmp_path, num_frames=3)
    with h5py.File(path, "r+") as file:
        file["observations/qpos"].resize(2, axis=0)
    with pytest.raises(EpisodeError) as caught:
        EpisodeReader(path)
    assert str(caught.value) == (
        f"{path}: /observations/qpos has 2 rows and /action has 3, expected one number of rows "
        "in all"
    )


def test_image_of_another_size_is_refused_before_anything_is_written(tmp_path):
    writer = EpisodeWriter(tmp_path, _meta(), {"top": (24, 31)})
    with pytest.raises(EpisodeError) as caught:
        writer.append(_observations(1)[0], np.zeros(2), 0)
    assert str(caught.value) == (
        "camera 'top': got an image of shape (24, 32, 3), expected (24, 31, 3)"
    )
    with EpisodeReader(writer.keep_partial()) as reader:
        assert reader.num_frames == len(reader.stamps_ns) == 0


def test_finish_does_not_overwrite_somebody_elses_file(tmp_path):
    writer = EpisodeWriter(tmp_path, _meta(), {})
    (tmp_path / "episode_0.hdf5").write_text("other")
    with pytest.raises(EpisodeError, match=r"episode_0.hdf5 exists; the episode stays .*partial"):
        writer.finish(verdict="success")
    assert (tmp_path / "episode_0.hdf5").read_text() == "other"
    assert writer.partial_path.exists()


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(EpisodeError, match=f"cannot create an episode in {tmp_path}/file/x: "):
        EpisodeWriter(tmp_path / "file" / "x", _meta(), {})


def test_reader_names_what_is_wrong_with_a_file(tmp_path):
    path = tmp_path / "episode_0.hdf5"
    with pytest.raises(EpisodeError, match=f"{path}: cannot be opened"):
        EpisodeReader(path)
    path.write_bytes(b"not hdf5")
    with pytest.raises(EpisodeError, match=f"{path}: cannot be opened"):
        EpisodeReader(path)
    with h5py.File(path, "w") as file:
        file["action"] = np.zeros((1, 2))
    with pytest.raises(EpisodeError, match=f"{path}: no /observations/qpos; not an episode of"):
        EpisodeReader(path)
    with h5py.File(path, "w") as file:
        for name in ("meta", "action", "observations/qpos", "observations/images"):
            file.create_group(name)
    with pytest.raises(EpisodeError, match=f"{path}: no /action; not an episode of this suite"):
        EpisodeReader(path)


def test_reader_refuses_another_version_and_a_lacking_attribute(tmp_path):
    path = _write(tmp_path, _observations(1), verdict="success")
    with h5py.File(path, "a") as file:
        del file["meta"].attrs["rate_hz"]
    with pytest.raises(EpisodeError, match=f"{path}: .*key 'rate_hz' is missing"):
        EpisodeReader(path)
    with h5py.File(path, "a") as file:
        file["meta"].attrs["format_version"] = 4
    with pytest.raises(EpisodeError, match=f"{path}: format version 4, .* reads 1, 2, 3"):
        EpisodeReader(path)


def test_unknown_camera_is_answered_with_those_there_are(tmp_path):
    with (
        EpisodeReader(_write(tmp_path, _observations(1), verdict="success")) as reader,
        pytest.raises(EpisodeError, match="no camera 'tap'; has angle, top"),
    ):
        reader.image("tap", 0)


def test_what_was_not_measured_stays_not_measured(tmp_path):
    observation = _observations(1)[0]
    observation.joints.velocities[:], observation.joints.efforts[0] = np.nan, np.nan
    with EpisodeReader(_write(tmp_path, [observation], verdict="success")) as reader:
        assert np.isnan(reader.velocities).all()
    with h5py.File(reader.path) as file:
        assert np.isnan(file["observations/effort"][0]).tolist() == [True, False]


def test_a_row_has_the_time_of_its_tick_and_an_episode_why_ticks_have_none(tmp_path):
    writer = EpisodeWriter(tmp_path, _meta(), SHAPES)
    writer.append(_observations(1)[0], np.zeros(2), 5, time_ns=77)
    path = writer.finish(verdict="failure", skipped_ticks=3, skipped_reason="camera 'top' too old")
    with EpisodeReader(path) as reader, h5py.File(path) as file:
        assert file["stamps/row"][:].tolist() == [77]
        assert reader.action_stamps_ns.tolist() == [5]
        assert (reader.meta.skipped_ticks, reader.meta.skipped_reason) == (
            3, "camera 'top' too old"
        )  # fmt: skip


@pytest.mark.parametrize("version", [1, 2, 3])
def test_files_of_every_version_are_still_read(version):
    path = Path(__file__).parent / "data" / f"episode_v{version}.hdf5"
    with EpisodeReader(path) as reader:
        assert (reader.meta.format_version, reader.num_frames) == (version, 3)
        assert reader.cameras == ("top",)
        assert reader.meta.success
        assert len(reader.row_stamps_ns) == 3
        assert reader.image("top", 2).any()


def test_failure_that_nobody_judged_is_no_verdict_in_old_files_of_a_real_robot(tmp_path):
    path = EpisodeWriter(tmp_path, _meta(), {}).finish()
    with h5py.File(path, "r+") as file:
        attributes = file["meta"].attrs
        attributes.update({"format_version": 2, "success": False, "sim": False})
        for name in ("verdict", "judge"):
            del attributes[name]
    with EpisodeReader(path) as reader:
        assert reader.meta.verdict == ""
    with h5py.File(path, "r+") as file:
        file["meta"].attrs["sim"] = True
    with EpisodeReader(path) as reader:
        assert (reader.meta.verdict, reader.meta.judge) == ("failure", "task")


def test_a_folder_is_checked_before_there_is_anything_to_write(tmp_path, monkeypatch):
    check_folder(tmp_path / "new" / "folder")
    assert list((tmp_path / "new" / "folder").iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(EpisodeError, match=r"dataset folder .*/file/d cannot be written to: "):
        check_folder(tmp_path / "file" / "d")
    monkeypatch.setattr(writer_module, "FREE_BYTES", 2**62)
    with pytest.raises(EpisodeError, match=r"MiB left, expected at least .*; make room or use"):
        check_folder(tmp_path)

# SPDX-License-Identifier: Apache-2.0
"""Files that HDF5 hangs or ends at, and folders whose episodes do not belong together."""

import os
import shutil

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from act_core.episode.checks.check_episode import (
    CHECKS,
    Thoroughness,
    check_episode,
    check_folder,
)
from act_core.episode.checks.check_files import check_files
from act_core.episode.image_rows import ImageCodec
from act_core.testing import make_episode, make_sound_episode, sound_robot
from act_core.testing_damages import describe


@pytest.fixture(scope="module")
def sound_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    for seed in range(4):
        make_sound_episode(folder, num_frames=60, seed=seed)
    return folder


@pytest.fixture
def folder(sound_folder, tmp_path):
    return shutil.copytree(sound_folder, tmp_path / "data")


def between(folder):
    reports = [check_episode(path) for path in sorted(folder.glob("*.hdf5"))]
    return [(f.check.code, f.text) for f in check_folder(folder, reports)]


def test_codes_are_unique_and_every_check_is_explained():
    assert len({check.code for check in CHECKS}) == len(CHECKS)
    assert all(check.meaning.endswith(".") and check.remedy for check in CHECKS)


@pytest.mark.slow
def test_a_file_that_never_comes_back_is_given_up_and_the_others_are_checked(folder):
    os.mkfifo(folder / "episode_9.hdf5")  # to open it waits for a writer
    paths = sorted(folder.glob("*.hdf5"))
    reports = {r.path.name: r for r in check_files(paths, Thoroughness(50), patience_s=3)}
    assert [f.text for f in reports.pop("episode_9.hdf5").findings] == [
        "damaged: HDF5 reads it without end"
    ]
    assert len(reports) == 4
    assert not any(report.findings for report in reports.values())


@pytest.mark.slow
@pytest.mark.timeout(300)
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(st.integers(0, 2**32 - 1), min_size=60, max_size=60, unique=True))
def test_bytes_flipped_or_cut_off_give_findings_and_nothing_else(tmp_path_factory, seeds):
    folder = tmp_path_factory.mktemp("fuzz")
    spec = sound_robot()
    sound = make_episode(
        folder / "sound", num_frames=6, joint_names=spec.columns, robot_yaml=spec.yaml_text
    )
    data = np.fromfile(sound, np.uint8)
    paths = []
    for index, seed in enumerate(seeds):
        rng = np.random.default_rng(seed)
        damaged = data[: rng.integers(len(data))].copy() if rng.random() < 0.2 else data.copy()
        at = rng.integers(0, max(1, len(damaged)), rng.choice([1, 3, 20, 100]))
        damaged[at[at < len(damaged)]] = rng.choice([0, 1, 255, rng.integers(256)])
        paths.append(folder / f"episode_{index}.hdf5")
        damaged.tofile(paths[-1])
    reports = list(check_files(paths, Thoroughness(), patience_s=5))
    assert sorted(report.path for report in reports) == sorted(paths)
    texts = [f.text for report in reports for f in report.findings]
    assert not [text for text in texts if "exit 1" in text]  # an exception nobody has caught


def test_a_folder_of_sound_episodes_has_no_finding(folder):
    assert between(folder) == []


def test_what_does_not_belong_together_is_named(folder):
    describe(rate_hz=30.0)(folder / "episode_1.hdf5")
    describe(task="wave", verdict="failure")(folder / "episode_2.hdf5")
    with h5py.File(folder / "episode_3.hdf5", "r+") as file:
        del file["observations/images/wrist"]
    (folder / "episode_8.hdf5.partial").touch()
    assert between(folder) == [
        ("mixed-rates", "1 of 4 episodes have 30 Hz, most have 50 Hz: episode_1.hdf5"),
        (
            "mixed-cameras",
            "1 of 4 episodes have cameras top 24x32, most have cameras top 24x32, wrist 24x32: "
            "episode_3.hdf5",
        ),
        ("mixed-tasks", "1 of 4 episodes have 'wave', most have 'swing': episode_2.hdf5"),
        ("failures", "1 of 4 episodes: episode_2.hdf5"),
        ("partials", "1 files: episode_8.hdf5.partial"),
    ]


def test_another_robot_is_named(folder):
    with h5py.File(folder / "episode_2.hdf5", "r+") as file:
        text = file["meta"].attrs["robot_yaml"]
        file["meta"].attrs["robot_yaml"] = (
            f"# a remark\n{text.replace('closed: 0.01844', 'closed: 0.02')}"
        )
    with h5py.File(folder / "episode_3.hdf5", "r+") as file:  # limits and poses may change
        file["meta"].attrs["robot_yaml"] = f"# a remark only\n{text.replace('3.14158', '3.0')}"
    assert between(folder) == [
        ("mixed-robots", "1 of 4 episodes have another robot, most have one: episode_2.hdf5")
    ]


def test_a_copy_is_found(folder):
    shutil.copy(folder / "episode_1.hdf5", folder / "episode_7.hdf5")
    assert between(folder) == [("near-duplicates", "episode_1.hdf5, episode_7.hdf5")]


def test_swapped_cameras_and_colours_are_found(folder):
    with h5py.File(folder / "episode_1.hdf5", "r+") as file:
        images = file["observations/images"]
        images.move("top", "other")
        images.move("wrist", "top")
        images.move("other", "wrist")
    with h5py.File(folder / "episode_2.hdf5", "r+") as file:
        images = file["observations/images/top"]
        images[...] = images[()][..., ::-1]
    found = between(folder)
    assert [code for code, _ in found] == ["swapped-cameras", "swapped-colours"]
    assert found[0][1].startswith("episode_1.hdf5: 'top' and 'wrist' (")
    assert found[1][1].startswith("episode_2.hdf5: camera 'top' (")


def test_damaged_jpegs_are_found(tmp_path):
    path = make_sound_episode(tmp_path, codec=ImageCodec(90))
    with h5py.File(path, "r+") as file:
        file["observations/images/top"][7, 300:] = 0
        file["observations/images/wrist"][10, 30:90] = 0
    assert [f"{f.check.code}: {f.text}" for f in check_episode(path).findings] == [
        "damaged-image: camera 'top': row 7: no JPEG image, or a damaged one",
        "damaged-image: camera 'wrist': row 10 cannot be decoded, or has another size",
    ]


def test_few_images_are_enough_to_see_a_frozen_camera(tmp_path):
    path = make_sound_episode(tmp_path)
    with h5py.File(path, "r+") as file:
        file["observations/images/top"][40:] = file["observations/images/top"][40]
    codes = [f.check.code for f in check_episode(path, Thoroughness(num_images=12)).findings]
    assert codes == ["frozen-camera"]

# SPDX-License-Identifier: Apache-2.0
"""A mirrored episode is what the other arm would have done."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from written_episode import CAMERAS, JPEG, ROBOT, SIZE, written

from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.robot.robot_file import load_robot, parse_robot
from act_recorder.dataset.command import main
from act_recorder.dataset.mend.mirror import Mirror, partner, signs

SIZES = dict.fromkeys(CAMERAS, SIZE)
VECTOR = arrays(np.float32, 14, elements=st.floats(-4, 4, width=32))


@given(VECTOR)
def test_twice_is_as_it_was_and_once_is_the_other_arm(values: np.ndarray) -> None:
    mirror = Mirror(ROBOT, SIZES)
    once = mirror.joints(values)
    assert np.array_equal(mirror.joints(once), values)
    # Source: postprocess_episodes.py of act-plus-plus.
    turn = np.array([-1, 1, 1, -1, 1, -1, 1], np.float32)
    assert np.array_equal(once, np.concatenate([turn * values[7:], turn * values[:7]]))


def test_start_and_limits_are_their_own_mirror_image() -> None:
    for name in ("aloha_sim", "aloha_original", "aloha_2"):
        spec = load_robot(name)
        mirror = Mirror(spec, {})
        assert np.array_equal(mirror.joints(spec.start), spec.start)
        lower, upper = mirror.joints(spec.lower), mirror.joints(spec.upper)
        assert np.array_equal(
            np.minimum(lower, upper)[signs(spec) < 0], spec.lower[signs(spec) < 0]
        )


def test_an_episode_changes_sides_with_its_images_and_their_stamps(tmp_path: Path) -> None:
    path = written(tmp_path / "a")
    assert main(["mirror", str(tmp_path / "a"), "--out", str(tmp_path / "b")]) == 0
    with EpisodeReader(path) as old, EpisodeReader(tmp_path / "b" / path.name) as new:
        assert np.array_equal(new.positions[:, 7], -old.positions[:, 0])
        assert np.array_equal(new.actions[:, 1], old.actions[:, 8])
        assert np.array_equal(new.efforts[:, 3], -old.efforts[:, 10])
        assert np.isnan(new.velocities).all()
        left, right = "cam_left_wrist", "cam_right_wrist"
        assert np.array_equal(new.image(left, 3), old.image(right, 3)[:, ::-1])
        assert np.array_equal(new.image("cam_high", 3), old.image("cam_high", 3)[:, ::-1])
        assert np.array_equal(new.image_stamps_ns(left), old.image_stamps_ns(right))
        assert new.sources == old.sources
        assert new.meta.origin == f"mirrored from {path}; the lab"
    assert main(["mirror", str(tmp_path / "b"), "--out", str(tmp_path / "c")]) == 0
    assert main(["diff", str(tmp_path / "a"), str(tmp_path / "c")]) == 0


def test_jpegs_are_flipped_and_stay_what_they_showed(tmp_path: Path) -> None:
    path = written(tmp_path / "a", codec=JPEG)
    assert main(["mirror", str(tmp_path / "a"), "--out", str(tmp_path / "b")]) == 0
    with EpisodeReader(path) as old, EpisodeReader(tmp_path / "b" / path.name) as new:
        assert new.is_jpeg
        shown, was = new.image("cam_high", 5), old.image("cam_high", 5)[:, ::-1]
        assert np.abs(shown.astype(int) - was).max() <= 6


def test_cameras_find_their_partner_by_name() -> None:
    sizes = {"left_wrist": (4, 4), "right_wrist": (4, 4), "top": (8, 8), "left_side": (4, 4)}
    assert partner("right_wrist", sizes) == "left_wrist"
    assert partner("top", sizes) == "top"
    with pytest.raises(EpisodeError) as caught:
        partner("left_side", sizes)
    assert str(caught.value) == (
        "camera 'left_side' has no partner 'right_side' in a mirror; cameras: left_wrist, "
        "right_wrist, top, left_side"
    )
    with pytest.raises(EpisodeError, match="differ in size and cannot change places$"):
        partner("left_wrist", {"left_wrist": (4, 4), "right_wrist": (4, 5)})


def test_robots_that_have_no_mirror_image_are_refused(tmp_path: Path, capsys) -> None:
    with pytest.raises(EpisodeError, match=r"^robot 'ros2_control_arm' has 1 arm\(s\), a mirror"):
        signs(load_robot("ros2_control_arm"))
    text = ROBOT.yaml_text
    uneven = text.replace("    joints: *joints\n", "", 1).replace(
        "  - name: left\n",
        "  - name: left\n    joints: [{name: waist, limits_rad: [-1, 1], max_velocity_rad_s: 1}]\n"
        "    start: {waist: 0.0, gripper: 0.0}\n    sleep: {waist: 0.0, gripper: 0.0}\n",
    ).replace("    start: *start\n    sleep: *sleep\n", "", 1)  # fmt: skip
    with pytest.raises(EpisodeError, match="arms 'left' and 'right' have different joints, so"):
        signs(parse_robot(uneven, "uneven"))
    unsaid = parse_robot(text.replace(", mirrored: true", ""), "unsaid")
    written(tmp_path / "a", spec=unsaid)
    words = ["mirror", str(tmp_path / "a"), "--out", str(tmp_path / "b")]
    assert main(words) == 1
    assert capsys.readouterr().err == (
        "act dataset mirror: error: robot 'aloha_2' does not say whether waist, forearm_roll, "
        "wrist_rotate turn the other way in a mirror; add `mirrored: true` or `mirrored: false` "
        "to these joints in a copy of its file and name that with --robot\n"
    )
    assert not list(tmp_path.glob("b*"))
    assert main([*words, "--robot", "aloha_2"]) == 0


def test_a_damaged_image_is_named_with_its_file(tmp_path: Path, capsys) -> None:
    path = written(tmp_path / "a", codec=JPEG)
    with h5py.File(path, "r+") as file:
        file["observations/images/cam_high"][2, 2:-200] = 7
        file["observations/images/cam_high"][2, -2:] = (0xFF, 0xD9)
    assert main(["mirror", str(path), "--out", str(tmp_path / "b")]) == 1
    assert f"error: {path}: camera 'cam_high': " in capsys.readouterr().err
    assert not list(tmp_path.glob("b*"))

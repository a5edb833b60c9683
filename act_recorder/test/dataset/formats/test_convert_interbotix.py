# SPDX-License-Identifier: Apache-2.0
"""Files as Interbotix' ALOHA 2.0 writes them."""

import h5py
import numpy as np
import pytest

from act_core.episode.reader import EpisodeReader
from act_core.robot.robot_file import load_robot
from act_recorder.dataset.command import main
from act_recorder.dataset.formats.interbotix import gripper_positions
from act_recorder.dataset.formats.recognition import is_interbotix

ROWS = 4
# Right arm, then left; every value says which column it belongs to.
RIGHT, LEFT = np.arange(7) / 10 + 1.0, np.arange(7) / 10


def interbotix(path, *, wrong_grippers=True):
    qpos = np.tile(np.concatenate([RIGHT, LEFT]), (ROWS, 1))
    qvel = qpos * 0.1
    action = qpos + 0.01
    action[:, [6, 13]] = 1.0, 0.0  # leaders' grippers were always right
    if wrong_grippers:
        qpos[:, 6], qpos[:, 13] = 113.5, 41.4  # right open, left closed
        qvel[:, [6, 13]] = 72.06590
    else:
        qpos[:, 6], qpos[:, 13] = 1.0, 0.0
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        file.attrs["sim"] = False
        for name, values in (("qpos", qpos), ("qvel", qvel), ("effort", qpos)):
            file[f"observations/{name}"] = values.astype(np.float32)
        file["action"] = action.astype(np.float32)
        for value, camera in enumerate(("camera_high", "camera_wrist_left", "camera_wrist_right")):
            pixels = np.full((ROWS, 24, 32, 3), value, np.uint8)
            file[f"observations/images/{camera}"] = pixels


def convert(source, target, *words):
    return main(["convert", str(source), str(target), "--robot", "aloha_2", *words])


@pytest.mark.parametrize("wrong_grippers", [True, False])
def test_order_names_and_grippers(tmp_path, capsys, wrong_grippers):
    interbotix(tmp_path / "here/episode_0.hdf5", wrong_grippers=wrong_grippers)
    assert convert(tmp_path / "here", tmp_path / "there") == 0
    out = capsys.readouterr().out
    assert "interbotix → aloha" in out
    assert "right arm's columns come first in these files: moved behind the left arm's" in out
    assert "camera camera_wrist_left is now cam_left_wrist" in out
    assert ("turned into 0 … 1" in out) == wrong_grippers
    with EpisodeReader(tmp_path / "there/episode_0.hdf5") as reader:
        assert reader.cameras == ("cam_high", "cam_left_wrist", "cam_right_wrist")
        assert reader.image("cam_right_wrist", 1).mean() == 2
        row = dict(zip(reader.meta.joint_names, reader.positions[1], strict=True))
        assert row["left_waist"] == 0.0
        assert row["right_wrist_rotate"] == np.float32(1.5)
        assert row["left_gripper"] == pytest.approx(0.0, abs=1e-3)
        assert row["right_gripper"] == pytest.approx(1.0, abs=1e-3)
        assert reader.actions[0, 6] == 0.0, "left gripper, as commanded"
        if wrong_grippers:
            assert reader.velocities[0, 6] == pytest.approx(1.0, abs=1e-4)


def test_closed_and_open_of_the_joint_are_0_and_1():
    """The map of the finger's metres on the joint's radians, and back."""
    wrong = (np.array([0.6197, 1.6214]) - 0.0440) / (0.0579 - 0.0440)
    assert wrong == pytest.approx([41.4, 113.5], abs=0.1)
    assert gripper_positions(wrong) == pytest.approx([0.0, 1.0])


def test_a_mixture_of_grippers_is_refused(tmp_path, capsys):
    interbotix(tmp_path / "here/episode_0.hdf5")
    interbotix(tmp_path / "here/episode_1.hdf5", wrong_grippers=False)
    assert convert(tmp_path / "here", tmp_path / "there") == 1
    assert "convert them one kind at a time, by --episodes" in capsys.readouterr().err
    assert not list(tmp_path.glob("there*"))


def test_a_robot_of_one_arm_is_refused(tmp_path, capsys):
    interbotix(tmp_path / "here/episode_0.hdf5")
    one = load_robot("ros2_control_arm")
    words = ["convert", str(tmp_path / "here"), str(tmp_path / "there"), "--robot", one.name]
    assert main(words) == 1
    assert "columns, robot" in capsys.readouterr().err


def test_ours_are_not_taken_for_theirs(tmp_path):
    interbotix(tmp_path / "here/episode_0.hdf5")
    assert is_interbotix(tmp_path / "here")
    convert(tmp_path / "here", tmp_path / "there")
    assert not is_interbotix(tmp_path / "there")

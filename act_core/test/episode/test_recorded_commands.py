# SPDX-License-Identifier: Apache-2.0
import h5py
import numpy as np
import pytest

from act_core.episode.recorded_commands import read_commands
from act_core.errors import EpisodeError
from act_core.robot.robot_file import load_robot
from act_core.testing import make_episode

SPEC = load_robot("aloha_sim")


def test_actions_are_read_with_their_times(tmp_path):
    path = make_episode(tmp_path, num_frames=5, joint_names=SPEC.columns)
    actions, times_s = read_commands(path, SPEC)
    assert actions.shape == (5, SPEC.dim)
    np.testing.assert_allclose(times_s, np.arange(5) / 50)


def test_episode_of_another_robot_is_refused_in_one_line(tmp_path):
    names = [*SPEC.columns[:-1], "right_hand"]
    path = make_episode(tmp_path, joint_names=names)
    with pytest.raises(
        EpisodeError,
        match="recorded with another robot than 'aloha_sim': missing right_gripper; "
        "extra right_hand$",
    ):
        read_commands(path, SPEC)


def test_same_joints_in_another_order_are_refused(tmp_path):
    path = make_episode(tmp_path, joint_names=SPEC.columns[::-1])
    with pytest.raises(EpisodeError, match=r"missing \(none\); extra \(none\); other order$"):
        read_commands(path, SPEC)


def test_a_command_that_stands_in_two_rows_is_played_once(tmp_path):
    path = make_episode(tmp_path, num_frames=5, joint_names=SPEC.columns)
    with h5py.File(path, "r+") as file:
        for name in ("action", "stamps/action"):
            file[name][3] = file[name][2]
    actions, times_s = read_commands(path, SPEC)
    np.testing.assert_allclose(times_s, [0.0, 0.02, 0.04, 0.08])
    assert len(actions) == 4


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("action", np.nan, "row 3 is not finite; it cannot be played"),
        ("stamps/action", 0, "row 3 is earlier than the row before; it cannot be played"),
    ],
)
def test_damaged_episode_is_refused(tmp_path, name, value, fault):
    path = make_episode(tmp_path, joint_names=SPEC.columns)
    with h5py.File(path, "r+") as file:
        file[name][3] = value
    with pytest.raises(EpisodeError, match=fault):
        read_commands(path, SPEC)


def test_empty_episode_is_refused(tmp_path):
    path = make_episode(tmp_path, num_frames=0, joint_names=SPEC.columns)
    with pytest.raises(EpisodeError, match="no rows to play"):
        read_commands(path, SPEC)

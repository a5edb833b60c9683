# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from act_core.episode.reader import EpisodeReader
from act_core.robot.robot_file import load_robot
from act_core.testing import make_episode
from act_policy.errors import DatasetError
from act_policy.samples.recorded_inputs import recorded_inputs
from act_policy.testing import make_checkpoint

SPEC = load_robot("aloha_sim")
ROWS = np.random.default_rng(0).normal(size=(9, SPEC.dim)).astype(np.float32)
CONFIG = {
    "robot_yaml": SPEC.yaml_text, "state_names": SPEC.columns, "action_names": SPEC.columns,
    "image_height_px": 6, "image_width_px": 8,
}  # fmt: skip
CHECKPOINT = make_checkpoint(ROWS, ROWS, **CONFIG)


@pytest.fixture
def dataset(tmp_path):
    for seed in range(2):
        make_episode(
            tmp_path, num_frames=5, joint_names=SPEC.columns, robot_yaml=SPEC.yaml_text,
            image_shape=(6, 8), cameras=("top", "wrist"), seed=seed,
        )  # fmt: skip
    return tmp_path


def test_they_are_spread_over_all_episodes_in_the_networks_cameras(dataset):
    first, *_, last = inputs = recorded_inputs(dataset, CHECKPOINT, 4)
    assert len(inputs) == 4
    for row, (state, images), number in ((0, first, 0), (4, last, 1)):
        with EpisodeReader(dataset / f"episode_{number}.hdf5") as reader:
            np.testing.assert_array_equal(state, reader.positions[row])
            np.testing.assert_array_equal(images, reader.image("top", row)[None])
    assert len(recorded_inputs(dataset, CHECKPOINT, 99)) == 10


def test_episodes_of_other_joints_are_refused_by_name(dataset):
    names = ("other", *SPEC.columns[1:])
    with pytest.raises(
        DatasetError, match=r" has joints left_waist, .*the checkpoint takes other,"
    ):
        recorded_inputs(dataset, make_checkpoint(ROWS, ROWS, **CONFIG | {"state_names": names}), 4)


def test_a_camera_that_was_not_recorded_is_named(dataset):
    with pytest.raises(DatasetError, match=r"no camera \['low'\]; available: top, wrist"):
        recorded_inputs(dataset, make_checkpoint(ROWS, ROWS, **CONFIG, cameras=("low",)), 4)

# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from act_core.robot.robot_file import load_robot
from act_core.testing import make_episode
from act_policy.errors import DatasetError
from act_policy.samples.agreement import (
    compare_robots,
    load_episodes,
    rate_notes,
    resizing_notes,
    smallest_image,
)
from act_policy.samples.dataset import EpisodeDataset

SPEC = load_robot("aloha_sim")


@pytest.fixture
def record(tmp_path):
    """Return a function that records an episode of the simulated robot and loads all of them."""

    def record(robot_yaml=SPEC.yaml_text, **settings):
        settings = {"num_frames": 3, "image_shape": (6, 8), **settings}
        make_episode(tmp_path, joint_names=SPEC.columns, robot_yaml=robot_yaml, **settings)
        return load_episodes(sorted(tmp_path.iterdir()))

    return record


def test_files_of_one_robot_in_other_words_are_of_one_robot(record):
    record()
    record("# our station\n" + SPEC.yaml_text)
    episodes = record(SPEC.yaml_text + "  - {name: wrist, height_px: 48, width_px: 64}\n")
    assert compare_robots(episodes) == []


def test_another_gripper_range_is_another_robot_and_named(record, tmp_path):
    record()
    old = "state: {joint: left_finger, closed: 0.01844"
    episodes = record(SPEC.yaml_text.replace(old, old.replace("0.01844", "0.02")))
    with pytest.raises(DatasetError) as error:
        compare_robots(episodes)
    assert str(error.value) == (
        f"{tmp_path}/episode_1.hdf5 is of another robot than {tmp_path}/episode_0.hdf5: "
        "arms 'left': gripper: state: closed: episode_0.hdf5 0.01844, episode_1.hdf5 0.02; "
        "arms 'right': gripper: state: closed: episode_0.hdf5 0.01844, episode_1.hdf5 0.02; "
        "train on them separately"
    )


def test_a_difference_that_teaches_nothing_else_is_told(record, tmp_path):
    record()
    record(SPEC.yaml_text.replace("state_prefix: vx300s_left/", "state_prefix: left/"))
    episodes = record(SPEC.yaml_text.replace("state_prefix: vx300s_left/", "state_prefix: left/"))
    assert compare_robots(episodes) == [
        f"2 episode(s), as {tmp_path}/episode_1.hdf5, have another robot file, which changes "
        "nothing that is learned: arms 'left': state_prefix: episode_0.hdf5 vx300s_left/, "
        "episode_1.hdf5 left/"
    ]


def test_a_robot_file_with_a_fault_is_named(record, tmp_path):
    record()
    with pytest.raises(DatasetError) as error:
        compare_robots(record("name: other"))
    assert str(error.value).startswith(f"robot in {tmp_path}/episode_1.hdf5: key 'rate_hz' is ")


def test_the_smallest_size_is_taken_and_the_others_are_told(record):
    record(image_shape=(24, 32))
    record(image_shape=(24, 32), cameras=("top",))
    episodes = record(image_shape=(12, 16))
    assert smallest_image(episodes) == (12, 16)
    assert resizing_notes(episodes, (12, 16)) == [
        "camera 'top': images of 2 episode(s) are 24x32, seen as 12x16 (height x width)"
    ]
    batch = EpisodeDataset(episodes, 2)[[0, 8]]
    assert batch.images.shape == (2, 1, 12, 16, 3)
    with episodes[0].open() as reader:
        large = reader.image("top", 0)
    means = large.reshape(12, 2, 16, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(batch.images[0, 0], means, atol=0.51)
    with episodes[2].open() as reader:
        np.testing.assert_array_equal(batch.images[1, 0], reader.image("top", 2))


def test_chunks_of_all_episodes_are_cut_at_one_rate(record):
    """The motion is sin(phase + row / 20), so its speed in time is that of the recorded rate."""
    record(num_frames=60, rate_hz=50.0)
    episodes = record(num_frames=60, rate_hz=30.0)
    assert rate_notes(episodes, 50.0) == [
        "1 episode(s) were recorded at 30 Hz; chunks are cut from their stamps, at 50 Hz"
    ]
    fast, slow = EpisodeDataset(episodes, 40, rate_hz=50.0)[[5, 65]].actions.numpy()
    times_s = np.arange(40) / 50.0
    for chunk, recorded_hz, episode in ((fast, 50.0, 0), (slow, 30.0, 1)):
        rows = 5 + times_s * recorded_hz
        for column in range(14):
            expected = np.interp(rows, np.arange(60), episodes[episode].actions[:, column])
            np.testing.assert_allclose(chunk[:, column], expected, atol=1e-6)
    # Thirty rows of the slow one take a second, those of the fast one 0.6 s.
    np.testing.assert_allclose(slow[-1], episodes[1].actions[5 + 23] * 0.6 + (
        episodes[1].actions[5 + 24] * 0.4), atol=1e-5)  # fmt: skip


def test_a_slow_recording_has_gaps_by_its_own_ticks(record):
    """Ticks of 0.2 s are no gaps, although that is ten ticks of the model."""
    episodes = record(num_frames=20, rate_hz=4.0)
    batch = EpisodeDataset(episodes, 50, rate_hz=50.0)[[0, 19]]
    assert not batch.is_pad[0].any()
    # Half a tick of the recording behind its last command, 0.125 s, is still its motion.
    assert batch.is_pad[1].tolist() == [False] * 7 + [True] * 43

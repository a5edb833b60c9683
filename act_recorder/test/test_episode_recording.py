# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from act_core.episode.meta import EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.robot.robot_file import parse_robot, shipped_robots
from act_core.testing import make_observation
from act_recorder.episode_recording import Ending, EpisodeRecording
from act_recorder.row_matcher import Row

TEXT = shipped_robots()["aloha_sim"].replace(
    "height_px: 120, width_px: 160", "height_px: 6, width_px: 8"
)
SPEC = parse_robot(TEXT, "small")


def _row(index, size=(6, 8)):
    rng = np.random.default_rng(index)
    observation = make_observation(index, SPEC.dim, {"top": size}, rng)
    return Row(observation, SPEC.start, index + 1)


@pytest.fixture
def make(tmp_path):
    """Return a function that makes a take with some rows in it."""

    def build(*, rows, only_successful=False, max_frames=100):
        meta = EpisodeMeta.for_robot(SPEC, sim=True, task="t", seed=3)
        take = EpisodeRecording(SPEC, tmp_path / "d", meta, only_successful, max_frames)
        for index in range(rows):
            take.add(_row(index))
        return take

    return build


def _files(tmp_path):
    return sorted(path.name for path in (tmp_path / "d").glob("*"))


@pytest.mark.parametrize("success", [True, False])
def test_saved_with_what_the_task_said(make, tmp_path, success):
    take = make(rows=3)
    take.success, take.skipped_ticks = success, 2
    outcome = take.complete()
    assert (outcome.ending, outcome.message, outcome.num_frames) == (Ending.SAVED, "", 3)
    assert outcome.success is success
    assert outcome.path == tmp_path / "d" / "episode_0.hdf5"
    assert _files(tmp_path) == ["episode_0.hdf5"]
    with EpisodeReader(outcome.path) as reader:
        assert reader.num_frames == 3
        assert reader.meta.complete
        assert reader.meta.success is success
        assert (reader.meta.task, reader.meta.seed, reader.meta.skipped_ticks) == ("t", 3, 2)


def test_only_a_held_success_counts_as_a_demonstration(make, tmp_path):
    take = make(rows=2, only_successful=True)
    take.success = True  # reached, but not kept
    outcome = take.complete()
    assert outcome.ending is Ending.DISCARDED
    assert outcome.message == "success was not held; dropped as asked"
    assert (outcome.path, outcome.num_frames, outcome.success) == (None, 2, True)
    assert _files(tmp_path) == []

    take = make(rows=2, only_successful=True)
    take.success = take.held = True
    assert take.complete().ending is Ending.SAVED
    assert _files(tmp_path) == ["episode_0.hdf5"]


def test_canceled_take_is_kept(make):
    outcome = make(rows=2).complete(Ending.CANCELED)
    assert outcome.ending is Ending.CANCELED
    with EpisodeReader(outcome.path) as reader:
        assert reader.meta.complete


def test_canceled_take_that_had_to_be_a_success_is_dropped(make, tmp_path):
    outcome = make(rows=2, only_successful=True).complete(Ending.CANCELED)
    assert (outcome.ending, outcome.path) == (Ending.CANCELED, None)
    assert outcome.message == "success was not held; dropped as asked"
    assert _files(tmp_path) == []


@pytest.mark.parametrize("ending", [Ending.INPUT_LOST, Ending.WRITE_FAILED])
def test_broken_off_take_stays_as_a_partial_file(make, tmp_path, ending):
    outcome = make(rows=2, only_successful=True).break_off(ending, "why")
    assert (outcome.ending, outcome.message, outcome.num_frames) == (ending, "why", 2)
    assert outcome.path == tmp_path / "d" / "episode_0.hdf5.partial"
    with EpisodeReader(outcome.path) as reader:
        assert reader.num_frames == 2
        assert not reader.meta.complete


def test_take_without_rows_leaves_no_file(make, tmp_path):
    take = make(rows=0)
    outcome = take.complete()
    assert (outcome.ending, outcome.message) == (Ending.NOT_STARTED, "no row came")
    assert (outcome.path, outcome.num_frames) == (None, 0)
    assert make(rows=0).break_off(Ending.NOT_STARTED, "why").path is None
    assert not (tmp_path / "d").exists()


def test_full_after_the_agreed_rows(make):
    take = make(rows=2, max_frames=3)
    assert not take.full
    take.add(_row(2))
    assert take.full


def test_wrong_row_is_refused_and_the_rest_can_be_kept(make):
    take = make(rows=2)
    with pytest.raises(EpisodeError, match=r"camera 'top': got an image of shape \(6, 7, 3\)"):
        take.add(_row(2, size=(6, 7)))
    assert take.break_off(Ending.WRITE_FAILED, "why").num_frames == 2

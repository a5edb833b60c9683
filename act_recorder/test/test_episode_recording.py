# SPDX-License-Identifier: Apache-2.0
import time
from dataclasses import replace

import numpy as np
import pytest

from act_core.episode.meta import EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.images.pixels import RawPixels
from act_core.observation import RawObservation
from act_core.robot.robot_file import parse_robot, shipped_robots
from act_core.streams.input_bounds import InputBounds
from act_core.testing import make_observation
from act_recorder.episode_recording import EpisodeRecording
from act_recorder.recording_types import Ending, RecordingLimits, TaskProgress
from act_recorder.rows.lockstep_matcher import LockstepMatcher
from act_recorder.rows.real_time_matcher import RealTimeMatcher
from act_recorder.rows.row_matcher import Row
from act_recorder.writing.writer_client import WriterClient

TEXT = shipped_robots()["aloha_sim"].replace(
    "height_px: 120, width_px: 160", "height_px: 6, width_px: 8"
)
SPEC = parse_robot(TEXT, "small")
BEGUN = TaskProgress("t", 3, episode=1, tick=0, stamp_ns=0)


def _pixels(index, size=(6, 8)):
    image = np.random.default_rng(index).integers(0, 256, (*size, 3), dtype=np.uint8)
    return RawPixels(image.tobytes(), "rgb8", *size, 3 * size[1])


def _row(index, size=(6, 8)):
    joints = make_observation(index, SPEC.dim, {}, np.random.default_rng(index)).joints
    seen = RawObservation(joints, {"top": _pixels(index, size)}, {"top": index})
    return Row(seen, SPEC.start, index + 1, index)


@pytest.fixture(scope="module")
def writer():
    """The writing process of all recordings here, as a node has one."""
    client = WriterClient(1_000_000)
    yield client
    client.close()


def ended(recording, outcome):
    """Return the outcome once the file is closed."""
    end_s = time.monotonic() + 20.0
    while outcome is None:
        assert time.monotonic() < end_s, "the recording does not end"
        time.sleep(0.002)
        outcome = recording.outcome()
    return outcome


@pytest.fixture
def make(tmp_path, writer):
    """Return a function that makes a recording with some rows in it."""

    def build(*, rows, held=None, success=False, **limits):
        meta = EpisodeMeta.for_robot(SPEC, sim=True, task="t", seed=3)
        matcher = LockstepMatcher(("top",), SPEC.period_ns)
        recording = EpisodeRecording(
            tmp_path / "d", meta, matcher, writer, RecordingLimits(lossless=True, **limits)
        )
        for index in range(rows):
            recording.add(_row(index))
        if success:
            recording.see_task(replace(BEGUN, tick=0))
            recording.see_task(replace(BEGUN, tick=9, success=True, held=bool(held)))
        return recording

    return build


def _files(tmp_path):
    return sorted(path.name for path in (tmp_path / "d").glob("*"))


@pytest.mark.parametrize("success", [True, False])
def test_saved_with_what_the_task_said(make, tmp_path, success):
    recording = make(rows=3, success=success)
    outcome = ended(recording, recording.complete())
    assert (outcome.ending, outcome.message, outcome.num_frames) == (Ending.SAVED, "", 3)
    assert outcome.success is success
    assert outcome.path == tmp_path / "d" / "episode_0.hdf5"
    assert _files(tmp_path) == ["episode_0.hdf5"]
    with EpisodeReader(outcome.path) as reader:
        assert reader.num_frames == 3
        assert reader.meta.complete
        assert reader.meta.success is success
        assert (reader.meta.task, reader.meta.seed, reader.meta.skipped_ticks) == ("t", 3, 0)


def test_only_a_held_success_counts_as_a_demonstration(make, tmp_path):
    recording = make(rows=2, only_successful=True, success=True)
    outcome = ended(recording, recording.complete())  # but not kept
    assert outcome.ending is Ending.DISCARDED
    assert outcome.message == "success was not held; dropped as asked"
    assert (outcome.path, outcome.num_frames, outcome.success) == (None, 2, True)
    assert _files(tmp_path) == []

    recording = make(rows=2, only_successful=True, success=True, held=True)
    assert ended(recording, recording.complete()).ending is Ending.SAVED
    assert _files(tmp_path) == ["episode_0.hdf5"]


def test_canceled_take_is_kept(make):
    recording = make(rows=2)
    outcome = ended(recording, recording.complete(Ending.CANCELED))
    assert outcome.ending is Ending.CANCELED
    with EpisodeReader(outcome.path) as reader:
        assert reader.meta.complete


def test_canceled_take_that_had_to_be_a_success_is_dropped(make, tmp_path):
    recording = make(rows=2, only_successful=True)
    outcome = ended(recording, recording.complete(Ending.CANCELED))
    assert (outcome.ending, outcome.path) == (Ending.CANCELED, None)
    assert outcome.message == "success was not held; dropped as asked"
    assert _files(tmp_path) == []


@pytest.mark.parametrize("ending", [Ending.INPUT_LOST, Ending.WRITE_FAILED])
def test_broken_off_take_stays_as_a_partial_file(make, tmp_path, ending):
    recording = make(rows=2, only_successful=True)
    outcome = ended(recording, recording.break_off(ending, "why"))
    assert (outcome.ending, outcome.message, outcome.num_frames) == (ending, "why", 2)
    assert outcome.path == tmp_path / "d" / "episode_0.hdf5.partial"
    with EpisodeReader(outcome.path) as reader:
        assert reader.num_frames == 2
        assert not reader.meta.complete


def test_take_without_rows_leaves_no_file(make, tmp_path):
    recording = make(rows=0)
    outcome = ended(recording, recording.complete())
    assert (outcome.ending, outcome.message) == (Ending.NOT_STARTED, "no row came")
    assert (outcome.path, outcome.num_frames) == (None, 0)
    assert make(rows=0).break_off(Ending.NOT_STARTED, "why").path is None
    assert not (tmp_path / "d").exists()


def test_full_after_the_agreed_rows(make):
    recording = make(rows=2, max_frames=3)
    assert not recording.full
    recording.add(_row(2))
    assert recording.full


def test_a_row_that_cannot_be_decoded_is_left_out_and_counted(make, writer, tmp_path):
    matcher = RealTimeMatcher(("top",), SPEC.period_ns, InputBounds(), 500_000_000)
    meta = EpisodeMeta.for_robot(SPEC, sim=False)
    recording = EpisodeRecording(tmp_path / "d", meta, matcher, writer, RecordingLimits())
    matcher.begin(0)
    for index in range(2):
        recording.add(_row(index))
    recording.add(_row(2, size=(6, 7)))
    outcome = ended(recording, recording.complete())
    assert (outcome.num_frames, outcome.skipped_ticks) == (2, 1)
    assert outcome.message.startswith(
        "1 ticks have no row, most of them since camera 'top': got 6x7, expected 6x8"
    )


def test_a_process_that_is_killed_is_named_with_what_it_has_written(tmp_path):
    writer = WriterClient(1_000_000)
    matcher = LockstepMatcher(("top",), SPEC.period_ns)
    meta = EpisodeMeta.for_robot(SPEC, sim=True)
    limits = RecordingLimits(lossless=True)
    recording = EpisodeRecording(tmp_path / "d", meta, matcher, writer, limits)
    recording.add(_row(0))
    end_s = time.monotonic() + 20.0
    while not writer.idle:
        assert time.monotonic() < end_s
    pid = writer._process.pid
    writer._process.kill()
    outcome = ended(recording, recording.complete())
    partial = tmp_path / "d" / "episode_0.hdf5.partial"
    assert (outcome.ending, outcome.path) == (Ending.WRITE_FAILED, partial)
    assert outcome.message == (
        f"the writing process (pid {pid}) is gone, exit status -9; its rows are in {partial}"
    )
    with EpisodeReader(partial) as reader:
        assert reader.num_frames == 1
    writer.close()


def _feed(recording, tick):
    stamp_ns = tick * SPEC.period_ns
    joints = make_observation(stamp_ns, SPEC.dim, {}, np.random.default_rng(0)).joints
    matcher = recording._matcher
    matcher.assembler.add_joints(joints)
    matcher.assembler.add_image("top", stamp_ns, _pixels(tick))
    matcher.add_command(stamp_ns, SPEC.start)


def test_rows_are_written_from_the_first_tick_of_the_episode_asked_for_to_its_end(make):
    recording, warnings = make(rows=0), []
    recording._warn = warnings.append
    recording.see_task(replace(BEGUN, seed=4, episode=7))
    assert warnings == [
        "episode of t, seed 4 is not the one asked for (t, seed 3); waiting for that one"
    ]
    for tick in range(4):
        _feed(recording, tick)
    assert recording.advance(0, 1.0) is None
    assert recording.num_frames == 0
    recording.see_task(replace(BEGUN, stamp_ns=SPEC.period_ns))
    assert recording.advance(0, 1.0) is None
    assert recording.num_frames == 3
    recording.see_task(replace(BEGUN, episode=8, tick=5, done=True))  # another one's end
    assert recording.advance(0, 1.0) is None
    end = replace(BEGUN, tick=3, stamp_ns=4 * SPEC.period_ns, success=True, held=True, done=True)
    assert recording.see_task(end) is None
    outcome = ended(recording, recording.advance(0, 1.0))
    assert (outcome.ending, outcome.num_frames, outcome.success) == (Ending.SAVED, 3, True)


def test_aborted_episode_is_broken_off_with_the_reason(make):
    recording = make(rows=0)
    recording.see_task(BEGUN)
    outcome = recording.see_task(replace(BEGUN, tick=4, aborted=True, done=True, message="why"))
    assert (outcome.ending, outcome.message) == (Ending.INPUT_LOST, "the simulator aborted: why")


def test_it_gives_up_after_the_time_for_the_first_row_and_for_any_other(make):
    recording = make(rows=0, start_s=30.0, input_s=5.0)
    assert recording.give_up(30.0, "joint_states") is None
    outcome = recording.give_up(30.1, "joint_states")
    assert (outcome.ending, outcome.message) == (
        Ending.NOT_STARTED, "no row for 30.1 s; waiting for joint_states",
    )  # fmt: skip
    recording = make(rows=1, start_s=30.0, input_s=5.0)
    assert recording.give_up(5.0, "x") is None
    assert ended(recording, recording.give_up(5.1, "x")).ending is Ending.INPUT_LOST


def test_a_gap_in_real_time_ends_the_episode_as_input_lost(tmp_path, writer):
    meta = EpisodeMeta.for_robot(SPEC, sim=False)
    matcher = RealTimeMatcher(("top",), SPEC.period_ns, InputBounds(), 100_000_000)
    warnings = []
    recording = EpisodeRecording(
        tmp_path / "d", meta, matcher, writer, RecordingLimits(), warn=warnings.append
    )
    matcher.begin(0)
    _feed(recording, 0)
    assert recording.advance(0, 0.0) is None
    assert recording.num_frames == 1
    outcome = ended(recording, recording.advance(200_000_000, 0.2))
    assert outcome.ending is Ending.INPUT_LOST
    assert outcome.message.startswith("no row for 0.20 s (limit 0.1 s, max_gap_s)")
    assert outcome.path.suffix == ".partial"


def test_a_gap_is_in_the_file_and_in_the_outcome(tmp_path, writer):
    matcher = RealTimeMatcher(("top",), SPEC.period_ns, InputBounds(), 500_000_000)
    meta = EpisodeMeta.for_robot(SPEC, sim=False)
    recording = EpisodeRecording(tmp_path / "d", meta, matcher, writer, RecordingLimits())
    matcher.begin(0)
    for tick in range(20):  # nothing comes from tick 2 on, until tick 16
        if tick < 2 or tick > 15:
            _feed(recording, tick)
        recording.advance(tick * SPEC.period_ns, 0.0)
    skipped = 15 - 1 - int(0.25e9 / SPEC.period_ns)
    outcome = ended(recording, recording.complete())
    assert outcome.ending is Ending.SAVED
    assert (outcome.num_frames, outcome.skipped_ticks) == (20 - skipped, skipped)
    cause = "joint_states too old"
    assert outcome.message == f"{skipped} ticks have no row, most of them since {cause}"
    assert outcome.max_image_age_s == pytest.approx(0.24, abs=0.02)
    with EpisodeReader(outcome.path) as reader:
        assert (reader.meta.skipped_ticks, reader.meta.skipped_reason) == (skipped, cause)


def test_full_recording_is_saved(make):
    recording = make(rows=2, max_frames=2)
    assert ended(recording, recording.advance(0, 0.0)).ending is Ending.SAVED

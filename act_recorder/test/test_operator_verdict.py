# SPDX-License-Identifier: Apache-2.0
"""The operator's word on an episode: while it is recorded, and afterwards."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from act_core.episode.meta import EpisodeMeta, Verdict
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.images.pixels import RawPixels
from act_core.observation import RawObservation
from act_core.robot.robot_file import parse_robot, shipped_robots
from act_core.testing import make_observation
from act_recorder.episode_recording import EpisodeRecording
from act_recorder.readiness import DiskGauge, raw_bytes_per_s
from act_recorder.recorded_files import RecordedFiles
from act_recorder.recording_types import Ending, Outcome, RecordingLimits
from act_recorder.rows.lockstep_matcher import LockstepMatcher
from act_recorder.rows.row_matcher import Row
from act_recorder.writing.writer_client import WriterClient

Make = Callable[..., EpisodeRecording]

TEXT = shipped_robots()["aloha_sim"].replace(
    "height_px: 120, width_px: 160", "height_px: 6, width_px: 8"
)
SPEC = parse_robot(TEXT, "small")


@pytest.fixture(scope="module")
def writer() -> Iterator[WriterClient]:
    client = WriterClient(1_000_000)
    yield client
    client.close()


@pytest.fixture
def make(tmp_path: Path, writer: WriterClient) -> Make:
    """Return a function that makes a recording with three rows, and one that ends it."""

    def build(*, only_successful: bool = False) -> EpisodeRecording:
        meta = EpisodeMeta.for_robot(SPEC, sim=False, task="fold")
        matcher = LockstepMatcher(("top",), SPEC.period_ns)
        limits = RecordingLimits(only_successful=only_successful, lossless=True)
        recording = EpisodeRecording(tmp_path, meta, matcher, writer, limits)
        for index in range(3):
            rng = np.random.default_rng(index)
            joints = make_observation(index, SPEC.dim, {}, rng).joints
            pixels = RawPixels(rng.bytes(6 * 8 * 3), "rgb8", 6, 8, 24)
            seen = RawObservation(joints, {"top": pixels}, {"top": index})
            recording.add(Row(seen, SPEC.start, index, index))
        return recording

    return build


def _ended(recording: EpisodeRecording, outcome: Outcome | None) -> Outcome:
    """Return the outcome once the file is closed."""
    end_s = time.monotonic() + 20.0
    while outcome is None:
        assert time.monotonic() < end_s, "the recording does not end"
        time.sleep(0.002)
        outcome = recording.outcome()
    return outcome


def _end(recording: EpisodeRecording, verdict: Verdict, *, discard: bool = False) -> Outcome:
    return _ended(recording, recording.end(verdict, discard=discard))


def _complete(recording: EpisodeRecording) -> Outcome:
    return _ended(recording, recording.complete())


def _verdict(outcome: Outcome) -> tuple[str, str]:
    assert outcome.path is not None
    with EpisodeReader(outcome.path) as episode:
        return episode.meta.verdict, episode.meta.judge


@pytest.mark.parametrize("verdict", ["success", "failure"])
def test_ending_early_is_no_error_and_the_verdict_is_in_the_file(
    make: Make, verdict: Verdict
) -> None:
    outcome = _end(make(), verdict)
    assert (outcome.ending, outcome.num_frames) == (Ending.SAVED, 3)
    assert outcome.success is (verdict == "success")
    assert _verdict(outcome) == (verdict, "operator")


def test_discarded_it_leaves_nothing(make: Make, tmp_path: Path) -> None:
    outcome = _end(make(), "", discard=True)
    assert (outcome.ending, outcome.path) == (Ending.DISCARDED, None)
    assert outcome.message == "dropped as the operator asked"
    assert not list(tmp_path.iterdir())


def test_where_only_successes_are_kept_the_operator_decides(make: Make) -> None:
    kept = _end(make(only_successful=True), "success")
    assert _verdict(kept) == ("success", "operator")
    dropped = _end(make(only_successful=True), "failure")
    assert (dropped.ending, dropped.path) == (Ending.DISCARDED, None)
    assert dropped.message == "judged a failure; dropped as asked"


def test_what_ended_unjudged_stays_until_it_is_judged(make: Make) -> None:
    files = RecordedFiles()
    for verdict, discard, kept in [
        ("success", False, True), ("failure", False, False), ("", True, False),
    ]:  # fmt: skip
        outcome = _complete(make(only_successful=True))
        assert _verdict(outcome) == ("", "")
        files.add(outcome, only_successful=True)
        assert outcome.path is not None
        assert files.judge(outcome.path, verdict, discard=discard) is kept
        assert outcome.path.exists() is kept
        if kept:
            assert _verdict(outcome) == (verdict, "operator")


def test_files_of_others_are_left_alone(make: Make) -> None:
    outcome = _complete(make())
    assert outcome.path is not None
    with pytest.raises(EpisodeError, match="not recorded since this recorder started"):
        RecordedFiles().judge(outcome.path, "", discard=True)
    assert outcome.path.exists()


def test_room_for_the_whole_episode_is_asked_for_before_it_begins(tmp_path: Path) -> None:
    gauge = DiskGauge(tmp_path / "data", raw_bytes_per_s(SPEC))
    gauge.check(10.0)
    assert (tmp_path / "data").is_dir()
    with pytest.raises(EpisodeError) as caught:
        gauge.check(1e12)
    assert "MiB left, an episode of 1000000000000 s takes up to" in str(caught.value)
    assert "set max_frames to fewer rows" in str(caught.value)


def test_how_fast_an_episode_grows_is_measured(make: Make, tmp_path: Path) -> None:
    outcome = _complete(make())
    assert outcome.path is not None
    gauge = DiskGauge(tmp_path, 1.0)
    gauge.measure(outcome.path, 0.1)  # too short to tell
    assert gauge.bytes_per_s == 1.0
    gauge.measure(outcome.path, 2.0)
    assert gauge.bytes_per_s == outcome.path.stat().st_size / 2.0

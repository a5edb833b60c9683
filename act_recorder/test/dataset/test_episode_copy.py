# SPDX-License-Identifier: Apache-2.0
"""Copies of rows say and hold what the original did."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from written_episode import CAMERAS, JPEG, PERIOD_NS, written

from act_core.episode.frame_counts import FrameCounts
from act_core.episode.image_rows import RAW, ImageCodec
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_recorder.dataset.mend.episode_copy import copy_episode, count_skipped, kept_counts


@pytest.mark.parametrize("codec", [RAW, JPEG], ids=["raw", "jpeg"])
def test_a_part_keeps_rows_stamps_sources_and_stored_images(
    tmp_path: Path, codec: ImageCodec
) -> None:
    path = written(tmp_path / "a", codec=codec)
    with EpisodeReader(path) as old:
        copy = copy_episode(old, tmp_path / "b", origin="cut", index=7, rows=range(5, 30))
        with EpisodeReader(copy) as new:
            assert copy.name == "episode_7.hdf5"
            assert new.num_frames == 25
            for name in ("positions", "velocities", "efforts", "actions", "stamps_ns"):
                assert np.array_equal(getattr(new, name), getattr(old, name)[5:30], equal_nan=True)
            assert np.array_equal(new.action_stamps_ns, old.action_stamps_ns[5:30])
            assert np.array_equal(new.row_stamps_ns, old.row_stamps_ns[5:30])
            assert new.sources == old.sources[5:30]
            for camera in CAMERAS:
                assert np.array_equal(
                    new.image_stamps_ns(camera), old.image_stamps_ns(camera)[5:30]
                )
                assert new.frame_counts(camera) == FrameCounts(frames_used=25)
                for row in (0, 24):
                    a, b = new.stored_image(camera, row), old.stored_image(camera, row + 5)
                    assert np.array_equal(a, b) if codec is RAW else a == b
            meta = new.meta
            assert (meta.origin, meta.task, meta.verdict, meta.judge, meta.labels) == (
                "cut; the lab", "pour", "success", "operator", ("dusk",),
            )  # fmt: skip


def test_a_fault_leaves_no_file_behind(tmp_path: Path) -> None:
    path = written(tmp_path / "a", codec=JPEG)
    with h5py.File(path, "r+") as file:
        file["observations/images/cam_high"][20] = 0
    with EpisodeReader(path) as old:
        with pytest.raises(EpisodeError) as caught:
            copy_episode(old, tmp_path / "b", origin="x")
        assert str(caught.value) == (
            f"{path}: camera 'cam_high', row 20: no JPEG image, or a damaged one"
        )
        with pytest.raises(EpisodeError, match=r"episode_0\.hdf5: no row to keep, of 40$"):
            copy_episode(old, tmp_path / "b", origin="x", rows=range(0))
    assert list((tmp_path / "b").iterdir()) == []


def test_what_a_copy_leaves_out_is_named(tmp_path: Path, capsys) -> None:
    path = written(tmp_path / "a")
    with h5py.File(path, "r+") as file:
        file["base_action"] = np.zeros((40, 2))
        file["observations/images/depth"] = np.zeros((40, 4, 4), np.uint16)
    with EpisodeReader(path) as old:
        copy_episode(old, tmp_path / "b", origin="x")
    assert capsys.readouterr().err == (
        "episode_0.hdf5: not in the copy: /base_action, /observations/images/depth\n"
    )


def test_counts_of_a_part_are_those_that_can_be_known() -> None:
    stamps_ns = np.array([0, 0, 1, 2, 2, 2, 3])
    whole = FrameCounts(frames_used=4, frames_repeated=3)
    assert kept_counts(whole, stamps_ns, range(7)) == whole
    assert kept_counts(whole, stamps_ns, range(2, 6)) == FrameCounts(2, 2)
    lossy = FrameCounts(4, 3, 0, 1)
    assert kept_counts(lossy, stamps_ns, range(7)) == lossy
    assert kept_counts(lossy, stamps_ns, range(2, 6)) is None
    assert kept_counts(None, stamps_ns, range(2, 6)) is None


def test_skipped_ticks_are_counted_from_stamps() -> None:
    ticks = np.array([0, 1, 2, 5, 6, 8])
    assert count_skipped(ticks * PERIOD_NS + 3, 50.0) == 3
    assert count_skipped([], 50.0) == 0

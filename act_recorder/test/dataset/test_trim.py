# SPDX-License-Identifier: Apache-2.0
"""Idle ends are cut, and nothing that moves."""

from pathlib import Path

import h5py
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from written_episode import JPEG, written

from act_core.episode.find_episodes import find_episodes
from act_core.episode.reader import EpisodeReader
from act_recorder.dataset.command import main
from act_recorder.dataset.mend.idle import moving_rows, widened


@given(
    head=st.integers(1, 30), motion=st.integers(1, 30), tail=st.integers(1, 30),
    noise=st.floats(0, 0.009), seed=st.integers(0, 100),
)  # fmt: skip
def test_moving_rows_are_those_between_the_idle_ends(head, motion, tail, noise, seed) -> None:
    rng = np.random.default_rng(seed)
    steps = np.concatenate([np.zeros(head), np.arange(1, motion + 1), np.full(tail, motion)])
    positions = (0.1 * steps[:, None] + rng.uniform(-noise, noise, (len(steps), 3))).astype("f4")
    rows = moving_rows(positions, np.zeros_like(positions), 0.02)
    # From the last row before the first that is away, to the first that is at the end.
    assert rows == range(head - 1, head + motion)


def test_commands_count_as_motion_and_stillness_does_not() -> None:
    still = np.zeros((50, 3), np.float32)
    commanded = still.copy()
    commanded[20:30, 1] = 0.5  # there and back
    assert moving_rows(still, commanded, 0.02) == range(19, 31)
    assert moving_rows(still, still, 0.02) is None
    assert moving_rows(still[:0], still[:0], 0.02) is None
    assert widened(range(19, 31), 25, 50) == range(50)
    assert widened(range(19, 31), 5, 50) == range(14, 36)


def test_a_new_folder_gets_the_rest_under_the_same_numbers(tmp_path: Path, capsys) -> None:
    for _ in range(2):
        written(tmp_path / "a", codec=JPEG)
    (tmp_path / "a" / "episode_0.hdf5").unlink()
    words = ["trim", str(tmp_path / "a"), "--keep-s", "0.1"]
    assert main([*words, "--dry-run"]) == 0
    assert capsys.readouterr().out == (
        "episode_1.hdf5: rows 4 … 34 of 40; 0.08 s before and 0.10 s after them are idle\n"
        "9 of 40 rows would go; nothing was written\n"
    )
    assert main([*words, "--out", str(tmp_path / "b")]) == 0
    with EpisodeReader(tmp_path / "b" / "episode_1.hdf5") as reader:
        assert reader.num_frames == 31
        origin = f"trimmed from {tmp_path}/a/episode_1.hdf5; the lab"
        assert reader.meta.origin == origin
    assert main([*words, "--out", str(tmp_path / "b")]) == 1
    assert capsys.readouterr().err == (
        f"act dataset trim: error: {tmp_path}/b exists and is not empty; name a new folder\n"
    )
    assert not list(tmp_path.glob("*.partial"))


def test_in_place_keeps_the_old_ones_and_restore_brings_them_back(tmp_path: Path, capsys) -> None:
    path = written(tmp_path)
    before = path.read_bytes()
    assert main(["trim", str(tmp_path), "--in-place", "--keep-s", "0"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        f"19 of 40 rows are gone; as they were, the episodes are in {tmp_path}/.trash; "
        f"`act dataset restore {tmp_path} --swap` brings them back"
    )
    with EpisodeReader(path) as reader:
        assert reader.num_frames == 21
    assert [p.name for p in find_episodes(tmp_path)] == ["episode_0.hdf5"]
    assert main(["restore", str(tmp_path), "--swap"]) == 0
    assert path.read_bytes() == before
    assert main(["restore", str(tmp_path), "--swap"]) == 0  # undoes that, too
    with EpisodeReader(path) as reader:
        assert reader.num_frames == 21


def test_nothing_is_written_unless_it_is_said_where(tmp_path: Path, capsys) -> None:
    written(tmp_path)
    assert main(["trim", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        "act dataset trim: error: name a new folder with --out, or say --in-place, or --dry-run\n"
    )


def test_margins_and_motions_that_cannot_be_are_refused(tmp_path: Path, capsys) -> None:
    written(tmp_path)
    for words in (["--keep-s", "-1"], ["--motion", "0"], ["--motion", "nan"]):
        assert main(["trim", str(tmp_path), "--dry-run", *words]) == 1
        assert capsys.readouterr().err.endswith(", expected 0 or more, and more than 0\n")


def test_an_episode_in_which_nothing_moves_is_left_as_it_is(tmp_path: Path, capsys) -> None:
    path = written(tmp_path / "a")
    with h5py.File(path, "r+") as file:
        file["observations/qpos"][:] = 0
        file["action"][:] = 0
    assert main(["trim", str(tmp_path / "a"), "--out", str(tmp_path / "b")]) == 0
    told = capsys.readouterr().out
    assert "episode_0.hdf5: nothing moves in its 40 rows; left as it is\n" in told
    assert (tmp_path / "b" / path.name).read_bytes() == path.read_bytes()

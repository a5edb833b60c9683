# SPDX-License-Identifier: Apache-2.0
"""A verdict in a finished file: all of it or nothing, and nothing else changes."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_core.episode.editing import edit_journal
from act_core.episode.editing.edit_meta import edit_meta
from act_core.episode.find_episodes import find_episodes
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.testing import make_episode

LABELS = ("cloth", "übernahme " * 30)  # the second makes the file grow


def _rows(path: Path) -> list[np.ndarray]:
    with EpisodeReader(path) as episode:
        images = [episode.image("top", i) for i in range(episode.num_frames)]
        return [episode.positions, episode.actions, episode.stamps_ns, *images]


def test_fields_are_set_and_rows_stay(tmp_path: Path) -> None:
    path = make_episode(tmp_path)
    before = _rows(path)
    edit_meta(path, verdict="failure", labels=LABELS)
    with EpisodeReader(path) as episode:
        assert (episode.meta.verdict, episode.meta.judge) == ("failure", "operator")
        assert episode.meta.labels == LABELS
        assert episode.meta.task == "synthetic"
    for one, other in zip(before, _rows(path), strict=True):
        np.testing.assert_array_equal(one, other)
    assert edit_meta(path, verdict="").judge == ""
    assert [p.name for p in tmp_path.iterdir()] == ["episode_0.hdf5"]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries({
            "verdict": st.sampled_from(["", "success", "failure"]),
            "labels": st.lists(st.text(
                st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
                min_size=1, max_size=200,
            ), unique=True, max_size=5).map(tuple),
        }),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_the_last_of_many_edits_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, edits: list[dict[str, Any]]
) -> None:
    path = make_episode(tmp_path_factory.mktemp("data"), num_frames=2)
    for changes in edits:
        edit_meta(path, **changes)
    with EpisodeReader(path) as episode:
        assert episode.meta.verdict == edits[-1]["verdict"]
        assert episode.meta.labels == edits[-1]["labels"]


def _die_at(step: int) -> None:
    """Let this process end, as a crash would, before its `step`-th call that touches a file."""
    left = step

    def dying(call: Callable[..., Any]) -> Callable[..., Any]:
        def instead(*args: Any, **options: Any) -> Any:
            nonlocal left
            if left == 0:
                os._exit(9)
            left -= 1
            return call(*args, **options)

        return instead

    for name in ("pwrite", "ftruncate", "fsync", "rename", "unlink"):
        setattr(os, name, dying(getattr(os, name)))


def test_killed_at_any_step_it_is_the_old_or_the_new(tmp_path: Path) -> None:
    original = make_episode(tmp_path / "original")
    rows, seen = _rows(original), []
    for step in range(100):
        path = tmp_path / str(step) / original.name
        path.parent.mkdir()
        shutil.copy(original, path)
        child = os.fork()
        if child == 0:
            _die_at(step)
            edit_meta(path, verdict="failure", labels=LABELS)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with EpisodeReader(path) as episode:
            seen.append((episode.meta.verdict, episode.meta.labels))
        for one, other in zip(rows, _rows(path), strict=True):
            np.testing.assert_array_equal(one, other)
        assert find_episodes(path.parent) == [path]
        edit_meta(path, labels=("again",))  # what the crash left is in nobody's way
        if status == 0:
            break
    assert set(seen) == {("success", ()), ("failure", LABELS)}
    assert seen == sorted(seen, key=lambda s: s[0] == "failure")
    assert len(seen) > 5


def test_what_a_crash_left_is_not_put_into_a_later_recording(tmp_path: Path) -> None:
    path = make_episode(tmp_path)
    size = path.stat().st_size
    journal = edit_journal.journal_path(path)
    journal.write_text(f'{{"inode": 1, "sizes": [{size}, {size}], "writes": [[0, "00"]]}}')
    with EpisodeReader(path) as episode:
        assert episode.meta.verdict == "success"
    assert not journal.exists()


def test_what_cannot_be_edited_is_refused_and_stays(tmp_path: Path) -> None:
    path = make_episode(tmp_path)
    before = path.read_bytes()
    foreign = tmp_path / "foreign.hdf5"
    with h5py.File(foreign, "w") as file:
        file["action"] = np.zeros((1, 2))
    partial = tmp_path / "episode_1.hdf5.partial"
    shutil.copy(path, partial)
    broken = tmp_path / "episode_2.hdf5"
    broken.write_bytes(before[:100])
    for file, changes, text in [
        (path, {"seed": 1}, "seed is not edited; fields are verdict, judge, labels, task, origin"),
        (path, {"verdict": "good"}, "verdict"),
        (path, {"labels": ("a", "a")}, "'a' is there twice"),
        (foreign, {"verdict": "success"}, "no /meta: not recorded by this suite"),
        (partial, {"verdict": "success"}, "not finished; `act dataset recover`"),
        (broken, {"verdict": "success"}, "cannot be changed"),
        (tmp_path / "no.hdf5", {"verdict": "success"}, "cannot be changed: [Errno 2]"),
    ]:
        with pytest.raises(EpisodeError) as caught:
            edit_meta(file, **changes)
        assert str(file) in str(caught.value)
        assert text in str(caught.value)
    assert path.read_bytes() == before


def test_a_file_that_somebody_reads_is_left_alone(tmp_path: Path) -> None:
    path = make_episode(tmp_path)
    with EpisodeReader(path), pytest.raises(EpisodeError, match="another program has it open"):
        edit_meta(path, verdict="failure")

# SPDX-License-Identifier: Apache-2.0
"""Open files of the page: few, read by one thread at a time, out of the way of writers."""

from pathlib import Path
from threading import Event, Thread

import h5py
import pytest

from act_core.episode.editing.edit_meta import edit_meta
from act_core.errors import EpisodeError
from act_core.testing import make_episode
from act_recorder.dataset.browse.open_readers import MOST_OPEN, OpenReaders


def is_open(path: Path) -> bool:
    """Whether this process holds the file open."""
    descriptors = Path("/proc/self/fd").iterdir()
    return str(path.resolve()) in {str(each.resolve()) for each in descriptors}


def test_few_files_stay_open_and_none_for_long(tmp_path: Path) -> None:
    paths = [make_episode(tmp_path, num_frames=2) for _ in range(MOST_OPEN + 2)]
    readers = OpenReaders(None)
    for path in paths:
        with readers.borrowed(path) as reader:
            assert reader.num_frames == 2
    assert [is_open(path) for path in paths] == [False, False] + [True] * MOST_OPEN
    readers.close_idle(60)
    assert is_open(paths[-1])
    readers.close_idle(0)
    assert not any(is_open(path) for path in paths)
    with readers.borrowed(paths[0]) as reader:
        assert reader.num_frames == 2


def test_a_changed_file_is_opened_again(tmp_path: Path) -> None:
    path = make_episode(tmp_path, num_frames=2)
    readers = OpenReaders(None)
    with readers.borrowed(path) as reader:
        assert reader.meta.labels == ()
    with readers.put_away(path):
        assert not is_open(path)
        edit_meta(path, labels=("new",))
    with readers.borrowed(path) as reader:
        assert reader.meta.labels == ("new",)
    path.unlink()
    with pytest.raises(EpisodeError, match="cannot be opened"), readers.borrowed(path):
        pass


def test_a_change_waits_for_whoever_reads(tmp_path: Path) -> None:
    path = make_episode(tmp_path, num_frames=2)
    readers = OpenReaders(None)
    done = Event()

    def change() -> None:
        with readers.put_away(path):
            done.set()

    for reading in (readers.borrowed, readers.read_once, readers.inspected):
        done.clear()
        thread = Thread(target=change)
        with reading(path):
            thread.start()
            assert not done.wait(0.1)
        thread.join(10)
        assert done.is_set()


def test_a_file_damaged_inside_is_told_not_raised_as_it_comes(tmp_path: Path) -> None:
    path = make_episode(tmp_path, num_frames=2)
    readers = OpenReaders(None)
    with pytest.raises(EpisodeError) as caught, readers.borrowed(path):
        raise OSError("wrong checksum")
    assert str(caught.value) == f"{path}: damaged: wrong checksum"
    with h5py.File(path, "r"), readers.borrowed(path) as reader:
        assert reader.num_frames == 2

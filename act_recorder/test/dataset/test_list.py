# SPDX-License-Identifier: Apache-2.0
"""The short way to a line of `list` says what the long one says, or leaves it to that."""

from pathlib import Path

import pytest

from act_core.episode.editing.edit_meta import edit_meta
from act_core.episode.image_rows import ImageCodec
from act_core.testing import make_episode, make_sound_episode
from act_core.testing_damages import FILE_DAMAGES
from act_recorder.dataset.look.list_episodes import (
    describe,
    describe_by_reader,
    describe_quickly,
)


def test_sound_files_are_described_the_short_way(tmp_path: Path) -> None:
    judged = make_episode(tmp_path, num_frames=7, cameras=("b", "a"))
    edit_meta(judged, verdict="failure", labels=("late", "spilt"), task="pour")
    for path in (judged, make_sound_episode(tmp_path, codec=ImageCodec(90))):
        quick = describe_quickly(path)
        assert quick is not None
        assert quick == describe_by_reader(path, None)


@pytest.mark.parametrize("name", FILE_DAMAGES)
def test_damaged_files_are_described_as_far_as_it_goes(name: str, tmp_path: Path) -> None:
    path = make_sound_episode(tmp_path, num_frames=150)
    FILE_DAMAGES[name](path)
    quick, line = describe_quickly(path), describe(path, None)
    assert line.path == str(path)
    if quick is None:
        assert line == describe_by_reader(path, None)
    else:
        assert line == quick

# SPDX-License-Identifier: Apache-2.0
"""Each damage of an episode, in a file that nobody has finished: what `recover` says and keeps."""

from pathlib import Path

import h5py
import pytest

from act_core.episode.reader import EpisodeReader
from act_core.testing import make_sound_episode
from act_core.testing_damages import DAMAGES
from act_recorder.dataset.command import main

NUM_ROWS = 150
# What is said after "act dataset recover: error: FILE: "; the file stays.
REFUSED = {
    "zero bytes": "empty; remove it",
    "not HDF5": "cannot be opened: Unable to synchronously open file (file signature not found)",
    "cut off": "cannot be opened: Unable to synchronously open file (truncated file",
    "no action": "no /action; not an episode of this suite",
    "action is a group": "no /action; not an episode of this suite",
    "action of one dimension": "/action is float32 (150,), expected numbers (rows, columns)",
    "action of texts": "/action is |S1 (150, 14), expected numbers (rows, columns)",
    "one column less": (
        "/observations/qpos has 13 columns, /action has 14, expected one number"
    ),
    "one row less": "/observations/qpos cannot change its length; not a recording",
    "stamps as fractions": "/stamps/row is float64 (150,), expected whole numbers (rows,)",
    "link to itself": "Special link traversal failed (too many links)",
    "link to no file": "no /observations/qpos; not an episode of this suite",
    "future version": "format version 99, this software reads 1, 2, 3",
    "rate NaN": "attributes of /meta: rate_hz is nan, expected a finite number",
    "garbled task": "attribute task of /meta is no UTF-8 text",
}  # fmt: skip
# From here on rows have no images, as after a kill. All else is kept: `validate` names it.
SHORTENED = {"image never written": 60}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = make_sound_episode(tmp_path_factory.mktemp("sound"))
    with h5py.File(path, "r+") as file:
        file["meta"].attrs["complete"] = False
    return path.read_bytes()


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_recording(name: str, sound: bytes, tmp_path: Path, capsys) -> None:
    path = tmp_path / "episode_0.hdf5"
    path.write_bytes(sound)
    DAMAGES[name](path)
    partial = path.rename(tmp_path / "episode_0.hdf5.partial")
    left = partial.read_bytes()
    status = main(["recover", str(tmp_path)])
    out, err = capsys.readouterr()
    if name in REFUSED:
        assert (status, out) == (1, "")
        assert err.startswith(f"act dataset recover: error: {partial}: {REFUSED[name]}")
        assert partial.read_bytes() == left
        return
    kept = SHORTENED.get(name, NUM_ROWS)
    lost = (
        f", {NUM_ROWS - kept} that were not whole are gone" if kept < NUM_ROWS else ", none lost"
    )
    assert (status, out, err) == (0, f"{path}: {kept} rows{lost}; not judged\n", "")
    with EpisodeReader(path) as reader:
        assert reader.num_frames == kept
        assert reader.meta.complete

# SPDX-License-Identifier: Apache-2.0
"""What an interrupted recording left becomes an episode, and nothing else does."""

import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from written_episode import CAMERAS, JPEG, add_rows, begin, written

from act_core.episode.image_rows import RAW, ImageCodec
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_recorder.dataset.command import main
from act_recorder.dataset.mend.recover import recover

BOTH = pytest.mark.parametrize("codec", [RAW, JPEG], ids=["raw", "jpeg"])


def interrupted(directory: Path, codec: ImageCodec = RAW) -> Path:
    writer = begin(directory, codec=codec)
    add_rows(writer)
    return writer.keep_partial()


@BOTH
def test_whole_rows_become_an_episode_that_says_so(
    tmp_path: Path, codec: ImageCodec, capsys
) -> None:
    partial = interrupted(tmp_path, codec)
    with h5py.File(partial, "r+") as file:  # killed within row 40, two of its arrays written
        file["action"].resize(41, axis=0)
        file["stamps/row"].resize(41, axis=0)
    assert main(["recover", str(tmp_path)]) == 0
    path = tmp_path / "episode_0.hdf5"
    assert capsys.readouterr().out == (
        f"{path}: 40 rows, 1 that were not whole are gone; not judged\n"
    )
    assert not partial.exists()
    with EpisodeReader(path) as reader:
        assert (reader.num_frames, reader.meta.complete) == (40, True)
        assert reader.meta.origin == "recovered from an interrupted recording; the lab"
        assert (reader.meta.verdict, reader.meta.skipped_ticks) == ("", 0)
        reference = written(tmp_path / "whole", codec=codec)
        with EpisodeReader(reference) as whole:
            assert np.array_equal(reader.positions, whole.positions)
            for camera in CAMERAS:
                assert np.array_equal(reader.image(camera, 39), whole.image(camera, 39))
    assert main(["recover", str(tmp_path)]) == 3
    assert capsys.readouterr().out == f"{tmp_path} has no .partial; nothing to recover\n"


@BOTH
def test_rows_that_grew_without_their_data_are_left_out(tmp_path: Path, codec: ImageCodec) -> None:
    partial = interrupted(tmp_path, codec)
    with h5py.File(partial, "r+") as file:
        file["observations/images/cam_left_wrist"].resize(43, axis=0)
        for name in ("action", "source", "observations/qpos", "observations/qvel",
                     "observations/effort", "stamps/joint_states", "stamps/action", "stamps/row",
                     *(f"stamps/images/{c}" for c in CAMERAS),
                     *(f"observations/images/{c}" for c in CAMERAS)):  # fmt: skip
            file[name].resize(43, axis=0)
        for name in ("joint_states", "action", "row", *(f"images/{c}" for c in CAMERAS)):
            file[f"stamps/{name}"][40:] = file[f"stamps/{name}"][39] + np.arange(1, 4) * 20_000_000
        if codec.is_jpeg:
            file["compress_len"].resize(43, axis=1)
    assert (recover(partial).kept, recover_is_idle(tmp_path)) == (40, True)


def recover_is_idle(folder: Path) -> bool:
    return main(["recover", str(folder)]) == 3


def test_rows_after_time_stood_still_are_left_out_and_gaps_counted(tmp_path: Path) -> None:
    partial = interrupted(tmp_path)
    with h5py.File(partial, "r+") as file:
        file["stamps/row"][10:] += 3 * 20_000_000
        file["stamps/row"][35:] = 0
    done = recover(partial)
    assert (done.kept, done.lost) == (35, 5)
    with EpisodeReader(done.path) as reader:
        assert reader.meta.skipped_ticks == 3
        assert reader.meta.skipped_reason == "unknown; counted from the stamps of the rows"


def test_an_unfinished_file_of_an_old_version_is_not_judged_by_it(tmp_path: Path) -> None:
    partial = interrupted(tmp_path)
    with h5py.File(partial, "r+") as file:
        file["meta"].attrs.update({"sim": True, "success": False, "format_version": 2})
    with EpisodeReader(recover(partial).path) as reader:
        assert (reader.meta.verdict, reader.meta.judge) == ("", "")


def test_what_cannot_be_recovered_stays_as_it_is(tmp_path: Path, capsys) -> None:
    partial = interrupted(tmp_path)
    (tmp_path / "episode_0.hdf5").write_bytes(b"another")
    (tmp_path / "episode_1.hdf5.partial").write_bytes(b"junk")
    begin(tmp_path).keep_partial()  # episode_2, without a row
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert main(["recover", str(tmp_path)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert told[0] == (
        f"act dataset recover: error: {tmp_path}/episode_0.hdf5 exists; "
        "episode_0.hdf5.partial stays, rename it to recover it"
    )
    assert "episode_1.hdf5.partial: cannot be opened" in told[1]
    assert told[2].endswith("episode_2.hdf5.partial: not one whole row; remove it")
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    with pytest.raises(EpisodeError, match=r"expected a file that ends with \.partial$"):
        recover(partial.with_name("episode_0.hdf5"))


_LIVE = """
import sys
from pathlib import Path
from written_episode import add_rows, begin
writer = begin(Path(sys.argv[1]))
add_rows(writer)
print("ready", flush=True)
sys.stdin.read()
"""


def test_a_file_that_a_living_recorder_writes_is_refused_and_after_its_death_kept(
    tmp_path: Path,
) -> None:
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    recorder = subprocess.Popen(
        [sys.executable, "-c", _LIVE, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip
    try:
        assert recorder.stdout.readline() == "ready\n"
        partial = tmp_path / "episode_0.hdf5.partial"
        with pytest.raises(EpisodeError) as caught:
            recover(partial)
        assert str(caught.value) == f"{partial}: is being written; end its recorder first"
    finally:
        recorder.kill()
        recorder.wait(10)
        recorder.stdin.close()
        recorder.stdout.close()
    assert recover(partial).kept == 40

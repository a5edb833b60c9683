# SPDX-License-Identifier: Apache-2.0
"""Episode files under two writers at once and under kill -9, with real processes."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from act_core.episode.reader import EpisodeReader
from act_core.testing import make_episode

WRITE_FOREVER = """
import sys
from pathlib import Path
import numpy as np
from act_core.episode.meta import EpisodeMeta
from act_core.episode.writer import EpisodeWriter
from act_core.testing import make_observation

shapes = {"top": (24, 32)}
meta = EpisodeMeta(("a", "b"), ("rad", "1"), 50.0, "", sim=True)
writer = EpisodeWriter(Path(sys.argv[1]), meta, shapes)
rng = np.random.default_rng(0)
for index in range(100_000):
    obs = make_observation(index, 2, shapes, rng)
    obs.images["top"][:] = index % 256
    writer.append(obs, np.full(2, index), index)
    print(writer.num_frames, flush=True)
"""
FILL_THE_DISK = """
import sys
from pathlib import Path
import numpy as np
from act_core.episode.meta import EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.episode.writer import EpisodeWriter
from act_core.errors import EpisodeError
from act_core.testing import make_observation

shapes = {"top": (120, 160)}
meta = EpisodeMeta(("a", "b"), ("rad", "1"), 50.0, "", sim=True)
writer = EpisodeWriter(Path(sys.argv[1]), meta, shapes)
try:
    for index in range(1000):
        obs = make_observation(index, 2, shapes, np.random.default_rng(0))
        writer.append(obs, np.zeros(2), index)
except EpisodeError as error:
    print(error)
with EpisodeReader(writer.keep_partial()) as reader:
    print(reader.num_frames == writer.num_frames > 0)
"""
IN_A_SMALL_DISK = 'mount -t tmpfs -o size=66m tmpfs "$1" && exec "$2" -c "$3" "$1"'
UNSHARE = ["unshare", "--map-root-user", "--mount"]
WRITE_MANY = """
import sys
from pathlib import Path
from act_core.testing import make_episode

sys.stdin.readline()
for _ in range(int(sys.argv[2])):
    print(make_episode(Path(sys.argv[1]), num_frames=1, image_shape=(2, 2)).name)
"""


def _start(code: str, *args: object) -> subprocess.Popen:
    command = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )


@pytest.mark.parametrize("rows_before_kill", [1, 300])
def test_killed_writer_leaves_every_row_that_it_reported(tmp_path: Path, rows_before_kill: int):
    process = _start(WRITE_FOREVER, tmp_path)
    for _ in range(rows_before_kill):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    # Not communicate(): it reads past the lines that readline() has already buffered.
    reported = [rows_before_kill, *map(int, process.stdout.read().split())][-1]
    assert process.wait() == -signal.SIGKILL

    with EpisodeReader(tmp_path / "episode_0.hdf5.partial") as reader:
        assert not reader.meta.complete
        assert reported <= reader.num_frames <= reported + 1
        for index in range(reported):
            assert reader.actions[index].tolist() == [index, index]
            assert reader.stamps_ns[index] == index
            assert (reader.image("top", index) == index % 256).all()


@pytest.mark.skipif(
    shutil.which("unshare") is None or subprocess.run([*UNSHARE, "true"]).returncode != 0,
    reason="needs to mount a small file system, which this machine allows nobody to do",
)
def test_full_disk_is_named_before_it_ends_the_process_and_loses_no_row(tmp_path: Path):
    arguments = ["bash", "-c", IN_A_SMALL_DISK, "bash", tmp_path, sys.executable, FILL_THE_DISK]
    run = subprocess.run([*UNSHARE, *arguments], capture_output=True, text=True, check=True)
    error, whole = run.stdout.splitlines()
    assert error.startswith(f"{tmp_path}/episode_0.hdf5.partial: row ")
    assert error.endswith(
        "the disk has 64 MiB left, expected at least 64; make room or use another folder"
    )
    assert whole == "True"


def test_index_of_a_killed_writer_stays_taken(tmp_path: Path):
    process = _start(WRITE_FOREVER, tmp_path)
    process.stdout.readline()
    process.kill()
    process.communicate()
    assert make_episode(tmp_path, num_frames=1).name == "episode_1.hdf5"


def test_two_processes_never_take_the_same_index(tmp_path: Path):
    count = 12
    processes = [_start(WRITE_MANY, tmp_path, count) for _ in range(2)]
    for process in processes:  # both are started by now: let go at once
        process.stdin.write("\n")
        process.stdin.flush()
    names = [name for process in processes for name in process.communicate()[0].split()]
    assert sorted(names) == sorted(f"episode_{i}.hdf5" for i in range(2 * count))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)

# SPDX-License-Identifier: Apache-2.0
"""Kills recorders at random moments and looks at what they leave.

    python3 act_recorder/bench/bench_recorder_kills.py [--kills 200]

Rows of known content go at 100 Hz through the writing process, with SIGKILL for the recorder, for
its writing process, or for both, in turn, and raw and JPEG in turn. A row counts as lost when the
recorder had handed it over and the file does not have it.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from act_core.episode.meta import EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.images.pixels import RawPixels
from act_core.observation import JointSample, RawObservation
from act_core.robot.robot_file import load_robot
from act_recorder.rows.row_matcher import Row
from act_recorder.writing.writer_client import WriterClient

SPEC = load_robot("aloha_sim")
SIZE_PX = SPEC.cameras[0].height_px, SPEC.cameras[0].width_px
VICTIMS = ("recorder", "writer", "both")
PERIOD_S = 0.01


def row(index: int) -> Row:
    """Return a row that tells its number in every part."""
    numbers = np.full(SPEC.dim, index / 1000)
    image = np.full((*SIZE_PX, 3), index % 256, np.uint8)
    pixels = RawPixels(image.tobytes(), "rgb8", *SIZE_PX, 3 * SIZE_PX[1])
    joints = JointSample(index, numbers, numbers, numbers)
    return Row(RawObservation(joints, {"top": pixels}, {"top": index}), numbers, index, index)


def record(folder: Path, jpeg_quality: int) -> None:
    """Hand rows over until killed, and say how many."""
    writer = WriterClient(16_000_000)
    print(writer._process.pid, flush=True)
    writer.open(folder, EpisodeMeta.for_robot(SPEC, sim=True), jpeg_quality)
    for index in range(100_000):
        while index == 1 and not writer.idle:  # as in a node, the process is there before the rows
            time.sleep(PERIOD_S)
        try:
            writer.append(row(index), wait=True)
        except EpisodeError:
            time.sleep(60.0)  # its writer was killed; the bench ends this one next
        os.write(1, b"%d\n" % (index + 1))
        time.sleep(PERIOD_S)


def wrong_rows(reader: EpisodeReader) -> int:
    """Return how many rows do not hold what was handed over."""
    wrong = 0
    for index in range(reader.num_frames):
        numbers = np.float32(index / 1000)
        same = (reader.positions[index] == numbers).all() and (
            reader.actions[index] == numbers
        ).all()
        off = np.abs(reader.image("top", index).astype(int) - index % 256).max()
        wrong += not (same and reader.stamps_ns[index] == index and off <= 2 * reader.is_jpeg)
    return wrong


def kill(victim: str, jpeg_quality: int, rng: np.random.Generator) -> tuple[int, int] | None:
    """Return (lost, wrong) rows after one kill; None if the file cannot be read."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--record", folder, "--quality", str(jpeg_quality)]
        recorder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert recorder.stdout is not None
        writer = int(recorder.stdout.readline())
        for _ in range(2):
            recorder.stdout.readline()
        time.sleep(rng.uniform(0.0, 1.0))
        if victim != "recorder":
            os.kill(writer, signal.SIGKILL)
        recorder.send_signal(signal.SIGKILL)
        handed_over = int((recorder.stdout.read().split() or ["1"])[-1])
        recorder.wait()
        while Path(f"/proc/{writer}").exists():
            time.sleep(0.01)
        try:
            with EpisodeReader(Path(folder) / "episode_0.hdf5.partial") as reader:
                return handed_over - reader.num_frames, wrong_rows(reader)
        except EpisodeError as error:
            print(error)
            return None


def main() -> None:
    """Print a line for each codec and victim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--record", type=Path, default=None, help=argparse.SUPPRESS)
    parser.add_argument("--quality", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.record:
        record(options.record, options.quality)
    rng = np.random.default_rng(0)
    lost: dict[tuple[str, str], Counter[int]] = {}
    unreadable = wrong = 0
    for index in range(options.kills):
        quality, victim = (0, 95)[index % 2], VICTIMS[index // 2 % len(VICTIMS)]
        found = kill(victim, quality, rng)
        if found is None:
            unreadable += 1
            continue
        lost.setdefault(("jpeg" if quality else "raw", victim), Counter())[found[0]] += 1
        wrong += found[1]
    for (codec, victim), counts in sorted(lost.items()):
        worst = max(counts)
        print(f"{codec:4} {victim} killed: {counts.total()} times, at most {worst} rows lost")
    print(f"{options.kills} kills: {unreadable} files unreadable, {wrong} rows wrong")


if __name__ == "__main__":
    main()

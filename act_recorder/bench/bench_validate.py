# SPDX-License-Identifier: Apache-2.0
"""How fast `act dataset validate` looks at raw files, beside a plain read of the same files.

    python3 act_recorder/bench/bench_validate.py [ROWS]

Episodes of four cameras, 480 x 640, from the page cache: two files, read five times each, as if
they were ten. The median of some rounds, both ways in each, so that a busy machine is busy for
both. Processor seconds count those of all processes, and their start.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from act_core.episode.checks.check_episode import Thoroughness
from act_core.episode.checks.check_files import check_files
from act_core.episode.meta import EpisodeMeta
from act_core.episode.writer import EpisodeWriter
from act_core.observation import JointSample, Observation
from act_core.robot.robot_file import load_robot

ROUNDS, TIMES = 3, 5


def record(folder: Path, num_rows: int) -> Path:
    """Write an episode of the original ALOHA's cameras."""
    spec = load_robot("aloha_original")
    sizes_px = {camera.name: (480, 640) for camera in spec.cameras}
    rng = np.random.default_rng(0)
    scenes = {name: rng.integers(0, 256, (480, 640, 3), np.uint8) for name in sizes_px}
    writer = EpisodeWriter(folder, EpisodeMeta.for_robot(spec, sim=False), sizes_px)
    for index in range(num_rows):
        stamp_ns = index * spec.period_ns
        pose = spec.start + 0.3 * np.sin(index / 25) * ~spec.is_gripper
        images = {name: np.roll(scene, index, axis=1) for name, scene in scenes.items()}
        joints = JointSample(stamp_ns, pose, 0 * pose, 0 * pose)
        obs = Observation(stamp_ns, joints, images, dict.fromkeys(sizes_px, stamp_ns))
        writer.append(obs, pose, stamp_ns)
    return writer.finish(verdict="success")


def validate(paths: list[Path]) -> None:
    """Check the files; those of this benchmark echo the state."""
    for report in check_files(paths, Thoroughness()):
        codes = {finding.check.code for finding in report.findings}
        assert codes <= {"echoed-state"}, report.findings


def plain(paths: list[Path]) -> None:
    """Read the files from end to end."""
    buffer = bytearray(4 * 2**20)
    for path in paths:
        with path.open("rb", buffering=0) as file:
            while file.readinto(buffer):
                pass


def timed(work: Callable[[list[Path]], None], paths: list[Path]) -> tuple[float, float]:
    """Return (wall, processor) seconds."""
    before, started = os.times(), time.monotonic()
    work(paths)
    spent = [after - earlier for after, earlier in zip(os.times()[:4], before[:4], strict=True)]
    return time.monotonic() - started, sum(spent)


def main() -> None:
    """Print GB/s of both ways."""
    num_rows = int(sys.argv[1]) if len(sys.argv) > 1 else 250
    with tempfile.TemporaryDirectory() as folder:
        paths = [record(Path(folder), num_rows) for _ in range(2)]
        paths *= TIMES
        size_gb = sum(path.stat().st_size for path in paths) / 1e9
        plain(paths)
        rounds = [(timed(plain, paths), timed(validate, paths)) for _ in range(ROUNDS)]
    load = os.getloadavg()[0]
    print(f"{len(paths)} episodes of {num_rows} rows, {size_gb:.2f} GB, load {load:.1f}")
    for name, results in zip(("plain read", "validate"), zip(*rounds, strict=True), strict=True):
        wall_s = statistics.median(wall for wall, _ in results)
        processor_s = statistics.median(processor for _, processor in results)
        print(
            f"{name:10}  {size_gb / wall_s:5.2f} GB/s  {wall_s:5.2f} s, "
            f"processor {processor_s:5.2f} s ({size_gb / processor_s:.2f} GB per processor second)"
        )


if __name__ == "__main__":
    main()

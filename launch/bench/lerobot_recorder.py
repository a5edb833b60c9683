# SPDX-License-Identifier: Apache-2.0
"""Records with LeRobot what bench_recording.py records; runs where LeRobot is installed.

    python lerobot_recorder.py PICTURES.npz SECONDS FOLDER

LeRobot gets the pictures from memory, at 50 Hz, without a camera's or a network's cost.
"""

import resource
import shutil
import sys
import time
from pathlib import Path

import numpy as np
from lerobot.datasets.lerobot_dataset import LeRobotDataset

RATE_HZ, JOINTS = 50, 14
THREADS_PER_CAMERA = 4  # as lerobot-record has it


def cpu_s() -> float:
    """Return the CPU time of this process and of those it has ended, s."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def dataset(folder: Path, cameras: list[str], shape: tuple[int, ...]) -> LeRobotDataset:
    """Return an empty one with LeRobot's defaults: PNG files, then a video of each camera."""
    names = [f"joint_{i}" for i in range(JOINTS)]
    vector = {"dtype": "float32", "shape": (JOINTS,), "names": names}
    image = {"dtype": "video", "shape": shape, "names": ["height", "width", "channels"]}
    features = {f"observation.images.{camera}": dict(image) for camera in cameras}
    return LeRobotDataset.create(
        "local/bench", fps=RATE_HZ, root=folder, robot_type="bench", use_videos=True,
        features={"observation.state": dict(vector), "action": dict(vector), **features},
        image_writer_threads=THREADS_PER_CAMERA * len(cameras),
    )  # fmt: skip


def main(pictures: str, seconds: str, folder: str) -> None:
    """Print what one episode took."""
    with np.load(pictures) as file:
        images = {camera: file[camera] for camera in file.files}
    one = next(iter(images.values()))
    recorded = dataset(Path(folder), sorted(images), one.shape[1:])
    rows, late = round(RATE_HZ * float(seconds)), 0
    begun_s, used_s = time.perf_counter(), cpu_s()
    for row in range(rows):
        vector = np.zeros(JOINTS, np.float32)
        frame = {"observation.state": vector, "action": vector, "task": "bench"}
        frame |= {f"observation.images.{c}": i[row % len(i)] for c, i in images.items()}
        recorded.add_frame(frame)
        rest_s = begun_s + (row + 1) / RATE_HZ - time.perf_counter()
        late += rest_s < 0
        time.sleep(max(0.0, rest_s))
    captured_s = time.perf_counter() - begun_s
    recorded.save_episode()
    saved_s = time.perf_counter() - begun_s - captured_s
    recorded.finalize()
    used_s = cpu_s() - used_s
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    size = sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file())
    print(
        f"LeRobot: {rows} rows in {captured_s:.1f} s, {late} of them late; saved {saved_s:.1f} s "
        f"later; {used_s / captured_s:.2f} cores over the time of the episode, memory "
        f"{memory_mb:.0f} MB without its encoders; {size / 1e6:.0f} MB"
    )
    shutil.rmtree(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])

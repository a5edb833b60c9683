# SPDX-License-Identifier: Apache-2.0
"""How long `act dataset list` takes for a folder of many episodes, as a whole process.

    python3 act_recorder/bench/bench_list.py [--episodes 1000] [--runs 3]

The files are small: what is read of them does not grow with their images.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from act_core.robot.robot_file import load_robot
from act_core.testing import make_episode


def main() -> None:
    """Print the median."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    robot = load_robot("aloha_original")
    with TemporaryDirectory() as folder:
        path = make_episode(
            Path(folder), num_frames=3, joint_names=robot.columns, robot_yaml=robot.yaml_text,
            cameras=[camera.name for camera in robot.cameras], image_shape=(12, 16),
        )  # fmt: skip
        for index in range(1, args.episodes):
            shutil.copyfile(path, path.with_name(f"episode_{index}.hdf5"))
        times_s = [wall_s(folder) for _ in range(args.runs)]
    print(
        f"act dataset list: {statistics.median(times_s):.2f} s for {args.episodes} episodes of "
        f"{len(robot.cameras)} cameras (median of {args.runs})"
    )


def wall_s(folder: str) -> float:
    """Return the wall time of one call, s."""
    words = [sys.executable, "-m", "act_recorder.dataset.command", "list", folder]
    started_s = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started_s


if __name__ == "__main__":
    main()

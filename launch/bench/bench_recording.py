# SPDX-License-Identifier: Apache-2.0
"""What a recording of four cameras costs and loses: 480x640 at 50 Hz over DDS, publisher included.

    python3 launch/bench/bench_recording.py [--seconds 60] [--episodes 1] [--formats raw jpeg]
        [--folder DIR] [--lerobot PYTHON]

Of several episodes, recorded one after the other by one recorder, each file goes when it has been
counted: what does not fit the disk at once can be recorded, too. Frames are rendered from the
simulated cell, all different from one to the next. Each format is recorded by the recorder node as
a lab runs it; a process of its own publishes. With --lerobot, the Python of an environment with
`pip install "lerobot[dataset]"`, its recorder gets them, too.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import rclpy
from numpy.typing import NDArray
from rclpy.action import ActionClient
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import Image, JointState

from act_core.episode.jpeg import DEFAULT_QUALITY
from act_core.episode.reader import EpisodeReader
from act_core.robot.robot_file import load_robot, parse_robot, shipped_robots
from act_core.ros import qos
from act_core.ros.messages.images import write_image
from act_core.ros.messages.joints import write_vector
from act_core.ros.messages.stamps import to_stamp
from act_interfaces.action import RecordEpisode

CAMERAS = ("front_close", "left_wrist", "right_wrist", "top")
HEIGHT_PX, WIDTH_PX = 480, 640
NUM_PICTURES = 40


def robot_text() -> str:
    """Return the simulated robot's file with four cameras of ALOHA's size."""
    text, _, _ = shipped_robots()["aloha_sim"].partition("\ncameras:")
    lines = [f"  - {{name: {c}, height_px: {HEIGHT_PX}, width_px: {WIDTH_PX}}}" for c in CAMERAS]
    return "\n".join([text, "cameras:", *lines, ""])


def pictures() -> list[dict[str, NDArray[np.uint8]]]:
    """Return pictures of the cell while its arms move."""
    from act_sim.cell.session import SimSession

    spec = parse_robot(robot_text(), "of the benchmark")
    session = SimSession(spec, "transfer_cube", start_ns=0)
    session.reset("transfer_cube", 0)
    taken = []
    for index in range(NUM_PICTURES):
        pose = spec.start.copy()
        pose[[0, 7]] += 0.4 * np.sin(index / 6)
        taken.append({c: i.copy() for c, i in session.step(pose).images.items()})
    session.close()
    return taken


class Robot(Node):
    """Publishes joints, commands and four cameras at the robot's rate until it is killed."""

    def __init__(self, robot: str) -> None:
        super().__init__("robot")
        self._spec = load_robot(robot)
        self._messages = [
            {c: write_image(i, 0, c) for c, i in images.items()} for images in pictures()
        ]
        self._images = {
            c: self.create_publisher(Image, f"{c}/image_raw", qos.IMAGES) for c in CAMERAS
        }
        self._states = self.create_publisher(JointState, "joint_states", qos.JOINT_STATES)
        self._commands = self.create_publisher(JointState, "joint_commands", qos.COMMANDS)
        self._ticks = 0
        self.create_timer(1 / self._spec.rate_hz, self._tick)

    def _tick(self) -> None:
        now_ns = self.get_clock().now().nanoseconds
        pose = self._spec.start
        self._states.publish(write_vector(pose, self._spec.state, now_ns))
        command = write_vector(pose, self._spec.command, now_ns)
        command.header.frame_id = "bench"
        self._commands.publish(command)
        for camera, message in self._messages[self._ticks % NUM_PICTURES].items():
            message.header.stamp = to_stamp(now_ns)
            self._images[camera].publish(message)
        self._ticks += 1


class Cost:
    """CPU time and memory of a process and its children, sampled once a second."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.memory_mb: list[float] = []

    def _family(self) -> list[psutil.Process]:
        return [self._process, *self._process.children(recursive=True)]

    def cpu_s(self) -> float:
        """Return the CPU time used so far, s."""
        times = [p.cpu_times() for p in self._family()]
        return float(sum(t.user + t.system for t in times))

    def sample(self) -> None:
        """Note the memory, shared pages counted once, MB."""
        self.memory_mb.append(sum(p.memory_full_info().pss for p in self._family()) / 1e6)


class Recorder:
    """A recorder node, and the client that asks it for episodes. Use as a context manager.

    Args:
        folder: of the dataset.
        robot: the robot file.
        image_format: raw or jpeg.
    """

    def __init__(self, folder: Path, robot: Path, image_format: str) -> None:
        parameters = {
            "robot_file": robot, "dataset_dir": folder, "sim": "false", "pace": "realtime",
            "image_format": image_format,
        }  # fmt: skip
        words = [w for k, v in parameters.items() for w in ("-p", f"{k}:={v}")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "act_recorder.recorder_node", "--ros-args", *words]
        )
        client = Node("bench")
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(client)
        threading.Thread(target=self._executor.spin, daemon=True).start()
        self._action = ActionClient(client, RecordEpisode, "recorder/record_episode")

    def __enter__(self) -> "Recorder":
        """Wait until it can record."""
        self._action.wait_for_server(60.0)
        time.sleep(3.0)
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._executor.shutdown()
        self._process.terminate()
        self._process.wait()

    def record(self, rows: int) -> tuple[Any, Cost, float]:
        """Record `rows` rows; return the result, what it cost and the share of a core it took."""
        cost = Cost(self._process.pid)
        sent = self._action.send_goal_async(RecordEpisode.Goal(task="bench", max_frames=rows))
        _wait(sent.done)
        begun_s, cpu_s = time.monotonic(), cost.cpu_s()
        ended = sent.result().get_result_async()
        while not ended.done():
            cost.sample()
            time.sleep(1.0)
        cores = (cost.cpu_s() - cpu_s) / (time.monotonic() - begun_s)
        return ended.result().result, cost, cores


def record_with_lerobot(python: str, folder: Path, seconds: float) -> None:
    """Let LeRobot's recorder print its line."""
    taken = pictures()
    file = folder / "pictures.npz"
    np.savez(file, **{c: np.stack([images[c] for images in taken]) for c in CAMERAS})
    script = str(Path(__file__).with_name("lerobot_recorder.py"))
    subprocess.run([python, script, str(file), str(seconds), str(folder / "lerobot")], check=True)


def _wait(ready: Any) -> None:
    while not ready():
        time.sleep(0.01)


def psnr_db(path: Path) -> float:
    """Return the smallest PSNR of some pictures in a file against those that were sent."""
    sent, worst = pictures(), np.inf
    with EpisodeReader(path) as reader:
        for row in range(0, min(reader.num_frames, 200), 20):
            for camera in CAMERAS:
                got = reader.image(camera, row).astype(float)
                errors = [((got - images[camera]) ** 2).mean() for images in sent]
                worst = min(worst, 10 * np.log10(255**2 / max(min(errors), 1e-12)))
    return float(worst)


def report(image_format: str, result: Any, cost: Cost, cores: float) -> None:
    """Print what became of the frames, and what it took."""
    size_mb = Path(result.path).stat().st_size / 1e6
    raw_mb = result.num_frames * len(CAMERAS) * HEIGHT_PX * WIDTH_PX * 3 / 1e6
    middle = len(cost.memory_mb) // 2
    print(
        f"{image_format}: {result.num_frames} rows, {result.skipped_ticks} ticks without one; "
        f"frames used {sum(result.frames_used)}, repeated {sum(result.frames_repeated)}, "
        f"unused {sum(result.frames_unused)}, lost {sum(result.frames_lost)}; "
        f"{cores:.2f} cores, memory {max(cost.memory_mb[:middle] or [0]):.0f} MB in the first "
        f"half, {max(cost.memory_mb[middle:] or [0]):.0f} MB in the second; {size_mb:.0f} MB, "
        f"{raw_mb / size_mb:.1f} times smaller than pixels, "
        f"PSNR from {psnr_db(Path(result.path)):.1f} dB"
    )
    if result.message:
        print(f"  {result.message}")


def compare(folder: Path, options: argparse.Namespace) -> None:
    """Record each format in turn, in `folder`, and print a line for each."""
    robot = folder / "robot.yaml"
    robot.write_text(robot_text())
    rows = round(50.0 * options.seconds)
    print(
        f"4 cameras {HEIGHT_PX}x{WIDTH_PX} at 50 Hz, {rows} rows, JPEG quality {DEFAULT_QUALITY}"
    )
    publisher = subprocess.Popen([sys.executable, __file__, "--publish", str(robot)])
    try:
        for image_format in options.formats:
            with Recorder(folder / image_format, robot, image_format) as recorder:
                for _ in range(options.episodes):
                    result, cost, cores = recorder.record(rows)
                    report(image_format, result, cost, cores)
                    Path(result.path).unlink()
            shutil.rmtree(folder / image_format)
    finally:
        publisher.kill()
    if options.lerobot:
        record_with_lerobot(options.lerobot, folder, options.seconds)


def main() -> None:
    """Compare as the words say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--episodes", type=int, default=1, help="of --seconds each, one by one")
    parser.add_argument("--formats", nargs="+", default=["raw", "jpeg"])
    parser.add_argument("--folder", type=Path, default=None, help="on the disk to measure")
    parser.add_argument("--lerobot", default="", metavar="PYTHON", help="of its environment")
    parser.add_argument("--publish", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.setdefault("ROS_DOMAIN_ID", str(100 + os.getpid() % 100))
    rclpy.init()
    if options.publish:
        rclpy.spin(Robot(options.publish))
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        compare(Path(folder), options)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Whether LeRobot's own package reads what `act dataset convert` writes, and the other way about.

    python3 act_recorder/bench/check_lerobot.py LEROBOT_PYTHON [--episodes FOLDER]

LEROBOT_PYTHON is the Python of an environment with `pip install "lerobot[dataset]"`. Without
--episodes three small ones are made. Ends with status 1 at the first difference.
"""

import argparse
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from act_core.episode.find_episodes import find_episodes
from act_core.episode.reader import EpisodeReader
from act_core.robot.robot_file import load_robot
from act_core.testing import make_episode
from act_recorder.dataset.command import main as dataset

PEER = Path(__file__).with_name("lerobot_peer.py")
KEYS = {
    "observation.state": "positions", "observation.velocity": "velocities",
    "observation.effort": "efforts", "action": "actions", "act.stamp_ns": "row_stamps_ns",
    "act.joint_stamp_ns": "stamps_ns", "act.action_stamp_ns": "action_stamps_ns",
}  # fmt: skip


def make(folder: Path) -> None:
    """Write three episodes of two cameras."""
    robot = load_robot("aloha_original")
    for seed in range(3):
        make_episode(
            folder, num_frames=20 + seed, seed=seed, joint_names=robot.columns,
            robot_yaml=robot.yaml_text, cameras=("cam_high", "cam_low"), image_shape=(48, 64),
        )  # fmt: skip


def check_read(python: str, episodes: Path, work: Path) -> None:
    """Compare what LeRobot's loader gives with our files: all numbers exactly."""
    assert dataset(["convert", str(episodes), str(work / "lerobot"), "--to", "lerobot"]) == 0
    assert dataset(["convert", str(work / "lerobot"), str(work / "back")]) == 0
    result = work / "rows.npz"
    subprocess.run([python, str(PEER), "read", str(work / "lerobot"), str(result)], check=True)
    with np.load(result) as theirs:
        first = 0
        for i, path in enumerate(find_episodes(episodes)):
            with EpisodeReader(path) as ours, EpisodeReader(work / f"back/{path.name}") as back:
                span = slice(first, first + ours.num_frames)
                for key, name in KEYS.items():
                    if key in theirs:
                        assert np.array_equal(theirs[key][span], getattr(ours, name)), key
                        assert np.array_equal(getattr(back, name), getattr(ours, name)), name
                assert set(theirs["task"][span]) == {ours.meta.task}
                assert theirs["verdicts"][i] == ours.meta.verdict
                for at, camera in enumerate(ours.cameras):
                    stamps = theirs["act.camera_stamp_ns"].reshape(-1, len(ours.cameras))
                    assert np.array_equal(stamps[span, at], ours.image_stamps_ns(camera)), camera
                    seen = theirs[f"observation.images.{camera}"][span]
                    _compare_images(camera, seen, ours, back)
                first = span.stop
    print(f"LeRobot's loader: {first} rows, numbers and words equal")


def _compare_images(
    camera: str, theirs: NDArray[np.float32], ours: EpisodeReader, back: EpisodeReader
) -> None:
    """Their images are (T, 3, H, W), 0 … 1."""
    decoded, source = [], []
    for row, image in enumerate(theirs):
        pixels = np.round(image.transpose(1, 2, 0) * 255)
        decoded.append(np.abs(pixels - back.image(camera, row)).max())
        source.append(np.mean((pixels - ours.image(camera, row)) ** 2))
    psnr_db = 10 * np.log10(255**2 / np.maximum(source, 1e-9))
    print(
        f"  {ours.path.name} {camera}: LeRobot's and our decoding differ by at most "
        f"{max(decoded):.0f} of 255; PSNR to the source {psnr_db.min():.1f} to "
        f"{psnr_db.max():.1f} dB"
    )
    assert max(decoded) <= 2, "colours are not decoded alike"  # noqa: PLR2004 - rounding twice


def check_write(python: str, work: Path) -> None:
    """Record with LeRobot's recorder, and read it."""
    for kind in ("video", "image"):
        root, target = work / kind, work / f"{kind}_read"
        subprocess.run([python, str(PEER), "write", str(root), kind], check=True)
        words = ["convert", str(root), str(target), "--robot", "aloha_original"]
        assert dataset(words) == 0
        with EpisodeReader(target / "episode_1.hdf5") as reader:
            value = np.arange(14) * 0.05 + 0.1 + 3 * 0.01  # lerobot_peer.vector
            expected = np.concatenate([value[7:], value[:7]]).astype(np.float32)
            assert np.array_equal(reader.positions[3], expected)
            assert abs(reader.image("top", 3)[..., 2].mean() - 160) < 6  # noqa: PLR2004
        print(f"LeRobot's recorder, {kind}: read")


def main() -> None:
    """Check both directions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python")
    parser.add_argument("--episodes", type=Path)
    args = parser.parse_args()
    with TemporaryDirectory() as name:
        work = Path(name)
        if args.episodes is None:
            make(work / "episodes")
        check_read(args.python, args.episodes or work / "episodes", work)
        check_write(args.python, work)


if __name__ == "__main__":
    main()

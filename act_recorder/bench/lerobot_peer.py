# SPDX-License-Identifier: Apache-2.0
"""The half of check_lerobot.py that runs where LeRobot is installed.

python lerobot_peer.py read DATASET RESULT.npz
python lerobot_peer.py write DATASET {video,image}
"""

import sys

import numpy as np
from lerobot.datasets.lerobot_dataset import LeRobotDataset

CAMERA = "observation.images.top"
SIDES, JOINTS = ("right", "left"), ("waist", "shoulder", "elbow", "forearm_roll", "wrist_angle",
                                    "wrist_rotate", "gripper")  # fmt: skip
NAMES = [f"{side}_{joint}.pos" for side in SIDES for joint in JOINTS]
HEIGHT_PX, WIDTH_PX, RATE_HZ, EPISODES, FRAMES = 24, 32, 25, 2, 5


def vector(episode: int, frame: int) -> np.ndarray:
    """Return what a row of the written dataset holds, in the order of NAMES."""
    return (np.arange(len(NAMES)) * 0.05 + episode * 0.1 + frame * 0.01).astype(np.float32)


def image(episode: int, frame: int) -> np.ndarray:
    """Return an image of the written dataset: a ramp of red and of green, blue by frame."""
    pixels = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    pixels[..., 0] = np.linspace(0, 240, WIDTH_PX, dtype=np.uint8)[None, :]
    pixels[..., 1] = np.linspace(0, 240, HEIGHT_PX, dtype=np.uint8)[:, None]
    pixels[..., 2] = 100 * episode + 20 * frame
    return pixels


def read(root: str, result: str) -> None:
    """Store all rows as LeRobot's loader gives them."""
    dataset = LeRobotDataset("local/check", root=root, video_backend="pyav")
    rows = [dataset[i] for i in range(len(dataset))]
    keys = [key for key in rows[0] if hasattr(rows[0][key], "numpy")]
    arrays = {key: np.stack([row[key].numpy() for row in rows]) for key in keys}
    arrays["task"] = np.array([row["task"] for row in rows])
    arrays["verdicts"] = np.array([episode["act.verdict"] for episode in dataset.meta.episodes])
    arrays["state_mean"] = dataset.meta.stats["observation.state"]["mean"]
    np.savez(result, **arrays)


def write(root: str, kind: str) -> None:
    """Record a dataset with LeRobot's own recorder."""
    shape = {"dtype": "float32", "shape": (len(NAMES),), "names": NAMES}
    features = {
        "observation.state": shape,
        "action": shape,
        CAMERA: {"dtype": kind, "shape": (HEIGHT_PX, WIDTH_PX, 3),
                 "names": ["height", "width", "channels"]},
    }  # fmt: skip
    dataset = LeRobotDataset.create(
        "local/check", fps=RATE_HZ, features=features, root=root, robot_type="two_arms",
        use_videos=kind == "video",
    )  # fmt: skip
    for episode in range(EPISODES):
        for frame in range(FRAMES):
            state = vector(episode, frame)
            dataset.add_frame({
                "observation.state": state, "action": state + np.float32(0.005),
                CAMERA: image(episode, frame), "task": f"task {episode}",
            })  # fmt: skip
        dataset.save_episode()
    dataset.finalize()


if __name__ == "__main__":
    {"read": read, "write": write}[sys.argv[1]](*sys.argv[2:])

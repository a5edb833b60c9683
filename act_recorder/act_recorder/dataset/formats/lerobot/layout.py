# SPDX-License-Identifier: Apache-2.0
"""Where things are in a LeRobot dataset, and what meta/info.json says.

Source: huggingface/lerobot 0.6, src/lerobot/datasets/utils.py and dataset_metadata.py, and for
v2.1 src/lerobot/scripts/convert_dataset_v21_to_v30.py.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from act_core.errors import EpisodeError

VERSION = "v3.0"
INFO = "meta/info.json"
STATISTICS = "meta/stats.json"
EPISODE_STATISTICS = "meta/episodes_stats.jsonl"  # v2.1
TASKS = "meta/tasks.parquet"
FILE = "chunk-{chunk_index:03d}/file-{file_index:03d}"
EPISODES = f"meta/episodes/{FILE}.parquet"
DATA = f"data/{FILE}.parquet"
VIDEO = "videos/{video_key}/" + FILE + ".mp4"
FILES_PER_CHUNK = 1000
DATA_FILE_MB = 100
VIDEO_FILE_MB = 200

STATE, ACTION, IMAGES = "observation.state", "action", "observation.images."
VELOCITY, EFFORT = "observation.velocity", "observation.effort"
DONE, SUCCESS = "next.done", "next.success"
# What LeRobot has in every dataset beside its features.
COUNTERS = ("timestamp", "frame_index", "episode_index", "index", "task_index")

# Ours. LeRobot keeps features and columns that it does not know, and the robot's file stays.
ROBOT = "meta/act_robot.yaml"
SOURCE = "act.source"
ROW_STAMP, JOINT_STAMP, ACTION_STAMP = "act.stamp_ns", "act.joint_stamp_ns", "act.action_stamp_ns"
# One column a camera. Not called by "image": LeRobot takes such statistics for those of pixels.
CAMERA_STAMPS = "act.camera_stamp_ns"
VERDICT, LABELS, DETAILS = "act.verdict", "act.labels", "act.details"


@dataclass(frozen=True)
class Info:
    """What meta/info.json says.

    Attributes:
        root: the dataset's folder.
        version: for example v3.0.
        rate_hz: frames per second.
        features: name → dtype, shape, names.
        data_path: pattern of the tables' paths.
        video_path: pattern of the videos' paths; empty where there are none.
        files_per_chunk: episodes in a folder of v2.
    """

    root: Path
    version: str
    rate_hz: float
    features: dict[str, dict[str, Any]]
    data_path: str
    video_path: str
    files_per_chunk: int

    @property
    def is_v2(self) -> bool:
        """Whether each episode has files of its own."""
        return self.version.startswith("v2.")


def load_info(root: Path) -> Info:
    """Return the description of a dataset.

    Raises:
        EpisodeError: there is none, it is damaged, or of a version that is not read.
    """
    data = load_json(root / INFO)
    try:
        info = Info(
            root, str(data["codebase_version"]), float(data["fps"]), dict(data["features"]),
            str(data["data_path"]), str(data.get("video_path") or ""),
            int(data.get("chunks_size", FILES_PER_CHUNK)),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise EpisodeError(
            f"{root / INFO}: {error!r}, not the description of a dataset"
        ) from error
    if not info.is_v2 and not info.version.startswith("v3."):
        raise EpisodeError(
            f"{root}: LeRobot dataset {info.version}; v2 and v3 are read, and "
            "LeRobot's own scripts convert others to these"
        )
    if info.rate_hz <= 0:
        raise EpisodeError(f"{root / INFO}: fps is {info.rate_hz:g}, expected more than 0")
    return info


def load_json(path: Path) -> dict[str, Any]:
    """Return a JSON object; raises EpisodeError."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise EpisodeError(f"{path} does not exist; not a whole LeRobot dataset") from error
    except (OSError, ValueError) as error:
        raise EpisodeError(f"{path}: {error}") from error
    if not isinstance(data, dict):
        raise EpisodeError(f"{path}: expected a JSON object")
    return data


def load_json_lines(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a file with one a line; raises EpisodeError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.strip()]
    except FileNotFoundError as error:
        raise EpisodeError(f"{path} does not exist; not a whole LeRobot dataset") from error
    except (OSError, ValueError) as error:
        raise EpisodeError(f"{path}: {error}") from error

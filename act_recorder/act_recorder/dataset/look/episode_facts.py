# SPDX-License-Identifier: Apache-2.0
"""What one episode says of itself and what its stamps tell, for `info`."""

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from act_core.episode.frame_counts import FrameCounts
from act_core.episode.meta import EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.errors import ActError, EpisodeError
from act_core.robot.robot_file import parse_robot
from act_core.robot.robot_spec import RobotSpec


@dataclass(frozen=True)
class EpisodeFacts:
    """One episode.

    Attributes:
        path: of its file.
        size_bytes: of its file.
        fault: why it cannot be read; the rest is empty then.
        meta: what it says of itself.
        robot: name of the robot.
        num_frames: rows.
        cameras: camera → (height, width) in pixels.
        codec: raw or jpeg.
        frames: camera → what became of its frames, where that was counted.
        sources: who commanded → rows.
        ages_ms: stream → (T,) age of its sample at each row, ms.
    """

    path: Path
    size_bytes: int
    fault: str = ""
    meta: EpisodeMeta | None = None
    robot: str = ""
    num_frames: int = 0
    cameras: dict[str, tuple[int, int]] = field(default_factory=dict)
    codec: str = ""
    frames: dict[str, FrameCounts] = field(default_factory=dict)
    sources: Counter[str] = field(default_factory=Counter)
    ages_ms: dict[str, NDArray[np.float64]] = field(default_factory=dict)


def read_facts(path: Path, robot: RobotSpec | None) -> EpisodeFacts:
    """Return the facts of one file; a fault is told, not raised."""
    size = path.stat().st_size
    try:
        with EpisodeReader(path, robot) as reader:
            counts = {camera: reader.frame_counts(camera) for camera in reader.cameras}
            return EpisodeFacts(
                path, size, meta=reader.meta,
                robot=robot_name(reader.meta.robot_yaml),
                num_frames=reader.num_frames,
                cameras={camera: reader.image_shape(camera) for camera in reader.cameras},
                codec="jpeg" if reader.is_jpeg else "raw",
                frames={camera: known for camera, known in counts.items() if known},
                sources=Counter(source or "unknown" for source in reader.sources),
                ages_ms=_ages_ms(reader),
            )  # fmt: skip
    except EpisodeError as error:
        return EpisodeFacts(path, size, fault=str(error).removeprefix(f"{path}: "))


@lru_cache(maxsize=64)
def robot_name(robot_yaml: str) -> str:
    """Return the name in a robot file's text, or that it has none."""
    if not robot_yaml:
        return "(no robot file)"
    try:
        return parse_robot(robot_yaml, "in the episode file").name
    except ActError:
        return "(a robot file with a fault)"


def _ages_ms(reader: EpisodeReader) -> dict[str, NDArray[np.float64]]:
    streams = {"joint_states": reader.stamps_ns, "action": reader.action_stamps_ns}
    streams |= {camera: reader.image_stamps_ns(camera) for camera in reader.cameras}
    ticks = reader.row_stamps_ns
    return {name: (ticks - stamps) / 1e6 for name, stamps in streams.items()}

# SPDX-License-Identifier: Apache-2.0
"""Parameters of the recorder node."""

from dataclasses import dataclass

from act_core.streams.input_bounds import InputBounds
from act_core.system.declaration import param


@dataclass(frozen=True)
class RecorderParams(InputBounds):
    """See each field's description; `docs/reference/parameters.md` lists them."""

    robot_file: str = param("aloha_sim", "Shipped robot's name, or path of a robot YAML file.")
    dataset_dir: str = param("data/episodes", "Folder that gets episode_<i>.hdf5; made if absent.")
    sim: bool = param(True, "Whether a simulator is recorded; written to the file.")
    pace: str = param(
        "lockstep",
        "lockstep: rows by exact stamp, from tick 0 of the task state. realtime: newest samples "
        "at the robot's rate.",
        choices=("realtime", "lockstep"),
    )
    max_gap_s: float = param(
        0.5, "Real time: longest time between two rows, s; a longer gap ends the episode. A "
        "shorter one is told, and training joins no motion across it.", low=0.02, high=10.0,
    )  # fmt: skip
    input_timeout_s: float = param(
        5.0, "Give an episode up when no row came for this long, s.", low=0.2, high=600.0
    )
    start_timeout_s: float = param(
        30.0, "Give an episode up when its first row stays out this long, s.", low=0.2, high=3600.0
    )
    max_frames: int = param(
        1000, "Rows after which an episode ends when the goal names no number.", low=1
    )
    image_format: str = param(
        "raw",
        "How images are stored. raw: pixels, as the original ALOHA code. jpeg: as act-plus-plus; "
        "what a camera sends as JPEG is stored as it came.",
        choices=("raw", "jpeg"),
    )
    jpeg_quality: int = param(95, "Quality of JPEG images, OpenCV's.", low=1, high=100)
    write_buffer_mb: float = param(
        128.0, "Memory for rows on their way to the disk, MB; when it is full, real time leaves "
        "out whole rows and counts them, lockstep waits.", low=16.0, high=4096.0,
    )  # fmt: skip

    @property
    def write_buffer_bytes(self) -> int:
        """As given in MB."""
        return round(self.write_buffer_mb * 1e6)

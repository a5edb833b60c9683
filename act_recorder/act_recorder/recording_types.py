# SPDX-License-Identifier: Apache-2.0
"""What a recording is told, and what becomes of it. No ROS."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from act_core.episode.frame_counts import FrameCounts


class Ending(Enum):
    """How a recording ended."""

    SAVED = "saved"
    DISCARDED = "discarded"
    CANCELED = "canceled"
    INPUT_LOST = "input lost"
    WRITE_FAILED = "write failed"
    NOT_STARTED = "not started"


@dataclass(frozen=True)
class Outcome:
    """What became of a recording."""

    ending: Ending
    message: str
    path: Path | None
    num_frames: int
    success: bool
    skipped_ticks: int = 0
    max_image_age_s: float = 0.0
    frames: Mapping[str, FrameCounts] = field(default_factory=dict)


@dataclass(frozen=True)
class TaskProgress:
    """How the recorded task stands at one tick; see act_interfaces/TaskState."""

    task: str
    seed: int
    episode: int
    tick: int
    stamp_ns: int
    success: bool = False
    held: bool = False
    done: bool = False
    aborted: bool = False
    message: str = ""


@dataclass(frozen=True)
class RecordingLimits:
    """When a recording ends by itself, and how it is written.

    Attributes:
        max_frames: rows after which it is full.
        start_s: longest time to wait for the first row.
        input_s: longest time to wait for any other.
        only_successful: keep the file only if success was held or, once the operator has judged,
            if that is it; on a robot it stays until somebody judges.
        lossless: wait for the disk rather than leave out a row.
        jpeg_quality: of the images, 1 … 100; 0 stores pixels.
    """

    max_frames: int = 1000
    start_s: float = 30.0
    input_s: float = 5.0
    only_successful: bool = False
    lossless: bool = False
    jpeg_quality: int = 0

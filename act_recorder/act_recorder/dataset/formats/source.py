# SPDX-License-Identifier: Apache-2.0
"""What every format's reader gives: episodes, described before their rows are read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from act_core.episode.frame_counts import FrameCounts
from act_core.episode.meta import EpisodeMeta
from act_core.robot.robot_spec import RobotSpec
from act_recorder.rows.row_matcher import Row

# As the recorder's parameter.
MAX_GAP_S = 0.5


@dataclass(frozen=True)
class SourceEpisode:
    """One episode to be read, row by row: never whole in memory.

    Attributes:
        name: what people know it by: a file's path, or "episode 7".
        index: its number in the source.
        meta: what is known of it; `origin` names format, path and number.
        image_shapes: camera → (height, width) in pixels.
        num_rows: T; 0 where only reading tells.
        rows: opens what it needs, gives the rows in order and closes it.
        is_jpeg: whether images come as JPEG.
        frames: camera → what became of its frames, where that was counted.
        extras: name → array with T rows that has no place in our format: kept beside it.
    """

    name: str
    index: int
    meta: EpisodeMeta
    image_shapes: Mapping[str, tuple[int, int]]
    num_rows: int
    rows: Callable[[], Iterator[Row]]
    is_jpeg: bool = False
    frames: Mapping[str, FrameCounts] = field(default_factory=dict)
    extras: Mapping[str, NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """A checked source.

    Attributes:
        episodes: in order.
        lost: what the source has and none of our episodes can keep, in words.
        notes: what was decided about the source, one line each: order, units, robot.
    """

    episodes: tuple[SourceEpisode, ...]
    lost: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadOptions:
    """What a reader is told.

    Attributes:
        robot: that --robot names; None where the source has to say it.
        episodes: text of --episodes, for example "0,3-7"; empty for all.
        task: for episodes that do not name theirs.
        degrees: whether joints are degrees and grippers 0 … 100.
        with_base: whether a mobile base's two columns follow the robot's.
        from_leader: whether the leaders' joints are taken for actions.
        max_gap_s: longest time between two rows of an episode.
    """

    robot: RobotSpec | None = None
    episodes: str = ""
    task: str = ""
    degrees: bool = False
    with_base: bool = False
    from_leader: bool = False
    max_gap_s: float = MAX_GAP_S


@dataclass(frozen=True)
class WriteOptions:
    """What a writer is told.

    Attributes:
        jpeg_quality: 1 … 100; 0 for pixels; None for images as they come.
        urdf: of the robot, for the frames of its links.
    """

    jpeg_quality: int | None = None
    urdf: Path | None = None

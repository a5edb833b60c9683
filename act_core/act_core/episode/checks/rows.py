# SPDX-License-Identifier: Apache-2.0
"""What the checks look at of one episode, read once."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from act_core.episode.frame_counts import FrameCounts
from act_core.episode.meta import EpisodeMeta
from act_core.episode.original_file import FOREIGN_VERSION
from act_core.episode.reader import EpisodeReader
from act_core.errors import RobotSpecError
from act_core.robot.robot_file import parse_robot
from act_core.robot.robot_spec import RobotSpec


@dataclass(frozen=True)
class Rows:
    """An episode's description and small arrays.

    Attributes:
        meta: what the file says of itself.
        robot: that was recorded; None where the file has none that can be read.
        robot_fault: why its robot cannot be read; empty if it can, or if there is none.
        positions: (T, D) float64, rad; grippers 0 closed … 1 open.
        actions: (T, D) float64, the same units.
        row_ns: (T,) int64, control ticks.
        joint_ns: (T,) int64, stamps of the positions.
        action_ns: (T,) int64, stamps of the actions.
        image_ns: camera → (T,) int64, stamps of its images.
        image_shapes: camera → (height, width) in pixels.
        counts: camera → what became of its frames, where that was counted.
    """

    meta: EpisodeMeta
    robot: RobotSpec | None
    robot_fault: str
    positions: NDArray[np.float64]
    actions: NDArray[np.float64]
    row_ns: NDArray[np.int64]
    joint_ns: NDArray[np.int64]
    action_ns: NDArray[np.int64]
    image_ns: dict[str, NDArray[np.int64]]
    image_shapes: dict[str, tuple[int, int]]
    counts: dict[str, FrameCounts]

    @classmethod
    def load(cls, reader: EpisodeReader) -> "Rows":
        """Read them; raises EpisodeError."""
        robot, fault = _robot(reader.meta)
        counts = {camera: reader.frame_counts(camera) for camera in reader.cameras}
        return cls(
            reader.meta, robot, fault, _as_float64(reader.positions),
            _as_float64(reader.actions), reader.row_stamps_ns, reader.stamps_ns,
            reader.action_stamps_ns, {c: reader.image_stamps_ns(c) for c in reader.cameras},
            {c: reader.image_shape(c) for c in reader.cameras if reader.num_frames},
            {camera: count for camera, count in counts.items() if count is not None},
        )  # fmt: skip

    @property
    def period_s(self) -> float:
        """Length of a control tick."""
        return 1.0 / self.meta.rate_hz

    @property
    def has_stamps(self) -> bool:
        """Whether the stamps were recorded; those of files without a description are counted."""
        return self.meta.format_version != FOREIGN_VERSION

    @property
    def columns(self) -> tuple[str, ...]:
        """(D,) names of the columns."""
        return self.meta.joint_names

    @property
    def is_gripper(self) -> NDArray[np.bool_]:
        """(D,) which columns are grippers."""
        if self.robot is not None:
            return self.robot.is_gripper
        return np.array([unit == "1" for unit in self.meta.joint_units], dtype=bool)

    @property
    def arms(self) -> list[list[int]]:
        """The columns of each arm; of all where the robot is not known."""
        if self.robot is None:
            return [list(range(len(self.columns)))]
        slices = [self.robot.columns_of(arm) for arm in self.robot.arms]
        return [list(range(each.start, each.stop)) for each in slices]

    def __len__(self) -> int:
        return len(self.actions)

    def seconds(self, row: int) -> float:
        """Return the time of a row from the first on, by the control ticks."""
        return float(self.row_ns[min(row, len(self) - 1)] - self.row_ns[0]) / 1e9


def _robot(meta: EpisodeMeta) -> tuple[RobotSpec | None, str]:
    if not meta.robot_yaml.strip():
        return None, ""
    return _parsed(meta.robot_yaml)


def _as_float64(values: NDArray[np.float32]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):  # signalling NaNs of a damaged file
        return values.astype(np.float64)


@lru_cache(maxsize=16)
def _parsed(robot_yaml: str) -> tuple[RobotSpec | None, str]:
    """Return the robot, or why it cannot be read; a folder's episodes have most often one."""
    try:
        return parse_robot(robot_yaml, "in the episode file"), ""
    except RobotSpecError as error:
        return None, str(error)

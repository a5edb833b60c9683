# SPDX-License-Identifier: Apache-2.0
"""One recorded episode as training sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from act_core.episode.checks.time_checks import MAX_GAP_TICKS
from act_core.episode.reader import EpisodeReader
from act_core.robot.robot_spec import RobotSpec
from act_policy.errors import DatasetError
from act_policy.samples.action_track import ActionTrack


@dataclass(frozen=True)
class EpisodeFormat:
    """What all episodes of one training must have in common, beside the robot."""

    joint_names: tuple[str, ...]
    joint_units: tuple[str, ...]
    cameras: tuple[str, ...]


@dataclass(frozen=True)
class Episode:
    """One episode: the file, what it has in common with others, and its small arrays.

    Attributes:
        path: the file.
        robot: whose it is where the file does not say so; None where it does.
        format: what must agree between episodes.
        robot_yaml: text of the robot file.
        rate_hz: at which it was recorded.
        image_sizes_px: (height, width) of each camera of the format, as recorded.
        positions: (T, S) float32, rad; grippers 0 closed … 1 open.
        actions: (T, A) float32, the same units.
        stamps_ns: (T,) int64, when the positions were measured.
        action_stamps_ns: (T,) int64, when the actions were meant to be executed.
        sources: (T,) who commanded each row, empty where the file does not say.
        chosen: (T,) bool, the rows to train on; None for all.
    """

    path: Path
    robot: RobotSpec | None
    format: EpisodeFormat
    robot_yaml: str
    rate_hz: float
    image_sizes_px: tuple[tuple[int, int], ...]
    positions: NDArray[np.float32]
    actions: NDArray[np.float32]
    stamps_ns: NDArray[np.int64]
    action_stamps_ns: NDArray[np.int64]
    sources: tuple[str, ...]
    chosen: NDArray[np.bool_] | None = None

    @classmethod
    def load(
        cls, path: Path, cameras: Sequence[str] = (), robot: RobotSpec | None = None
    ) -> "Episode":
        """Read an episode's description and small arrays; images stay in the file.

        Args:
            path: episode file.
            cameras: cameras to use, in this order; empty for all of the file's.
            robot: whose the file is if it does not say so itself.

        Raises:
            DatasetError: a camera is missing, a number is not finite, time goes back, or actions
                and positions are stamped by two clocks.
            EpisodeError: the file is not a readable episode.
        """
        with EpisodeReader(path, robot) as reader:
            names = tuple(cameras) or reader.cameras
            missing = [name for name in names if name not in reader.cameras]
            if missing or not names:
                available = ", ".join(reader.cameras) or "(none)"
                raise DatasetError(f"{path}: no camera {missing or ''}; available: {available}")
            meta = reader.meta
            episode = cls(
                path,
                robot,
                EpisodeFormat(meta.joint_names, meta.joint_units, names),
                meta.robot_yaml,
                float(meta.rate_hz),
                tuple(reader.image_shape(name) for name in names),
                reader.positions,
                reader.actions,
                reader.stamps_ns,
                reader.action_stamps_ns,
                reader.sources,
            )
        for what, values in (("positions", episode.positions), ("actions", episode.actions)):
            if not len(values) or not np.isfinite(values).all():
                raise DatasetError(f"{path}: {what} are empty or hold values that are not finite")
        episode._check_stamps()
        return episode

    def open(self) -> EpisodeReader:
        """Open the file, for its images."""
        return EpisodeReader(self.path, self.robot)

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """(N,) numbers of the rows to train on."""
        chosen = np.ones(len(self.actions), np.bool_) if self.chosen is None else self.chosen
        return np.flatnonzero(chosen)

    @cached_property
    def track(self) -> ActionTrack:
        """The actions by their stamps."""
        return ActionTrack(self.action_stamps_ns, self.actions, self.tick_ns, self.chosen)

    @property
    def tick_ns(self) -> int:
        """Length of one control tick of the recording."""
        return round(1e9 / self.rate_hz)

    def _check_stamps(self) -> None:
        for what, stamps_ns in (("joints", self.stamps_ns), ("actions", self.action_stamps_ns)):
            steps_ns = np.diff(stamps_ns)
            if len(steps_ns) and steps_ns.min() < 0:
                row = int(steps_ns.argmin())
                raise DatasetError(
                    f"{self.path}: {what} of row {row + 1} are stamped {-steps_ns[row] / 1e9:g} s "
                    f"before those of row {row}; time goes back, so there is no motion to learn"
                )
        apart_s = float(np.median(np.abs(self.action_stamps_ns - self.stamps_ns))) / 1e9
        limit_s = MAX_GAP_TICKS * self.tick_ns / 1e9
        if apart_s > limit_s:
            raise DatasetError(
                f"{self.path}: actions are stamped {apart_s:g} s away from the joints (limit "
                f"{limit_s:g} s); they come from two clocks, synchronise them and record again"
            )

    def __len__(self) -> int:
        return len(self.rows)

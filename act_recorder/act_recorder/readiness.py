# SPDX-License-Identifier: Apache-2.0
"""Whether an episode can begin: looked at before people move, and shown while they get ready."""

import shutil
from collections.abc import Callable
from pathlib import Path

from act_core.episode.find_episodes import PARTIAL_SUFFIX
from act_core.episode.writer import FREE_BYTES, check_folder
from act_core.errors import ActError, EpisodeError
from act_core.robot.robot_spec import RobotSpec

JOINT_BYTES = 4 * 4  # position, velocity, effort, action as float32
# A JPEG of the default quality is at least this much smaller than its pixels.
JPEG_SHARE = 4


def raw_bytes_per_s(spec: RobotSpec) -> float:
    """Return how fast an episode with raw images grows."""
    images = sum(3 * c.height_px * c.width_px for c in spec.cameras)
    return (images + JOINT_BYTES * len(spec.columns)) * spec.rate_hz


class DiskGauge:
    """Room for episodes.

    Args:
        folder: of the episodes; it may not be there yet.
        bytes_per_s: how fast they grow, until one has been measured.

    Attributes:
        bytes_per_s: as given or, later, as measured.
    """

    def __init__(self, folder: Path, bytes_per_s: float) -> None:
        self._folder, self.bytes_per_s = folder, bytes_per_s

    @property
    def free_bytes(self) -> int:
        """What is left on the folder's disk; 0 where that cannot be told."""
        there = [p for p in (self._folder, *self._folder.absolute().parents) if p.is_dir()]
        try:
            return shutil.disk_usage(there[0]).free
        except (IndexError, OSError):
            return 0

    def measure(self, path: Path, seconds: float) -> None:
        """Take the size of an episode's file, whole or partial, that lasts `seconds`."""
        partial = path.with_name(path.name + PARTIAL_SUFFIX)
        sizes = [p.stat().st_size for p in (path, partial) if p.exists()]
        if sizes and seconds > 1.0:
            self.bytes_per_s = sizes[0] / seconds

    def check(self, seconds: float) -> None:
        """Raise EpisodeError if an episode of `seconds` cannot be written there."""
        check_folder(self._folder)
        free, needed = self.free_bytes, self.bytes_per_s * seconds + FREE_BYTES
        if free < needed:
            raise EpisodeError(
                f"dataset folder {self._folder}: the disk has {free / 2**20:.0f} MiB left, an "
                f"episode of {seconds:.0f} s takes up to {needed / 2**20:.0f}; make room, use "
                "another folder, or set max_frames to fewer rows"
            )


class Readiness:
    """Answers whether an episode can begin.

    Args:
        disk: where it would go.
        inputs_fault: says what cannot be used of what the robot sends.
        inputs_missing: says what has not come.
    """

    def __init__(
        self, disk: DiskGauge, inputs_fault: Callable[[], str], inputs_missing: Callable[[], str]
    ) -> None:
        self.disk = disk
        self._inputs_fault, self._inputs_missing = inputs_fault, inputs_missing

    @classmethod
    def of(
        cls, spec: RobotSpec, folder: Path, fault: Callable[[], str], missing: Callable[[], str],
        *, jpeg: bool,
    ) -> "Readiness":  # fmt: skip
        """Return one for a robot's episodes; fault and missing as above."""
        raw = raw_bytes_per_s(spec)
        return cls(DiskGauge(folder, raw / JPEG_SHARE if jpeg else raw), fault, missing)

    def check(self, seconds: float) -> None:
        """Check what will not mend itself.

        Raises:
            EpisodeError: folder or disk.
            ActError: what the robot sends cannot be recorded.
        """
        self.disk.check(seconds)
        if fault := self._inputs_fault():
            raise ActError(fault)

    def reason(self) -> str:
        """Return why no episode could begin now; empty when one could."""
        if self.disk.free_bytes < FREE_BYTES:
            return f"the disk has {self.disk.free_bytes / 2**20:.0f} MiB left"
        return self._inputs_fault() or self._inputs_missing()

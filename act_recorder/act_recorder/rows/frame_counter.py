# SPDX-License-Identifier: Apache-2.0
"""Counts what becomes of each camera's frames during an episode. No ROS."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from act_core.episode.frame_counts import FrameCounts

# A frame is missing between two whose stamps are further apart than this many periods.
LOST_PERIODS = 1.5


class FrameCounter:
    """Every frame that comes is in a row, or is counted as unused; what never came, as lost.

    Args:
        cameras: names of the cameras.
    """

    def __init__(self, cameras: Sequence[str]) -> None:
        self._came: dict[str, list[int]] = {camera: [] for camera in cameras}
        self._used: dict[str, list[int]] = {camera: [] for camera in cameras}

    def came(self, camera: str, stamp_ns: int) -> None:
        """Count a frame that came."""
        self._came[camera].append(stamp_ns)

    def use(self, image_stamps_ns: Mapping[str, int]) -> None:
        """Count the frames of a row."""
        for camera, stamp_ns in image_stamps_ns.items():
            self._used[camera].append(stamp_ns)

    def counts(self) -> dict[str, FrameCounts]:
        """Return camera → counts, from the frame of the first row to that of the last."""
        return {
            camera: count_frames(np.array(self._came[camera]), np.array(self._used[camera]))
            for camera in self._came
        }


def count_frames(came_ns: NDArray[np.int64], used_ns: NDArray[np.int64]) -> FrameCounts:
    """Return what became of the frames stamped `came_ns` when the rows hold those of `used_ns`.

    The camera's period is the median distance of the stamps of all that came.
    """
    if not len(used_ns):
        return FrameCounts()
    used = np.unique(used_ns)
    seen = np.union1d(came_ns, used)
    there = seen[(seen >= used[0]) & (seen <= used[-1])]
    lost = 0
    if len(there) > 1:
        periods = np.diff(there) / np.median(np.diff(seen))
        lost = int((np.round(periods[periods > LOST_PERIODS]) - 1).sum())
    return FrameCounts(len(used), len(used_ns) - len(used), len(there) - len(used), lost)

# SPDX-License-Identifier: Apache-2.0
"""What became of a camera's frames while an episode was recorded."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FrameCounts:
    """Counts from the first row to the last, as attributes of the camera's dataset.

    Every frame that was taken from the camera is used or unused; what never came is lost.

    Attributes:
        frames_used: different frames in the file.
        frames_repeated: rows that hold the frame of the row before.
        frames_unused: frames that came and are in no row, since a newer one was there at the tick.
        frames_lost: frames that the stamps of those around them say were sent and never came.
    """

    frames_used: int = 0
    frames_repeated: int = 0
    frames_unused: int = 0
    frames_lost: int = 0

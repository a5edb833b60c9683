# SPDX-License-Identifier: Apache-2.0
"""Films rollouts into one video file."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from act_core.images.video_file import VideoFile

FRAMES_PER_S = 25
MIN_WIDTH_PX = 320


class Film:
    """An H.264 file with a caption over each frame; half of the frames of 50 Hz are kept."""

    def __init__(self, path: Path, rate_hz: float) -> None:
        self.path = path
        self._every = max(1, round(rate_hz / FRAMES_PER_S))
        self._count = 0
        self._file = VideoFile(path, rate_hz / self._every)

    def add(self, image: NDArray[np.uint8], caption: str) -> None:
        """Add a frame (H, W, 3) uint8, RGB."""
        self._count += 1
        if (self._count - 1) % self._every:
            return
        scale = max(1, -(-MIN_WIDTH_PX // image.shape[1]))
        frame = np.ascontiguousarray(image.repeat(scale, 0).repeat(scale, 1))
        for colour, width in (((0, 0, 0), 3), ((255, 255, 255), 1)):
            cv2.putText(frame, caption, (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, width,
                        cv2.LINE_AA)  # fmt: skip
        self._file.add(frame)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

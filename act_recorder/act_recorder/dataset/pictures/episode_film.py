# SPDX-License-Identifier: Apache-2.0
"""The frames of an episode's video: cameras side by side, a caption, curves below."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from act_core.episode.reader import EpisodeReader
from act_recorder.dataset.pictures.camera_tiles import (
    Image,
    label,
    row_height,
    side_by_side,
    width_at,
    write,
)
from act_recorder.dataset.pictures.curve_strip import CurveStrip
from act_recorder.dataset.pictures.episode_curves import EpisodeCurves, read_curves

WIDTH_PX = 1280
CAMERAS_MOST_PX, STRIP_PX, CAPTION_PX = 540, 360, 28
# More than people see, and than most players keep up with.
MOST_FRAMES_PER_S = 50.0


class EpisodeFilm:
    """Frames by the rows' stamps: a row is shown from its tick until the next one's.

    Args:
        reader: an open episode.
        cameras: to show, in this order; empty for a picture of the curves alone.
        speed: times as fast as recorded.

    Attributes:
        frames_per_s: of the video.
    """

    def __init__(self, reader: EpisodeReader, cameras: Sequence[str], speed: float = 1.0) -> None:
        self._reader, self._cameras = reader, tuple(cameras)
        self._curves: EpisodeCurves = read_curves(reader)
        self.frames_per_s = min(reader.meta.rate_hz * speed, MOST_FRAMES_PER_S)
        self._step_s = speed / self.frames_per_s
        shapes = [reader.image_shape(camera) for camera in self._cameras]
        self._height_px = row_height(shapes, WIDTH_PX, CAMERAS_MOST_PX) if shapes else 0
        self._strip = CurveStrip(self._curves, STRIP_PX, WIDTH_PX)
        self._row, self._tiles = -1, np.zeros((0, WIDTH_PX, 3), np.uint8)

    def __len__(self) -> int:
        """Return how many frames there are: the last row is shown for one."""
        return int(self._curves.duration_s / self._step_s + 1e-6) + 1

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """Yield each frame (H, W, 3) uint8, RGB; raises EpisodeError for a damaged image."""
        for index in range(len(self)):
            yield self.frame(index * self._step_s)

    def frame(self, time_s: float) -> NDArray[np.uint8]:
        """Return the frame of `time_s` after the first row."""
        rows_s = self._curves.rows_s
        row = max(int(np.searchsorted(rows_s, time_s + 1e-6, side="right")) - 1, 0)
        parts = [self._caption(time_s, row)]
        if self._cameras:
            parts.append(self._images(row))
        return np.concatenate([*parts, self._strip.at(time_s)])

    def _images(self, row: int) -> Image:
        if row != self._row:
            images = [self._reader.image(camera, row) for camera in self._cameras]
            self._tiles = side_by_side(images, self._height_px, WIDTH_PX)
            self._name(images, row)
            self._row = row
        return self._tiles

    def _name(self, images: Sequence[Image], row: int) -> None:
        widths = [width_at(image.shape, self._height_px) for image in images]
        left = (WIDTH_PX - sum(widths)) // 2
        for camera, width in zip(self._cameras, widths, strict=True):
            age_ms = self._curves.ages_ms[camera][row]
            write(self._tiles, f"{camera}  {age_ms:.0f} ms old", (left + 6, 16))
            left += width

    def _caption(self, time_s: float, row: int) -> Image:
        caption = np.full((CAPTION_PX, WIDTH_PX, 3), 255, np.uint8)
        label(caption, self._curves.title, (8, 19), 0.5)
        gap = any(span.start_s < time_s < span.end_s for span in self._curves.gaps)
        source = self._reader.sources[row]
        text = f"{'GAP: no rows  ' if gap else ''}{source}  {time_s:6.2f} s  row {row}"
        label(caption, text, (-8, 19), 0.5)
        return caption

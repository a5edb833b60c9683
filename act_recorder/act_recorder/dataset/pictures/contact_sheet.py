# SPDX-License-Identifier: Apache-2.0
"""A contact sheet: an episode's cameras in rows, times in columns."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_recorder.dataset.pictures.camera_tiles import label, scale, write
from act_recorder.dataset.pictures.episode_curves import title

TILE_PX, GUTTER_PX, CAPTION_PX, TIMES_PX = 240, 4, 34, 22


def contact_sheet(
    reader: EpisodeReader, cameras: Sequence[str], columns: int
) -> NDArray[np.uint8]:
    """Return a sheet (H, W, 3) uint8, RGB, of `columns` rows from the first to the last.

    Raises:
        EpisodeError: no rows, no cameras, or a damaged image.
    """
    if not (reader.num_frames and cameras):
        raise EpisodeError(f"{reader.path}: no images, so there is nothing to show")
    rows = np.unique(np.linspace(0, reader.num_frames - 1, columns).round().astype(int))
    heights = [round(TILE_PX * h / w) for h, w in (reader.image_shape(c) for c in cameras)]
    width = GUTTER_PX + len(rows) * (TILE_PX + GUTTER_PX)
    height = CAPTION_PX + sum(heights) + GUTTER_PX * len(heights) + TIMES_PX
    sheet = np.full((height, width, 3), 255, np.uint8)
    label(sheet, title(reader), (8, 23), 0.55)
    times_s = (reader.row_stamps_ns - reader.row_stamps_ns[0]) / 1e9
    for number, row in enumerate(rows):
        left, top = GUTTER_PX + number * (TILE_PX + GUTTER_PX), CAPTION_PX
        for camera, tile_px in zip(cameras, heights, strict=True):
            tile = scale(reader.image(camera, int(row)), tile_px, TILE_PX)
            if number == 0:
                write(tile, camera, (6, 16))
            sheet[top : top + tile_px, left : left + TILE_PX] = tile
            top += tile_px + GUTTER_PX
        label(sheet, f"{times_s[row]:.2f} s   row {row}", (left + 4, height - 8))
    return sheet

# SPDX-License-Identifier: Apache-2.0
"""How many rows of an unfinished file can be believed, after its writer was killed."""

from pathlib import Path

import h5py
import numpy as np

from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError

# Beyond what a writer holds back: it flushes each raw row, and JPEGs within half a second.
TAIL_ROWS = 200


def count_whole_rows(path: Path) -> int:
    """Return how many rows from the first on are whole: in time's order, each with its images.

    The datasets of a killed writer may have grown without their data; such rows read as zeros.

    Raises:
        EpisodeError: the file cannot be read as an episode.
    """
    with EpisodeReader(path) as reader, h5py.File(path, "r") as file:
        rows = _in_order(reader)
        for index in range(max(0, rows - TAIL_ROWS), rows):
            if not all(_has_image(file, reader, camera, index) for camera in reader.cameras):
                return index
        return rows


def _in_order(reader: EpisodeReader) -> int:
    """Return the rows before time stands still or goes back."""
    rows = reader.num_frames
    stamps = [reader.stamps_ns, *(reader.image_stamps_ns(camera) for camera in reader.cameras)]
    steps = [np.diff(reader.row_stamps_ns) > 0, *(np.diff(each) >= 0 for each in stamps)]
    values = np.concatenate([reader.positions, reader.actions], axis=1)
    whole = np.isfinite(values).all(axis=1)
    for step in steps:
        whole[1:] &= step
    return rows if whole.all() else int(np.argmin(whole))


def _has_image(file: h5py.File, reader: EpisodeReader, camera: str, index: int) -> bool:
    images = file[f"observations/images/{camera}"]
    first = (index, *(0 for _ in images.shape[1:]))
    if images.id.get_chunk_info_by_coord(first).byte_offset is None:
        return False  # grown, and never written
    try:
        reader.image(camera, index)
    except EpisodeError:
        return False
    return True

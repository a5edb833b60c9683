# SPDX-License-Identifier: Apache-2.0
"""How many rows of an unfinished file can be believed, after its writer was killed."""

from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError


def count_whole_rows(path: Path) -> int:
    """Return how many rows there are without the last ones that a killed writer left half-written.

    Such rows have zeros for stamps, or no images. What is wrong further inside is no trace of a
    kill: those rows are kept, and `validate` names them.

    Raises:
        EpisodeError: the file cannot be read as an episode.
    """
    with EpisodeReader(path) as reader, h5py.File(path, "r") as file:
        whole = np.flatnonzero(_written(reader))
        rows = int(whole[-1]) + 1 if len(whole) else 0
        while rows and not all(_has_image(file, reader, c, rows - 1) for c in reader.cameras):
            rows -= 1
        return rows


def _written(reader: EpisodeReader) -> NDArray[np.bool_]:
    """Return (T,) which rows have numbers, and a time after that of the row before."""
    values = np.concatenate([reader.positions, reader.actions], axis=1)
    whole = np.asarray(np.isfinite(values).all(axis=1))
    whole[1:] &= np.diff(reader.row_stamps_ns) > 0
    return whole


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

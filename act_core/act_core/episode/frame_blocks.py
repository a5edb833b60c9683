# SPDX-License-Identifier: Apache-2.0
"""The images of a camera in blocks of many, as fast as the disk gives them."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from act_core.errors import EpisodeError

# Small enough to stay in a processor's cache while it is looked at.
BLOCK_BYTES = 4 * 2**20


@dataclass(frozen=True)
class FrameBlock:
    """Some images of one camera.

    Attributes:
        rows: (B,) int64, which ones.
        images: (B, H, W, 3) uint8, RGB; valid until the next block is read.
    """

    rows: NDArray[np.int64]
    images: NDArray[np.uint8]


class RawFrames:
    """The raw images (T, H, W, 3) uint8 of one camera.

    Images that stand in the file as plain bytes, one after the other or one a chunk, are read past
    HDF5, whose lock lets only one thread work; others through it.

    Args:
        path: the file.
        dataset: of the camera in the open file.

    Raises:
        EpisodeError: where the images are cannot be read.
    """

    def __init__(self, path: Path, dataset: h5py.Dataset) -> None:
        self._path, self._dataset = path, dataset
        self._shape = tuple(int(n) for n in dataset.shape[1:])
        self._frame_bytes = int(np.prod(self._shape))
        try:
            self._offsets = _offsets(dataset, self._frame_bytes)
        except (OSError, RuntimeError, ValueError) as error:
            raise EpisodeError(f"{path}: {dataset.name}: {error}") from error

    def blocks(self, rows: NDArray[np.int64]) -> Iterator[FrameBlock]:
        """Give the images of `rows` (N,), in that order.

        Raises:
            EpisodeError: an image is not in the file, or cannot be read.
        """
        most = max(1, BLOCK_BYTES // self._frame_bytes)
        if self._offsets is None:
            for first in range(0, len(rows), most):
                chosen = rows[first : first + most]
                yield FrameBlock(chosen, self._through_hdf5(chosen))
            return
        buffer = np.empty((most, *self._shape), np.uint8)
        descriptor = os.open(self._path, os.O_RDONLY)
        try:
            for first in range(0, len(rows), most):
                chosen = rows[first : first + most]
                for place, row in enumerate(chosen.tolist()):
                    self._read(descriptor, row, buffer[place])
                yield FrameBlock(chosen, buffer[: len(chosen)])
        finally:
            os.close(descriptor)

    def _read(self, descriptor: int, row: int, image: NDArray[np.uint8]) -> None:
        assert self._offsets is not None
        offset = int(self._offsets[row]) if row < len(self._offsets) else -1
        if offset < 0:
            raise EpisodeError(f"{self._path}: row {row} was never written")
        try:
            count = os.preadv(descriptor, [image.reshape(-1).data], offset)
        except OSError as error:
            raise EpisodeError(f"{self._path}: row {row}: {error}") from error
        if count != self._frame_bytes:
            raise EpisodeError(
                f"{self._path}: row {row} ends after {count} of "
                f"{self._frame_bytes} bytes; the file is cut off"
            )

    def _through_hdf5(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        try:
            return np.asarray(self._dataset[rows])
        except (OSError, RuntimeError, ValueError) as error:
            where = f"{self._path}: rows {rows[0]} … {rows[-1]}"
            raise EpisodeError(f"{where}: {error}") from error


def _offsets(dataset: h5py.Dataset, frame_bytes: int) -> NDArray[np.int64] | None:
    """Return (T,) where in the file each image begins, -1: nowhere; None: not as plain bytes."""
    rows = dataset.shape[0]
    if dataset.chunks is None:
        start = dataset.id.get_offset()
        if start is None or dataset.external or dataset.is_virtual:
            return None
        return np.arange(rows, dtype=np.int64) * frame_bytes + int(start)
    if dataset.chunks != (1, *dataset.shape[1:]) or dataset.id.get_create_plist().get_nfilters():
        return None
    offsets = np.full(rows, -1, np.int64)

    def see(chunk: h5py.h5d.StoreInfo) -> None:
        row = chunk.chunk_offset[0]
        if row < rows and chunk.size == frame_bytes and chunk.byte_offset is not None:
            offsets[row] = chunk.byte_offset

    dataset.id.chunk_iter(see)
    return offsets

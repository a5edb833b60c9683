# SPDX-License-Identifier: Apache-2.0
"""Memory through which rows go from the recorder to its writer, first in, first out."""

import mmap
import os
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# What stays in memory when the ring is empty: a few rows of four cameras.
KEPT_BYTES = 16 * 2**20

# A camera's bytes, or numbers.
Part = bytes | memoryview | NDArray[np.generic]


class RowRing:
    """Bytes that both processes map: the recorder puts rows in, the writer frees them in order.

    Args:
        capacity_bytes: how much fits.
        descriptor: of the memory, from the process that made it; None makes it. Anonymous: the
            kernel frees it with the last of the two processes, however they end.

    Attributes:
        descriptor: to hand to the other process; `close` it once that has it.
        capacity_bytes: how much fits.
    """

    def __init__(self, capacity_bytes: int, descriptor: int | None = None) -> None:
        if descriptor is None:
            descriptor = os.memfd_create("act_recorder_rows")
            os.ftruncate(descriptor, capacity_bytes)
        self.descriptor, self.capacity_bytes = descriptor, capacity_bytes
        self._memory = mmap.mmap(descriptor, capacity_bytes)
        self._bytes = np.frombuffer(self._memory, np.uint8)
        self._touched = 0  # as far as it has been written to
        self._head = self._tail = 0  # both only grow; their difference is in use
        self._ends: deque[int] = deque()

    @property
    def used_bytes(self) -> int:
        """How much is taken."""
        return self._head - self._tail

    def put(self, parts: Sequence[Part]) -> list[tuple[int, int]] | None:
        """Copy the parts of a row; return (offset, length) of each, or None if it does not fit."""
        if not self._ends:
            self._begin_anew()
        head, places = self._head, []
        views = [np.frombuffer(part, np.uint8) for part in parts]
        for view in views:
            offset = head % self.capacity_bytes
            if offset + len(view) > self.capacity_bytes:  # a part lies in one piece
                head += self.capacity_bytes - offset
                offset = 0
            places.append((offset, len(view)))
            head += len(view)
        if head - self._tail > self.capacity_bytes:
            return None
        for view, (offset, length) in zip(views, places, strict=True):
            self._bytes[offset : offset + length] = view
        self._head = head
        self._touched = max(self._touched, *(offset + length for offset, length in places), 0)
        self._ends.append(head)
        return places

    def _begin_anew(self) -> None:
        """Use the same few pages over and over, and give back those that a slow disk took."""
        self._head = self._tail = 0
        if self._touched > KEPT_BYTES:
            self._memory.madvise(mmap.MADV_REMOVE, KEPT_BYTES, self.capacity_bytes - KEPT_BYTES)
            self._touched = KEPT_BYTES

    def free(self) -> None:
        """Give back the oldest row's bytes."""
        self._tail = self._ends.popleft()

    def clear(self) -> None:
        """Give back everything."""
        self._ends.clear()
        self._tail = self._head

    def view(self, offset: int, length: int) -> NDArray[np.uint8]:
        """Return a part that the other process has put in, valid until it is freed."""
        return self._bytes[offset : offset + length]

    def close(self) -> None:
        """Give the descriptor up; the mapping stays."""
        os.close(self.descriptor)

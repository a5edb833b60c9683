# SPDX-License-Identifier: Apache-2.0
"""Training samples out of episode files of any length, image size and rate."""

import os
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from act_core.episode.reader import EpisodeReader
from act_core.images.pixels import resize
from act_policy.samples.agreement import smallest_image
from act_policy.samples.episode import Episode

# Each open HDF5 file holds a descriptor and a chunk cache.
MAX_OPEN_FILES = 64


class Batch(NamedTuple):
    """Samples, in physical units.

    Attributes:
        state: (B, S) float32, at time t.
        images: (B, N, H, W, 3) uint8, RGB, at time t.
        actions: (B, K, A) float32, of time t and the K - 1 periods after it.
        is_pad: (B, K) bool, true beyond the motion's end, where the last action is repeated.
    """

    state: Tensor
    images: Tensor
    actions: Tensor
    is_pad: Tensor


class EpisodeDataset(Dataset[Batch]):
    """All samples of some episodes: one for every chosen row.

    An index is a list of sample numbers and gives a `Batch`.

    Args:
        episodes: of one format.
        chunk_size: actions in a sample.
        rate_hz: of the actions in a sample; None for that of the first episode.
        image_size_px: (height, width) in which images come; None for the smallest.
        cache_images: keep all images in memory instead of reading them when asked for.
    """

    def __init__(
        self,
        episodes: Sequence[Episode],
        chunk_size: int,
        *,
        rate_hz: float | None = None,
        image_size_px: tuple[int, int] | None = None,
        cache_images: bool = False,
    ) -> None:
        self.episodes = list(episodes)
        self._chunk_size = chunk_size
        if self.episodes:
            self._period_ns = round(1e9 / (rate_hz or self.episodes[0].rate_hz))
            self._size_px = image_size_px or smallest_image(self.episodes)
        self._ends = np.cumsum([len(episode) for episode in self.episodes])
        self._readers: OrderedDict[int, EpisodeReader] = OrderedDict()
        self._owner_pid = os.getpid()
        self._cache: list[NDArray[np.uint8]] | None = None
        if cache_images:
            self._cache = [self._read_all(i) for i in range(len(self.episodes))]

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def __getitem__(self, indices: Sequence[int]) -> Batch:
        """Return the samples numbered `indices`."""
        where = [self._locate(index) for index in indices]
        chunks = [self._chunk(episode, t) for episode, t in where]
        return Batch(
            torch.from_numpy(np.stack([self.episodes[e].positions[t] for e, t in where])),
            torch.from_numpy(np.stack([self._images(e, t) for e, t in where])),
            torch.from_numpy(np.stack([actions for actions, _ in chunks])),
            torch.from_numpy(np.stack([is_pad for _, is_pad in chunks])),
        )

    def deltas(self, indices: Sequence[int], columns: Sequence[int]) -> list[NDArray[np.float32]]:
        """Return, of each sample, its actions (≤ K, A) minus its state's `columns`."""
        found = []
        for episode, t in map(self._locate, indices):
            actions, is_pad = self._chunk(episode, t)
            found.append(actions[~is_pad] - self.episodes[episode].positions[t][list(columns)])
        return found

    def _locate(self, index: int) -> tuple[int, int]:
        """Return which episode and which of its rows a sample is."""
        if not 0 <= index < len(self):
            raise IndexError(f"sample {index} of {len(self)}")
        number = int(np.searchsorted(self._ends, index, side="right"))
        rows = self.episodes[number].rows
        return number, int(rows[index - self._ends[number] + len(rows)])

    def _chunk(self, index: int, t: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        episode = self.episodes[index]
        return episode.track.chunk(int(episode.stamps_ns[t]), self._chunk_size, self._period_ns)

    def _images(self, episode: int, t: int) -> NDArray[np.uint8]:
        if self._cache is not None:
            return self._cache[episode][t]
        return self._read(self._reader(episode), episode, t)

    def _read(self, reader: EpisodeReader, episode: int, t: int) -> NDArray[np.uint8]:
        cameras = self.episodes[episode].format.cameras
        return np.stack([resize(reader.image(camera, t), *self._size_px) for camera in cameras])

    def _read_all(self, episode: int) -> NDArray[np.uint8]:
        with self.episodes[episode].open() as reader:
            return np.stack([self._read(reader, episode, t) for t in range(reader.num_frames)])

    def _reader(self, episode: int) -> EpisodeReader:
        # HDF5 handles do not survive a fork, so a loader's worker opens its own.
        if self._owner_pid != os.getpid():
            self._readers, self._owner_pid = OrderedDict(), os.getpid()
        if episode in self._readers:
            self._readers.move_to_end(episode)
        else:
            if len(self._readers) >= MAX_OPEN_FILES:
                self._readers.popitem(last=False)[1].close()
            self._readers[episode] = self.episodes[episode].open()
        return self._readers[episode]

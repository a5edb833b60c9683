# SPDX-License-Identifier: Apache-2.0
"""Training samples out of episode files of any length."""

import hashlib
import os
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from act_core.episode.reader import EpisodeReader
from act_policy.errors import DatasetError
from act_policy.training.action_track import MAX_GAP_TICKS, ActionTrack

# Each open HDF5 file holds a descriptor and a chunk cache.
MAX_OPEN_FILES = 64


class Batch(NamedTuple):
    """Samples, in physical units.

    Attributes:
        state: (B, S) float32, at time t.
        images: (B, N, H, W, 3) uint8, RGB, at time t.
        actions: (B, K, A) float32, of time t and the K - 1 control ticks after it.
        is_pad: (B, K) bool, true beyond the motion's end, where the last action is repeated.
    """

    state: Tensor
    images: Tensor
    actions: Tensor
    is_pad: Tensor


@dataclass(frozen=True)
class EpisodeFormat:
    """What all episodes of one training must have in common."""

    joint_names: tuple[str, ...]
    joint_units: tuple[str, ...]
    rate_hz: float
    cameras: tuple[str, ...]
    image_size_px: tuple[int, int]
    robot_yaml: str


@dataclass(frozen=True)
class Episode:
    """One episode: the file, what it has in common with others, and its small arrays.

    Attributes:
        path: the file.
        format: what must agree between episodes.
        positions: (T, S) float32, rad; grippers 0 closed … 1 open.
        actions: (T, A) float32, the same units.
        stamps_ns: (T,) int64, when the positions were measured.
        action_stamps_ns: (T,) int64, when the actions were meant to be executed.
    """

    path: Path
    format: EpisodeFormat
    positions: NDArray[np.float32]
    actions: NDArray[np.float32]
    stamps_ns: NDArray[np.int64]
    action_stamps_ns: NDArray[np.int64]

    @classmethod
    def load(cls, path: Path, cameras: Sequence[str] = ()) -> "Episode":
        """Read an episode's description and small arrays; images stay in the file.

        Args:
            path: episode file.
            cameras: cameras to use, in this order; empty for all of the file's.

        Raises:
            DatasetError: a camera is missing, sizes differ, a number is not finite, time goes
                back, or actions and positions are stamped by two clocks.
            EpisodeError: the file is not a readable episode.
        """
        with EpisodeReader(path) as reader:
            names = tuple(cameras) or reader.cameras
            missing = [name for name in names if name not in reader.cameras]
            if missing or not names:
                available = ", ".join(reader.cameras) or "(none)"
                raise DatasetError(f"{path}: no camera {missing or ''}; available: {available}")
            sizes = {name: reader.image_shape(name) for name in names}
            if len(set(sizes.values())) > 1:
                raise DatasetError(f"{path}: cameras differ in (height, width) px: {sizes}")
            meta = reader.meta
            layout = EpisodeFormat(
                tuple(meta.joint_names),
                tuple(meta.joint_units),
                float(meta.rate_hz),
                names,
                sizes[names[0]],
                meta.robot_yaml,
            )
            episode = cls(
                path, layout, reader.positions, reader.actions, reader.stamps_ns,
                reader.action_stamps_ns,
            )  # fmt: skip
        for what, values in (("positions", episode.positions), ("actions", episode.actions)):
            if not len(values) or not np.isfinite(values).all():
                raise DatasetError(f"{path}: {what} are empty or hold values that are not finite")
        episode._check_stamps()
        return episode

    @cached_property
    def track(self) -> ActionTrack:
        """The actions by their stamps."""
        return ActionTrack(self.action_stamps_ns, self.actions, self.period_ns)

    @property
    def period_ns(self) -> int:
        """Length of one control tick."""
        return round(1e9 / self.format.rate_hz)

    def _check_stamps(self) -> None:
        for what, stamps_ns in (("joints", self.stamps_ns), ("actions", self.action_stamps_ns)):
            steps_ns = np.diff(stamps_ns)
            if len(steps_ns) and steps_ns.min() < 0:
                row = int(steps_ns.argmin())
                raise DatasetError(
                    f"{self.path}: {what} of row {row + 1} are stamped {-steps_ns[row] / 1e9:g} s "
                    f"before those of row {row}; time goes back, so there is no motion to learn"
                )
        apart_s = float(np.median(np.abs(self.action_stamps_ns - self.stamps_ns))) / 1e9
        limit_s = MAX_GAP_TICKS * self.period_ns / 1e9
        if apart_s > limit_s:
            raise DatasetError(
                f"{self.path}: actions are stamped {apart_s:g} s away from the joints (limit "
                f"{limit_s:g} s); they come from two clocks, synchronise them and record again"
            )

    def __len__(self) -> int:
        return len(self.actions)


def load_episodes(paths: Sequence[Path], cameras: Sequence[str] = ()) -> list[Episode]:
    """Load episodes and check that they can be trained on together.

    Raises:
        DatasetError: two episodes differ in joint names, units, rate, cameras, image size or
            robot; the text names the files and both values.
    """
    episodes = [Episode.load(path, cameras) for path in paths]
    if not episodes:
        raise DatasetError("there is no episode to train on")
    first = episodes[0]
    for episode in episodes[1:]:
        for name, expected in vars(first.format).items():
            got = getattr(episode.format, name)
            if got == expected:
                continue
            if name == "robot_yaml":
                got, expected = "another robot description", "one"
            raise DatasetError(
                f"{episode.path} has {name} {got}, but {first.path} has {expected}; "
                "train on them separately"
            )
    return episodes


def fingerprint(episodes: Sequence[Episode]) -> str:
    """Return the SHA-256 of all episodes' names, file sizes and actions, as hexadecimal.

    Images are left out: hashing them would read the whole dataset.
    """
    digest = hashlib.sha256()
    for episode in episodes:
        digest.update(f"{episode.path.name}:{episode.path.stat().st_size}:".encode())
        digest.update(np.ascontiguousarray(episode.actions).tobytes())
    return digest.hexdigest()


class EpisodeDataset(Dataset[Batch]):
    """All samples of some episodes: one for every frame.

    An index is a list of sample numbers and gives a `Batch`.

    Args:
        episodes: of one format.
        chunk_size: actions in a sample.
        cache_images: keep all images in memory instead of reading them when asked for.
    """

    def __init__(
        self, episodes: Sequence[Episode], chunk_size: int, *, cache_images: bool = False
    ) -> None:
        self.episodes = list(episodes)
        self._chunk_size = chunk_size
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

    def _locate(self, index: int) -> tuple[int, int]:
        if not 0 <= index < len(self):
            raise IndexError(f"sample {index} of {len(self)}")
        episode = int(np.searchsorted(self._ends, index, side="right"))
        return episode, int(index - self._ends[episode] + len(self.episodes[episode]))

    def _chunk(self, index: int, t: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        episode = self.episodes[index]
        return episode.track.chunk(int(episode.stamps_ns[t]), self._chunk_size)

    def _images(self, episode: int, t: int) -> NDArray[np.uint8]:
        if self._cache is not None:
            return self._cache[episode][t]
        reader = self._reader(episode)
        return np.stack([reader.image(c, t) for c in self.episodes[episode].format.cameras])

    def _read_all(self, episode: int) -> NDArray[np.uint8]:
        cameras = self.episodes[episode].format.cameras
        with EpisodeReader(self.episodes[episode].path) as reader:
            frames = [[reader.image(c, t) for c in cameras] for t in range(reader.num_frames)]
        return np.asarray(frames, dtype=np.uint8)

    def _reader(self, episode: int) -> EpisodeReader:
        # HDF5 handles do not survive a fork, so a loader's worker opens its own.
        if self._owner_pid != os.getpid():
            self._readers, self._owner_pid = OrderedDict(), os.getpid()
        if episode in self._readers:
            self._readers.move_to_end(episode)
        else:
            if len(self._readers) >= MAX_OPEN_FILES:
                self._readers.popitem(last=False)[1].close()
            self._readers[episode] = EpisodeReader(self.episodes[episode].path)
        return self._readers[episode]

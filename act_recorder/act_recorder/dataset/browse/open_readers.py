# SPDX-License-Identifier: Apache-2.0
"""Episode files that are open for the page, a few at a time, each for one thread at a time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.robot.robot_spec import RobotSpec

MOST_OPEN = 4
# An open file keeps other programs from writing to it, so it is closed soon after its last use.
IDLE_S = 5.0


@dataclass
class _Shelf:
    """One file: its reader for the page, and the locks that keep edits apart from reading."""

    lock: Lock = field(default_factory=Lock)
    inspected: Lock = field(default_factory=Lock)
    reader: EpisodeReader | None = None
    stamp: tuple[int, int] = (0, 0)
    used_s: float = 0.0

    def close(self) -> None:
        """Close the reader, if one is open."""
        if self.reader is not None:
            self.reader.close()
            self.reader = None


class OpenReaders:
    """Readers by path; opened when asked for, and again when the file has changed.

    Args:
        robot: whose the files are that do not say so themselves.
    """

    def __init__(self, robot: RobotSpec | None) -> None:
        self._robot = robot
        self._lock = Lock()
        self._shelves: dict[Path, _Shelf] = {}

    @contextmanager
    def borrowed(self, path: Path) -> Iterator[EpisodeReader]:
        """Yield the reader of a file; others who want the same file wait.

        Raises:
            EpisodeError: it cannot be read.
        """
        shelf = self._shelf(path)
        with shelf.lock:
            stamp = _stamp(path)
            if shelf.reader is None or shelf.stamp != stamp:
                shelf.close()
                shelf.reader = EpisodeReader(path, self._robot)
                shelf.stamp = stamp
            try:
                yield shelf.reader
            except (OSError, RuntimeError, KeyError, ValueError) as error:
                raise EpisodeError(f"{path}: damaged: {error}") from error
            finally:
                shelf.used_s = time.monotonic()
        self._close_oldest()

    @contextmanager
    def inspected(self, path: Path) -> Iterator[None]:
        """Let somebody else read the file, for as long as it takes; edits wait for it."""
        with self._shelf(path).inspected:
            yield

    @contextmanager
    def read_once(self, path: Path) -> Iterator[EpisodeReader]:
        """Yield a reader apart from the page's."""
        with self.inspected(path), EpisodeReader(path, self._robot) as reader:
            yield reader

    @contextmanager
    def put_away(self, path: Path) -> Iterator[None]:
        """Keep a file closed, so that it can be changed or moved."""
        shelf = self._shelf(path)
        with shelf.lock, shelf.inspected:
            shelf.close()
            yield

    def close_idle(self, idle_s: float = IDLE_S) -> None:
        """Close what nobody has used for `idle_s`."""
        before_s = time.monotonic() - idle_s
        for shelf in self._open():
            if shelf.used_s <= before_s:
                _close_unless_used(shelf)

    def _close_oldest(self) -> None:
        for shelf in sorted(self._open(), key=lambda shelf: -shelf.used_s)[MOST_OPEN:]:
            _close_unless_used(shelf)

    def _open(self) -> list[_Shelf]:
        with self._lock:
            return [shelf for shelf in self._shelves.values() if shelf.reader is not None]

    def _shelf(self, path: Path) -> _Shelf:
        with self._lock:
            return self._shelves.setdefault(path, _Shelf())


def _close_unless_used(shelf: _Shelf) -> None:
    if shelf.lock.acquire(blocking=False):
        try:
            shelf.close()
        finally:
            shelf.lock.release()


def _stamp(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return (0, 0)  # the reader says it better
    return stat.st_mtime_ns, stat.st_size

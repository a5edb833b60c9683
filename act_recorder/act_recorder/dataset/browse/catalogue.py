# SPDX-License-Identifier: Apache-2.0
"""What the page knows of a folder of episodes: filled by threads, while it is already shown."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Lock, Thread

from act_core.episode.find_episodes import episode_index
from act_core.errors import EpisodeError
from act_recorder.dataset.browse.defects import Defect, Inspect
from act_recorder.dataset.browse.open_readers import OpenReaders
from act_recorder.dataset.browse.row import (
    READING_FAULTS,
    Row,
    broken_row,
    is_being_recorded,
    read_row,
    unread_row,
    updated_row,
)

_POLL_S = 1.0
_TWIN_KEYS = 1_000_000


@dataclass(frozen=True)
class Changes:
    """What has changed since a serial number.

    Attributes:
        serial: to ask from the next time.
        rows: new and changed ones.
        keys: of all files that are there.
        unread: how many wait to be read.
        uninspected: how many wait for their findings.
    """

    serial: int
    rows: list[Row]
    keys: list[int]
    unread: int
    uninspected: int


class Catalogue:
    """The rows of a dataset.

    Args:
        directory: the dataset.
        readers: its files.
        inspect: finds defects; None where none are looked for.
    """

    def __init__(
        self, directory: Path, readers: OpenReaders, inspect: Inspect | None = None
    ) -> None:
        self.directory = directory
        self._readers, self._inspect = readers, inspect
        self._lock = Lock()
        self._rows: dict[str, Row] = {}
        self._names: dict[int, str] = {}  # key → name
        self._serial = 0
        self._to_read: Queue[str] = Queue()
        self._to_inspect: Queue[str] = Queue()
        self._stopped = Event()

    def start(self) -> None:
        """Read what is there, in threads that end with `stop` or with the process."""
        self.scan()
        self._work(self._to_read, self._read, self._rest)
        if self._inspect is not None:
            self._work(self._to_inspect, self._look, lambda: None)

    def stop(self) -> None:
        """Read no further file."""
        self._stopped.set()

    def _work(
        self, queue: "Queue[str]", work: Callable[[str], None], rest: Callable[[], None]
    ) -> None:
        """Work off a queue in a thread; `rest` when it is empty for a while."""

        def serve() -> None:
            while not self._stopped.is_set():
                try:
                    work(queue.get(timeout=_POLL_S))
                except Empty:
                    rest()

        Thread(target=serve, daemon=True).start()

    def scan(self) -> None:
        """Compare with the folder: files come, change and go."""
        found = _episode_files(self.directory)
        with self._lock:
            for name in self._rows.keys() - {path.name for path in found}:
                del self._names[self._rows.pop(name).key]
            for path in found:
                self._meet(path)

    def changes(self, since: int = 0) -> Changes:
        """Return what is new since a serial number that an earlier call has returned."""
        with self._lock:
            rows = list(self._rows.values())
            return Changes(
                self._serial,
                [row for row in rows if row.serial > since],
                [row.key for row in rows],
                sum(row.state == "unread" for row in rows),
                sum(_awaits_inspection(row) for row in rows) if self._inspect else 0,
            )

    def row(self, key: int) -> Row:
        """Return a row; raises EpisodeError where there is none."""
        with self._lock:
            if key in self._names:
                return self._rows[self._names[key]]
        raise EpisodeError(f"{self.directory}: no episode {key}, or no longer")

    def key(self, name: str) -> int:
        """Return the key of a file; raises EpisodeError where it is not there."""
        with self._lock:
            if name in self._rows:
                return self._rows[name].key
        raise EpisodeError(f"{self.directory}: no {name}, or no longer")

    def path(self, row: Row) -> Path:
        """Return where its file is."""
        return self.directory / row.name

    def reread(self, row: Row) -> Row:
        """Take in what an edit has changed, and return it."""
        path = self.path(row)
        with self._readers.borrowed(path) as reader:
            # The rows are the same: so are the findings.
            fresh = replace(read_row(unread_row(path, row.key), reader), defects=row.defects)
        return self._put(fresh)

    def _meet(self, path: Path) -> None:
        """Take a file in that is new or has changed; called with the lock."""
        known = self._rows.get(path.name)
        try:
            row = unread_row(path, known.key if known else self._free_key(path))
        except FileNotFoundError:
            return
        if known is None or known.version != row.version:
            self._keep(row if known is None else updated_row(known, row))
            self._to_read.put(path.name)
        elif known.state == "recording":  # its recorder may have ended without a further row
            self._to_read.put(path.name)

    def _free_key(self, path: Path) -> int:
        """Return the number in the name, or another where episode_7 is there twice."""
        index = episode_index(path)
        return index if index not in self._names else max(self._names) + _TWIN_KEYS

    def _read(self, name: str) -> None:
        path = self.directory / name
        with self._lock:
            row = self._rows.get(name)
        if row is None:
            return
        if is_being_recorded(path):
            self._put(replace(row, state="recording"))
            return
        try:
            with self._readers.read_once(path) as reader:
                fresh = read_row(row, reader)
        except READING_FAULTS as error:
            fresh = broken_row(row, path, error)
        self._put(fresh)
        if fresh.state == "whole":
            self._to_inspect.put(name)

    def _look(self, name: str) -> None:
        while not (self._to_read.empty() or self._stopped.is_set()):  # the table first
            time.sleep(_POLL_S / 10)
        with self._lock:
            row = self._rows.get(name)
        if row is None or self._inspect is None or not _awaits_inspection(row):
            return
        try:
            with self._readers.inspected(self.directory / name):
                defects = tuple(self._inspect(self.directory / name))
        except READING_FAULTS as error:
            defects = (Defect("unreadable", "error", str(error)),)
        with self._lock:
            now = self._rows.get(name)
            if now is not None and now.state == "whole":
                self._keep(replace(now, defects=defects))

    def _put(self, row: Row) -> Row:
        with self._lock:
            return self._keep(row)

    def _keep(self, row: Row) -> Row:
        """Store a row, under the next serial number if it says something new; with the lock."""
        known = self._rows.get(row.name)
        if known is not None and row == replace(known, serial=row.serial):
            return known
        self._serial += 1
        row = self._rows[row.name] = replace(row, serial=self._serial)
        self._names[row.key] = row.name
        return row

    def _rest(self) -> None:
        self._readers.close_idle()


def _awaits_inspection(row: Row) -> bool:
    return row.state == "whole" and row.defects is None


def _episode_files(directory: Path) -> list[Path]:
    found = [path for path in _listed(directory) if episode_index(path) >= 0]
    return sorted(found, key=lambda path: (episode_index(path), path.name))


def _listed(directory: Path) -> Iterable[Path]:
    try:
        return list(directory.iterdir())
    except OSError as error:
        raise EpisodeError(f"dataset folder {directory} cannot be listed: {error}") from error

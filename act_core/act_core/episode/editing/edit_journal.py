# SPDX-License-Identifier: Apache-2.0
"""Changes a file all at once or not at all: what is to be written lies in a journal first."""

import fcntl
import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Write = tuple[int, bytes]


def journal_path(path: Path) -> Path:
    """Return where the journal of `path` is while a change of it is under way."""
    return path.with_name(f".{path.name}.edit")


def settle(path: Path) -> None:
    """Finish a change of `path` that a crash has interrupted; raises OSError."""
    if journal_path(path).exists():
        with _locked(path, wait=True) as file:
            _replay(file, journal_path(path))


def change(path: Path, edit: Callable[[io.RawIOBase], None]) -> None:
    """Let `edit` write to `path`: into memory, then through the journal to the file.

    A crash leaves the file as it was or a journal that `settle` finishes.

    Raises:
        BlockingIOError: another process has the file open, or changes it.
        OSError: the file system refused; the file is unchanged.
    """
    with _locked(path, wait=False) as file:
        _replay(file, journal_path(path))
        overlay = _Overlay(file)
        edit(overlay)
        stat = os.fstat(file)
        entry = {
            "inode": stat.st_ino, "sizes": [stat.st_size, overlay.size],
            "writes": [[offset, data.hex()] for offset, data in overlay.writes],
        }  # fmt: skip
        draft = path.with_name(f".{path.name}.edit-draft")
        with draft.open("w") as out:
            json.dump(entry, out)
            out.flush()
            os.fsync(out.fileno())
        draft.rename(journal_path(path))
        _replay(file, journal_path(path))


@contextmanager
def _locked(path: Path, *, wait: bool) -> Iterator[int]:
    """Open `path` alone: HDF5 takes a shared lock of this kind on each file that it reads."""
    file = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield file
    finally:
        os.close(file)


def _replay(file: int, journal: Path) -> None:
    """Write what the journal says, if it is this file's, and end it."""
    try:
        entry = json.loads(journal.read_text())
    except FileNotFoundError:  # none, or somebody has just finished it
        return
    stat = os.fstat(file)
    # Of the same name may be a later recording.
    if stat.st_ino == entry["inode"] and stat.st_size in entry["sizes"]:
        for offset, data in entry["writes"]:
            os.pwrite(file, bytes.fromhex(data), offset)
        os.ftruncate(file, entry["sizes"][1])
        os.fsync(file)
    journal.unlink(missing_ok=True)


class _Overlay(io.RawIOBase):
    """A file whose changes stay in memory.

    Args:
        file: descriptor of what is below.

    Attributes:
        size: bytes, with the changes.
        writes: (offset, data), in order.
    """

    def __init__(self, file: int) -> None:
        self._file, self._at = file, 0
        self.size = os.fstat(file).st_size
        self.writes: list[Write] = []

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = base + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        begin, end = self._at, min(self._at + len(buffer), self.size)
        count = max(0, end - begin)
        data = bytearray(os.pread(self._file, count, begin).ljust(count, b"\0"))
        for offset, new in self.writes:
            low, high = max(begin, offset), min(end, offset + len(new))
            if low < high:
                data[low - begin : high - begin] = new[low - offset : high - offset]
        buffer[:count] = bytes(data)
        self._at = begin + count
        return count

    def write(self, data: bytes | memoryview) -> int:  # type: ignore[override]
        new = bytes(data)
        self.writes.append((self._at, new))
        self._at += len(new)
        self.size = max(self.size, self._at)
        return len(new)

    def truncate(self, size: int | None = None) -> int:
        self.size = self._at if size is None else size
        return self.size

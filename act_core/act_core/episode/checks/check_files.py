# SPDX-License-Identifier: Apache-2.0
"""Checks many files in processes of their own: what a damaged one does to HDF5 ends only those.

HDF5 reads some damaged files for ever, and ends its process at others.
"""

import math
import os
import time
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path

from act_core.episode.checks.check_episode import EpisodeReport, Thoroughness, check_episode
from act_core.episode.checks.file_checks import UNREADABLE

# Files come from a slow disk or a busy network drive.
PATIENCE_S, SLOWEST_BYTES_S = 60.0, 5e6
_PROCESSES = 2


def check_files(
    paths: Sequence[Path], how: Thoroughness, patience_s: float = PATIENCE_S
) -> Iterator[EpisodeReport]:
    """Give the report of each file as it is done, in any order; raises nothing for any file.

    Args:
        paths: the files.
        how: how closely to look.
        patience_s: how long one file may take, beside what it takes to read it.
    """
    waiting = list(reversed(paths))
    workers = [_Worker(how, patience_s) for _ in range(min(_PROCESSES, len(paths)))]
    try:
        while waiting or any(worker.path for worker in workers):
            for worker in workers:
                if worker.path is None and waiting:
                    worker.begin(waiting.pop())
            busy = [worker for worker in workers if worker.path]
            wait([worker.link for worker in busy], timeout=0.5)
            for worker in busy:
                report = worker.report()
                if report is not None:
                    yield report
    finally:
        for worker in workers:
            worker.end()


class _Worker:
    """A process that checks one file after another, and its successor when it is gone."""

    def __init__(self, how: Thoroughness, patience_s: float) -> None:
        self._how, self._patience_s = how, patience_s
        self.path: Path | None = None
        self._until_s = math.inf
        self._start()

    def _start(self) -> None:
        # Not forked: the caller's threads and open files are none of its business.
        context = get_context("spawn")
        self.link, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._how), daemon=True)
        self._process.start()
        theirs.close()

    def begin(self, path: Path) -> None:
        """Let it check a file."""
        self.path, self._until_s = path, math.inf
        self.link.send(path)

    def report(self) -> EpisodeReport | None:
        """Return what it found, or what became of it; None while it is at work."""
        assert self.path is not None
        if self.link.poll():
            try:
                report: EpisodeReport | None = self.link.recv()
            except (EOFError, OSError):
                self._process.join()
                return self._replaced(f"HDF5 ended at it (exit {self._process.exitcode})")
            if report is None:  # it begins
                limit_s = self._patience_s + _size(self.path) / SLOWEST_BYTES_S
                self._until_s = time.monotonic() + limit_s
                return None
            self.path = None
            return report
        if time.monotonic() < self._until_s:
            return None
        return self._replaced("HDF5 reads it without end")

    def _replaced(self, text: str) -> EpisodeReport:
        assert self.path is not None
        self.end()
        finding = UNREADABLE.found(f"damaged: {text}")
        report = EpisodeReport(self.path, (finding,), None, _size(self.path))
        self.path = None
        self._start()
        return report

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.join()
        self.link.close()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _serve(link: Connection, how: Thoroughness) -> None:
    parent = os.getppid()
    while os.getppid() == parent:
        try:
            path: Path = link.recv()
        except EOFError:
            return
        link.send(None)
        link.send(check_episode(path, how))

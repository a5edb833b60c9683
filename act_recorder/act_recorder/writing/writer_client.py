# SPDX-License-Identifier: Apache-2.0
"""The recorder's side of its writing process: rows go out, what became of them comes back."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from act_core.episode.frame_counts import FrameCounts
from act_core.episode.meta import EpisodeMeta
from act_core.errors import EpisodeError
from act_recorder.rows.row_matcher import Row
from act_recorder.writing.row_message import pack_row
from act_recorder.writing.row_ring import RowRing

TOO_SLOW = "the disk, or the encoding, was too slow"
# Longest that a row may wait for room where no row may be lost.
PATIENCE_S = 60.0
END_S = 5.0


def _start(options: list[str], descriptors: tuple[int, ...]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "act_recorder.writing.writer_process", *options]
    # A session of its own: it outlives a recorder that is killed with its terminal.
    return subprocess.Popen(command, pass_fds=descriptors, start_new_session=True)


class WriterClient:
    """Writes one episode after another in a process of its own.

    Args:
        buffer_bytes: how much may be under way.

    Attributes:
        num_frames: rows of the present episode that were taken; those that were dropped later are
            subtracted when it is known.
        waiting: rows under way.
    """

    def __init__(self, buffer_bytes: int) -> None:
        self._ring = RowRing(buffer_bytes)
        self._connection, theirs = Pipe()
        options = [
            "--connection", str(theirs.fileno()), "--ring", str(self._ring.descriptor),
            "--ring-bytes", str(buffer_bytes),
        ]  # fmt: skip
        self._process = _start(options, (theirs.fileno(), self._ring.descriptor))
        theirs.close()
        self._ring.close()
        self.num_frames = self.waiting = 0
        self._dropped: list[str] = []
        self._path: Path | None = None
        self._fault = ""
        self._ended: str | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def open(self, directory: Path, meta: EpisodeMeta, jpeg_quality: int) -> None:
        """Begin an episode; faults show in what follows."""
        self.num_frames, self._path, self._ended = 0, None, None
        self._fault = "" if self.alive else self._fault
        self._send(
            act="open", directory=str(directory), meta=asdict(meta), jpeg_quality=jpeg_quality
        )

    def append(self, row: Row, *, wait: bool) -> bool:
        """Send a row; False if there is no room for it and nobody can wait.

        Raises:
            EpisodeError: the file cannot be written, or the process is gone.
        """
        head, parts = pack_row(row)
        until_s = time.monotonic() + (PATIENCE_S if wait else 0.0)
        with self._changed:
            while True:
                self._check()
                places = self._ring.put(parts)
                if places is not None:
                    break
                if time.monotonic() >= until_s:
                    return False
                self._changed.wait(0.1)
            self.waiting += 1
            self.num_frames += 1
        self._send(act="row", head=head, places=places)
        return True

    def take_dropped(self) -> list[str]:
        """Return why rows were dropped since the last call, a reason for each."""
        with self._changed:
            dropped, self._dropped = self._dropped, []
            return dropped

    def finish(self, known: Mapping[str, Any], frames: Mapping[str, FrameCounts]) -> None:
        """Let the file be completed with `known` fields of EpisodeMeta, once all rows are in."""
        counts = {camera: asdict(each) for camera, each in frames.items()}
        self._send(act="end", how="finish", known=dict(known), frames=counts)

    def discard(self) -> None:
        """Let the file be deleted."""
        self._send(act="end", how="discard")

    def keep_partial(self) -> None:
        """Let the file be closed as partial, once all rows are in."""
        self._send(act="end", how="keep")

    def ended(self) -> Path | None | bool:
        """Return where the episode is, None where nothing is left, False while that is open.

        Raises:
            EpisodeError: the file cannot be written, or the process is gone.
        """
        with self._changed:
            self._check()
            if self._ended is None:
                return False
            return Path(self._ended) if self._ended else None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    @property
    def idle(self) -> bool:
        """Whether all rows are in; raises EpisodeError as `append`."""
        with self._changed:
            self._check()
            return self.waiting == 0

    @property
    def partial_path(self) -> Path | None:
        """Where the rows are as long as the episode has not ended."""
        return None if self._path is None else self._path.with_name(f"{self._path.name}.partial")

    @property
    def fill(self) -> float:
        """How full the memory for rows under way is, 0 … 1."""
        return self._ring.used_bytes / self._ring.capacity_bytes

    def close(self) -> None:
        """End the process, once it has written what it was given; an open file stays partial."""
        self._send(act="quit")
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(END_S)
        self._process.kill()
        self._thread.join()
        self._connection.close()

    def _check(self) -> None:
        if self._fault:
            raise EpisodeError(self._fault)

    def _send(self, **message: Any) -> None:
        # A process that is gone is noticed, and named, by the listening thread.
        with suppress(BrokenPipeError):
            self._connection.send_bytes(json.dumps(message).encode())

    def _listen(self) -> None:
        while True:
            try:
                answer = json.loads(self._connection.recv_bytes())
            except (EOFError, OSError):
                break
            with self._changed:
                self._take(answer)
                self._changed.notify_all()
        with self._changed:
            self._fault = self._fault or self._obituary()
            self._changed.notify_all()

    def _take(self, answer: Mapping[str, Any]) -> None:
        if answer["act"] == "row":
            self._ring.free()
            self.waiting -= 1
        if "fault" in answer:
            self._fault = answer["fault"]
        elif "dropped" in answer:
            self.num_frames -= 1
            self._dropped.append(answer["dropped"])
        elif answer["act"] == "open":
            self._path = Path(answer["path"])
        elif answer["act"] == "end":
            self._ended = answer["ended"]

    def _obituary(self) -> str:
        status = self._process.wait()
        rows = f"; its rows are in {self.partial_path}" if self._path else ""
        return f"the writing process (pid {self._process.pid}) is gone, exit status {status}{rows}"

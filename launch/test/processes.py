# SPDX-License-Identifier: Apache-2.0
"""Starts the suite's executables as real processes for tests and reads what they say."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

DEADLINE_S = 90.0
TOLD = 3000  # characters


class Process:
    """One executable with its output in a file."""

    def __init__(
        self, module: str, arguments: Sequence[str], log: Path, environment: dict[str, str],
        peers: Sequence["Process"], *, prefix: Sequence[str] = (), stdin: int | None = None,
        **params: object,
    ):  # fmt: skip
        command = [*prefix, sys.executable, "-m", module, *arguments]
        if params:
            command += ["--ros-args", *(a for k, v in params.items() for a in ("-p", f"{k}:={v}"))]
        self.module, self.log = module, log
        self._peers = peers
        self._old = 0
        self._file = log.open("wb")
        self.popen = subprocess.Popen(
            command, stdin=stdin, stdout=self._file, stderr=subprocess.STDOUT, env=environment
        )

    @property
    def text(self) -> str:
        """All output so far."""
        return self.log.read_text(errors="replace")

    @property
    def news(self) -> str:
        """Output since the last `forget`, or since another process was killed."""
        return self.text[self._old :]

    def forget(self) -> None:
        """Let what was said until now count no more."""
        self._old = len(self.text)

    def wait_for(self, text: str | re.Pattern[str], limit_s: float = DEADLINE_S) -> float:
        """Wait until `text` is among the news; return how long it took, s."""
        started_s = time.monotonic()
        pattern = re.compile(re.escape(text)) if isinstance(text, str) else text
        wait_until(
            lambda: pattern.search(self.news) is not None, limit_s,
            f"{self.module}: no {pattern.pattern!r}", self,
        )  # fmt: skip
        return time.monotonic() - started_s

    def wait_for_exit(self, limit_s: float = DEADLINE_S) -> int:
        """Wait for the end; return the exit status."""
        wait_until(
            lambda: self.popen.poll() is not None, limit_s, f"{self.module}: does not end", self
        )
        return int(self.popen.returncode)

    def kill(self) -> None:
        """End it as a crash would; what the others have said until now counts no more."""
        for peer in self._peers:
            peer.forget()
        self.popen.kill()
        self.popen.wait()

    def stop(self) -> int:
        """Interrupt it as Ctrl-C would; return the exit status."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGINT)
        return self.wait_for_exit(10.0)

    def tell(self) -> None:
        """Print how it ended, or where it stands, and its last words."""
        running = self.popen.poll() is None
        if running:
            self.popen.send_signal(signal.SIGABRT)  # Python then writes where its threads stand
            with suppress(subprocess.TimeoutExpired):
                self.popen.wait(5.0)
        state = "was running" if running else f"had ended with {self.popen.returncode}"
        words = re.sub("(?m)^Extension modules: .*\n?", "", self.text)  # thousands of characters
        told = f"--- {self.module} {state}; its last words:\n{words[-TOLD:]}\n"
        sys.stdout.write(told)

    def close(self) -> None:
        """Leave nothing running."""
        if self.popen.poll() is None:
            self.kill()
        self._file.close()


class Processes:
    """The processes of one test, in a ROS domain of their own.

    Attributes:
        folder: of their logs.
        environment: of those that are started from now on.
    """

    def __init__(self, folder: Path, domain: int):
        self.folder = folder
        python = {"PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1"}
        self.environment = {**os.environ, **python, "ROS_DOMAIN_ID": str(domain)}
        self._running: list[Process] = []

    def start(self, module: str, *arguments: str, **options: Any) -> Process:
        """Start `python -m module` with arguments and ROS parameters.

        Two options are no parameters: `prefix`, words of a program to run it by, and `stdin`, a
        file number.
        """
        log = self.folder / f"{len(self._running)}_{module}.log"
        process = Process(module, arguments, log, self.environment, self._running, **options)
        self._running.append(process)
        return process

    def tell(self) -> None:
        """Print what became of all of them, for who has to find out why a test failed."""
        for process in self._running:
            process.tell()

    def close(self) -> None:
        """End all, and give back the shared memory that killed ones have left (64 MiB each)."""
        for process in self._running:
            process.close()
        self._running.clear()
        subprocess.run(["fastdds", "shm", "clean"], stdout=subprocess.DEVNULL, check=True)


def wait_until(
    ready: Callable[[], bool], limit_s: float, what: str | Callable[[], str],
    process: Process | None = None,
) -> None:  # fmt: skip
    """Poll `ready`; fail after `limit_s` with `what`, asked for then, and the process's output.

    A `process` that has ended is not waited for any longer.
    """
    started_s = time.monotonic()
    ended = False
    while not ready():
        waited_s = time.monotonic() - started_s
        if ended or waited_s > limit_s:
            tail = process.text[-2000:] if process else ""
            said = what if isinstance(what, str) else what()
            raise AssertionError(f"{said} after {waited_s:.1f} s\n{tail}")
        ended = process is not None and process.popen.poll() is not None  # one more look, then
        time.sleep(0.02)

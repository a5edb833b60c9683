# SPDX-License-Identifier: Apache-2.0
"""An operator before a terminal: presses keys, reads what the foot of the screen shows."""

import fcntl
import os
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Mapping

from processes import wait_until

ROWS, COLUMNS = 40, 120
_DRAWN = re.compile(r"\x1b\[(\d+);1H\x1b\[2K(?:\x1b\[\d+m)*([^\x1b]*)")


class OperatorTerminal:
    """Runs `python -m module` on a terminal of its own.

    Args:
        words: module and arguments.
        environment: of the program.
    """

    def __init__(self, *words: str, environment: Mapping[str, str]):
        self._person, self.program = os.openpty()
        size = struct.pack("HHHH", ROWS, COLUMNS, 0, 0)
        fcntl.ioctl(self.program, termios.TIOCSWINSZ, size)
        self.mode = termios.tcgetattr(self.program)
        self._bytes = b""
        self.popen = subprocess.Popen(
            [sys.executable, "-m", *words], stdin=self.program, stdout=self.program,
            stderr=self.program, env={**environment, "TERM": "xterm"}, start_new_session=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        try:
            while data := os.read(self._person, 65536):
                self._bytes += data
        except OSError:  # closed
            return

    @property
    def text(self) -> str:
        """All that has come, with control sequences."""
        return self._bytes.decode(errors="replace")

    @property
    def shown(self) -> str:
        """The foot of the screen as it is now."""
        rows = {int(row): line for row, line in _DRAWN.findall(self.text)}
        return "\n".join(rows[row] for row in sorted(rows))

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._person, keys.encode())

    def wait_for(self, pattern: str, limit_s: float = 60.0) -> None:
        """Wait until the foot of the screen shows `pattern`."""
        found = re.compile(pattern, re.DOTALL)
        try:
            wait_until(lambda: found.search(self.shown) is not None, limit_s, f"no {pattern!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}{self.shown}\n---\n{self.text[-3000:]}") from None

    def wait_for_exit(self, limit_s: float = 60.0) -> int:
        """Wait for the end; return the exit status."""
        wait_until(lambda: self.popen.poll() is not None, limit_s, "it does not end")
        return int(self.popen.returncode)

    def close(self) -> None:
        """Leave nothing running and nothing open."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGINT)
            self.popen.wait(20.0)
        os.close(self.program)
        self._reader.join(5.0)
        os.close(self._person)

# SPDX-License-Identifier: Apache-2.0
"""The terminal of this process, read key by key."""

import atexit
import os
import select
import sys
import termios
from contextlib import suppress
from typing import Any

from act_core.errors import ActError


class Terminal:
    """Standard input without line editing and echo; Ctrl-C stays a signal.

    However this process ends, the terminal gets its mode back, unless by SIGKILL.

    Args:
        commands: how to start this program in a terminal, for who has done otherwise.

    Raises:
        ActError: standard input is no terminal.
    """

    def __init__(self, commands: str) -> None:
        self._file = sys.stdin.fileno()
        if not os.isatty(self._file):
            raise ActError(
                f"standard input is no terminal, and keys come from one; run {commands} in a "
                "terminal of its own, ros2 launch has none"
            )
        before, mode = termios.tcgetattr(self._file), termios.tcgetattr(self._file)
        mode[3] &= ~(termios.ICANON | termios.ECHO)
        atexit.register(self._restore, before)
        termios.tcsetattr(self._file, termios.TCSADRAIN, mode)

    def read(self) -> str:
        """Return the characters that have come since the last call; raises ActError at its end."""
        if not select.select([self._file], [], [], 0)[0]:
            return ""
        try:
            data = os.read(self._file, 1024)
        except OSError:  # its other end is gone
            data = b""
        if not data:
            raise ActError("the terminal was closed")
        return data.decode(errors="ignore")

    def _restore(self, mode: list[Any]) -> None:
        with suppress(termios.error):  # a terminal that is gone needs none
            termios.tcsetattr(self._file, termios.TCSADRAIN, mode)

# SPDX-License-Identifier: Apache-2.0
"""The foot of a terminal, redrawn in place while other programs' lines scroll above it."""

import os
from collections.abc import Sequence

SAVE, RESTORE, ALL = "\x1b7", "\x1b8", "\x1b[r"
BOLD, RED, PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[0m"
BELL = "\a"


def draws_in_place(file: int) -> bool:
    """Tell whether a file is a terminal that can be drawn on."""
    return os.isatty(file) and os.environ.get("TERM", "dumb") not in ("", "dumb")


class Screen:
    """Keeps some lines at the foot of a terminal.

    What scrolls is bounded above them (DECSTBM, of every terminal since the VT100), so that the
    log of other processes on the same terminal needs no knowledge of them. Each redrawing is one
    write, which the kernel does not mix with others'.

    Args:
        file: descriptor of the terminal.
    """

    def __init__(self, file: int) -> None:
        self._file = file
        self._taken = 0
        self._size = (0, 0)

    @property
    def size(self) -> tuple[int, int]:
        """(columns, rows)."""
        columns, rows = os.get_terminal_size(self._file)
        return columns or 80, rows or 24

    def show(self, lines: Sequence[str], *, bell: bool = False) -> None:
        """Draw `lines`; the first is a headline, those that begin with ! are troubles."""
        text, (columns, rows) = "", self.size
        if self._size != (columns, rows):
            text += f"{SAVE}{ALL}{RESTORE}\x1b[J" if self._taken else ""
            self._taken, self._size = 0, (columns, rows)
        count = min(len(lines), rows - 2)
        if count > self._taken:
            more = count - self._taken
            text += "\n" * more + f"\x1b[{more}A{SAVE}\x1b[1;{rows - count}r{RESTORE}"
            self._taken = count
        text += SAVE
        for index in range(self._taken):
            line = lines[index] if index < len(lines) else ""
            style = BOLD if index == 0 else RED if line.startswith("!") else ""
            text += f"\x1b[{rows - self._taken + 1 + index};1H\x1b[2K{style}{line}{PLAIN}"
        self._write(text + RESTORE + (BELL if bell else ""))

    def close(self) -> None:
        """Give the whole terminal back, with the last lines left out."""
        if self._taken:
            first = self._size[1] - self._taken + 1
            self._write(f"{SAVE}{ALL}\x1b[{first};1H\x1b[J{RESTORE}")
            self._taken = 0

    def _write(self, text: str) -> None:
        data = text.encode()
        while data:
            data = data[os.write(self._file, data) :]

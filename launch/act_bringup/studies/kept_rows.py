# SPDX-License-Identifier: Apache-2.0
"""Rows of a study, kept in a JSON file as they come, so that an interrupted study goes on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from act_core.errors import ActError

Row = dict[str, Any]


class KeptRows:
    """The rows that there are, and those that come.

    Attributes:
        rows: in order.

    Raises:
        ActError: the file is damaged, or no study's.
    """

    def __init__(self, file: Path | None, order: Callable[[Row], Any]) -> None:
        self._file, self._order = file, order
        self.rows: list[Row] = []
        if file and file.exists():
            try:
                self.rows = sorted(json.loads(file.read_text()), key=order)
            except (ValueError, TypeError, KeyError) as error:
                raise ActError(
                    f"'{file}' has no rows of this study ({error}); name another file, --out"
                ) from error

    def add(self, row: Row) -> None:
        """Add a row, and write all."""
        self.rows = sorted([*self.rows, row], key=self._order)
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps(self.rows, indent=1) + "\n")

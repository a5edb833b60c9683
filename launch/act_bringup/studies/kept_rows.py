# SPDX-License-Identifier: Apache-2.0
"""Rows of a study, kept in a JSON file as they come, so that an interrupted study goes on."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from act_core.errors import ActError

Row = dict[str, Any]


class KeptRows:
    """The rows that there are, and those that come.

    Args:
        file: to keep them in; None for none.
        subject: what the study is of, as plain values: checkpoint, task, number of rollouts.
        order: row → what sorts it among the others.

    Attributes:
        rows: in order.

    Raises:
        ActError: the file is damaged, or its rows are of something else.
    """

    def __init__(
        self, file: Path | None, subject: Mapping[str, Any], order: Callable[[Row], Any]
    ) -> None:
        self._file, self._order = file, order
        self._subject = {name: str(value) for name, value in subject.items()}
        self.rows: list[Row] = []
        if file and file.exists():
            self.rows = self._read(file)

    def _read(self, file: Path) -> list[Row]:
        try:
            kept = json.loads(file.read_text())
            there, rows = dict(kept["subject"]), sorted(kept["rows"], key=self._order)
        except (ValueError, TypeError, KeyError) as error:
            raise ActError(
                f"'{file}' has no rows of this study ({error}); name another file, --out"
            ) from error
        others = [
            f"{name} {there.get(name, '(none)')}, not {value}"
            for name, value in self._subject.items()
            if there.get(name) != value
        ]
        if others:
            raise ActError(f"'{file}' is of {'; '.join(others)}; name another file, --out")
        return rows

    def add(self, row: Row) -> None:
        """Add a row, and write all: the file is whole at any moment."""
        self.rows = sorted([*self.rows, row], key=self._order)
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            partial = self._file.with_name(self._file.name + ".part")
            kept = {"subject": self._subject, "rows": self.rows}
            partial.write_text(json.dumps(kept, indent=1) + "\n")
            os.replace(partial, self._file)

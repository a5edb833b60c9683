# SPDX-License-Identifier: Apache-2.0
"""One row of the fault table: what goes wrong, what is said, what the arms do."""

import re
from dataclasses import dataclass

NOTHING = ""


@dataclass(frozen=True)
class Fault:
    """A fault that a test provokes with real processes.

    Attributes:
        code: of the row.
        fault: what is wrong.
        who: node that says it.
        reads: the text that the test asserts; `…` stands for figures and names. NOTHING where the
            suite copes without a word.
        arms: what they do.
        goes_on: how it goes on.
        proof: file and name of a test elsewhere that provokes it; empty for this folder's own.
    """

    code: str
    fault: str
    who: str
    reads: str
    arms: str
    goes_on: str
    proof: str = ""

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds the text in what a process says."""
        return re.compile(re.escape(self.reads).replace("…", ".{1,160}?"))

    @property
    def row(self) -> str:
        """The row in Markdown."""
        reads = f"`{self.who}`: {self.reads}" if self.reads else "nothing"
        cells = (self.code, self.fault, reads, self.arms, self.goes_on)
        return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"

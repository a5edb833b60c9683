# SPDX-License-Identifier: Apache-2.0
"""What is wrong with an episode, as the page shows it: the findings of `validate`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Defect:
    """One finding.

    Attributes:
        code: what people filter by.
        severity: `error` or `warning`.
        text: what was found, with numbers.
    """

    code: str
    severity: str
    text: str


# It reads far into the file, so it is called behind the page's back, one episode at a time.
Inspect = Callable[[Path], Sequence[Defect]]

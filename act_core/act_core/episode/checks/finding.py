# SPDX-License-Identifier: Apache-2.0
"""A defect that is looked for, and one that was found."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Check:
    """One thing that an episode or a dataset can be wrong in.

    Attributes:
        code: its name, for programs and for people who search for it.
        severity: error: not to be trained on; warning: to be looked at.
        meaning: what is looked for, with its thresholds and why they are where they are.
        remedy: what to do about it.
    """

    code: str
    severity: Severity
    meaning: str
    remedy: str

    def found(self, text: str) -> "Finding":
        """Return that this defect is there; `text` says where and how large, with numbers."""
        return Finding(self, text)


@dataclass(frozen=True)
class Finding:
    """A defect that was found.

    Attributes:
        check: which one.
        text: where and how large.
    """

    check: Check
    text: str

    @property
    def is_error(self) -> bool:
        """Whether what it is in should not be trained on."""
        return self.check.severity == "error"

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.check.severity} {self.check.code}: {self.text}; {self.check.remedy}"

    def to_dict(self) -> dict[str, str]:
        """Return plain values for programs."""
        return {
            "code": self.check.code,
            "severity": self.check.severity,
            "text": self.text,
            "remedy": self.check.remedy,
        }

# SPDX-License-Identifier: Apache-2.0
"""How a bus has been doing: how long reads took, and what went wrong how often."""

from collections import Counter, deque

import numpy as np

_KEPT = 1000


class BusStatistics:
    """Latencies of the last thousand reads, and counts since the start.

    Attributes:
        reads: samples that were whole.
        errors: kind of AnswerError → how often.
    """

    def __init__(self) -> None:
        self.reads = 0
        self.errors: Counter[str] = Counter()
        self._took_s: deque[float] = deque(maxlen=_KEPT)

    def count_read(self, took_s: float) -> None:
        """Count a whole sample that took `took_s` from question to answer."""
        self.reads += 1
        self._took_s.append(took_s)

    def values(self) -> dict[str, object]:
        """Return the figures by name, for diagnostics."""
        p50, p99 = np.percentile(self._took_s or [0.0], [50, 99]) * 1e3
        return {
            "reads": self.reads,
            "read_p50_ms": round(float(p50), 2),
            "read_p99_ms": round(float(p99), 2),
            **{f"{kind}_answers": count for kind, count in self.errors.items()},
        }

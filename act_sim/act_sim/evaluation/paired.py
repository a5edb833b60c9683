# SPDX-License-Identifier: Apache-2.0
"""Two policies on the same seeds: what the difference of their successes says. No ROS."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import binomtest, norm

SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class PairedComparison:
    """How often which of two succeeded on the same scene.

    Seeds differ in difficulty, so that pairs tell more than two shares with an interval each.

    Attributes:
        both: scenes that both solved.
        only_first: those that the first alone did.
        only_second: those that the second alone did.
        neither: those that neither did.
    """

    both: int
    only_first: int
    only_second: int
    neither: int

    @classmethod
    def of(cls, first: Sequence[bool], second: Sequence[bool]) -> "PairedComparison":
        """Compare successes in the order of the same seeds."""
        pairs = list(zip(first, second, strict=True))
        return cls(*(pairs.count(p) for p in ((True, True), (True, False), (False, True),
                                              (False, False))))  # fmt: skip

    @property
    def trials(self) -> int:
        """Number of scenes."""
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def difference(self) -> float:
        """By how much the second's share of successes is higher."""
        return (self.only_second - self.only_first) / self.trials

    @property
    def p_value(self) -> float:
        """Of McNemar's exact test: how likely so unequal a split is between equal policies."""
        decided = self.only_first + self.only_second
        return float(binomtest(self.only_second, decided).pvalue) if decided else 1.0

    @property
    def interval_95(self) -> tuple[float, float]:
        """95 % interval of the difference (Bonett and Price 2012, adjusted Wald)."""
        total = self.trials + 2
        first, second = (self.only_first + 1) / total, (self.only_second + 1) / total
        centre = second - first
        reach = norm.ppf(0.975) * math.sqrt((first + second - centre**2) / total)
        return max(-1.0, float(centre - reach)), min(1.0, float(centre + reach))

    @property
    def least_shown(self) -> float:
        """Smallest difference that so many scenes can show, where the other never wins alone."""
        wins = 1
        while binomtest(wins, wins).pvalue >= SIGNIFICANCE:
            wins += 1
        return wins / self.trials

    def in_words(self, first: str, second: str) -> list[str]:
        """Return what can be said of two policies of these names, a line each."""
        low, high = self.interval_95
        shown = self.p_value < SIGNIFICANCE
        better = second if self.difference > 0 else first
        lines = [
            f"both {self.both}, only {first} {self.only_first}, only {second} "
            f"{self.only_second}, neither {self.neither}",
            f"{second} minus {first}: {100 * self.difference:+.1f} % (95 % interval "
            f"{100 * low:+.1f} … {100 * high:+.1f} %), McNemar's exact test p = "
            f"{self.p_value:.2g}: {f'{better} is better' if shown else 'no difference is shown'}",
        ]
        if not shown and self.least_shown > 1:
            lines.append(f"{self.trials} scenes are too few to show any difference")
        elif not shown:
            least = f"{100 * self.least_shown:.1f} %"
            lines.append(f"the smallest difference that {self.trials} scenes can show is {least}")
        return lines

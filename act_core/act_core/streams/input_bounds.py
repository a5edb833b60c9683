# SPDX-License-Identifier: Apache-2.0
"""How late, how far apart and on which clock samples may be: one declaration for all nodes."""

from dataclasses import dataclass

from act_core.system.declaration import param


@dataclass(frozen=True)
class ClockBounds:
    """How far a stream's stamps may be from the receiver's clock in real time."""

    max_age_s: float = param(
        0.25, "Real time: oldest that a sample may be, s.", low=0.005, high=10.0
    )
    max_clock_offset_s: float = param(
        0.05, "Real time: how far stamps may be ahead of this machine's clock, s.",
        low=0.001, high=10.0,
    )  # fmt: skip


@dataclass(frozen=True)
class InputBounds(ClockBounds):
    """Bounds of real time, as parameters that recorder and policy have in common.

    The defaults let a 30 Hz camera be 100 ms late: its newest frame is then up to 133 ms old, and
    is used again until the next one comes.
    """

    max_skew_s: float = param(
        0.2, "Real time: largest time between an image and the joints, s.", low=0.001, high=10.0
    )

    @property
    def max_age_ns(self) -> int:
        """`max_age_s` in ns."""
        return round(self.max_age_s * 1e9)

    @property
    def max_skew_ns(self) -> int:
        """`max_skew_s` in ns."""
        return round(self.max_skew_s * 1e9)

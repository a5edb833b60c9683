# SPDX-License-Identifier: Apache-2.0
"""Learning-rate schedules as functions of the step: nothing to save, nothing to restore."""

import math
from typing import Literal

Schedule = Literal["constant", "cosine", "one_cycle"]

# Source: defaults of torch.optim.lr_scheduler.OneCycleLR.
_ONE_CYCLE_START = 1.0 / 25.0
_ONE_CYCLE_END = _ONE_CYCLE_START / 1e4


def learning_rate_factor(
    schedule: Schedule, step: int, steps: int, warmup_fraction: float
) -> float:
    """Return what the learning rate is multiplied by at `step` of `steps`.

    `constant` and `cosine` warm up linearly from zero, and then stay, or fall to zero.
    `one_cycle` rises and falls along half cosines.
    """
    warmup_steps = warmup_fraction * steps
    if schedule == "one_cycle":
        if step < warmup_steps:
            return _half_cosine(_ONE_CYCLE_START, 1.0, step / warmup_steps)
        return _half_cosine(1.0, _ONE_CYCLE_END, (step - warmup_steps) / (steps - warmup_steps))
    if step < warmup_steps:
        return (step + 1) / (warmup_steps + 1)
    if schedule == "constant":
        return 1.0
    return _half_cosine(1.0, 0.0, (step - warmup_steps) / (steps - warmup_steps))


def _half_cosine(start: float, end: float, progress: float) -> float:
    return end + (start - end) * 0.5 * (1.0 + math.cos(math.pi * progress))

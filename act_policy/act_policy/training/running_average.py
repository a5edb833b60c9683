# SPDX-License-Identifier: Apache-2.0
"""The running average of a network's weights."""

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

Tensors = list[Tensor] | tuple[Tensor, ...]


class RunningAverage(AveragedModel):
    """torch's AveragedModel with a decay that grows over the first steps.

    Early on, the average of few steps must not remember the random start.

    Args:
        model: network to follow.
        decay: at its largest; 0.999 forgets a step after about a thousand.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        def blend(ours: Tensors, theirs: Tensors, count: Tensor | int) -> None:
            now = min(decay, float(count) / (9.0 + float(count)))
            torch._foreach_lerp_(ours, theirs, 1.0 - now)

        super().__init__(model, multi_avg_fn=blend)
        self.set_steps(0)

    def set_steps(self, steps: int) -> None:
        """Say how many steps are behind; the start counts as one, else the first is copied."""
        self.n_averaged.fill_(steps + 1)

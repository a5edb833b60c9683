# SPDX-License-Identifier: Apache-2.0
"""The network with its scaling around it: what every engine runs."""

import torch
from torch import Tensor, nn

from act_policy.checkpoint.checkpoint import Checkpoint
from act_policy.model.normalization import Normalizer


class DrivingNetwork(nn.Module):
    """From measured positions and pixels to actions in physical units, with z = 0.

    Args:
        checkpoint: what to run.
        device: where.

    Raises:
        CheckpointError: the weights do not fit.
    """

    def __init__(self, checkpoint: Checkpoint, device: torch.device) -> None:
        super().__init__()
        self.checkpoint, self.config, self.device = checkpoint, checkpoint.config, device
        self.model = checkpoint.build_model(device)
        self._normalizer = Normalizer(checkpoint.statistics, device, self.config.delta_columns)
        self.requires_grad_(False)

    def forward(self, state: Tensor, images: Tensor) -> Tensor:
        """Return (K, A) float32 from (S,) float32 and (N, H, W, 3) uint8, RGB."""
        output = self.model(
            self._normalizer.state(state[None]), self._normalizer.images(images[None])
        )
        actions: Tensor = self._normalizer.physical_actions(output.actions[0], state)
        return actions

    def example_inputs(self) -> tuple[Tensor, Tensor]:
        """Return arguments of the right shapes and types, all zero."""
        config = self.config
        size = len(config.cameras), config.image_height_px, config.image_width_px, 3
        return torch.zeros(config.state_dim), torch.zeros(size, dtype=torch.uint8)

# SPDX-License-Identifier: Apache-2.0
"""The network with its scaling around it: what every engine runs."""

import torch
from torch import Tensor, nn

from act_policy.checkpoint.checkpoint import Checkpoint
from act_policy.model.network_input import input_dim, split_input
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

    def forward(self, vector: Tensor, images: Tensor) -> Tensor:
        """Return (K, A) float32 from a `network_input` and (N, H, W, 3) uint8, RGB."""
        scale = self._normalizer
        state, prefix = split_input(self.config, vector)
        if prefix is not None:
            prefix = prefix._replace(actions=scale.actions(prefix.actions, state))
        latent = state.new_zeros(1, self.config.latent_dim)
        chunk = self.model.decode(scale.state(state), scale.images(images[None]), latent, prefix)
        actions: Tensor = scale.physical_actions(chunk, state)[0]
        return actions

    def example_inputs(self) -> tuple[Tensor, Tensor]:
        """Return arguments of the right shapes and types, all zero."""
        config = self.config
        size = len(config.cameras), config.image_height_px, config.image_width_px, 3
        return torch.zeros(input_dim(config)), torch.zeros(size, dtype=torch.uint8)

# SPDX-License-Identifier: Apache-2.0
"""Normalisation: z-scores of states, actions and images."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from act_policy.model.statistics import Statistics

# Source: torchvision's published ResNet weights, of images scaled to [0, 1], red green blue.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class Normalizer:
    """Convert between physical units and what the network sees, on one device.

    Args:
        statistics: of the training episodes.
        device: of the tensors.
        delta_columns: see `ACTConfig.delta_columns`.

    Attributes:
        state_std: (S,) float32.
    """

    def __init__(
        self, statistics: Statistics, device: torch.device,
        delta_columns: Sequence[int] | None = None,
    ) -> None:  # fmt: skip
        self._delta_columns: Tensor | None = None
        if delta_columns is not None:
            self._delta_columns = torch.tensor(delta_columns, device=device)
        self._state_mean, self.state_std, self._action_mean, self._action_std = (
            torch.from_numpy(values).to(device)
            for values in (statistics.state_mean, statistics.state_std,
                           statistics.action_mean, statistics.action_std)
        )  # fmt: skip
        mean, std = (
            torch.from_numpy(np.asarray(given if given is not None else imagenet, np.float32))
            for given, imagenet in ((statistics.image_mean, IMAGENET_MEAN),
                                    (statistics.image_std, IMAGENET_STD))
        )  # fmt: skip
        # Of all cameras alike, (3, 1, 1), or of each, (N, 3, 1, 1).
        self._image_scale = (1.0 / (255.0 * std))[..., None, None].to(device)
        self._image_shift = (-mean / std)[..., None, None].to(device)

    def state(self, state: Tensor) -> Tensor:
        """Return z-scores of states (..., S) float32."""
        return (state - self._state_mean) / self.state_std

    def actions(self, actions: Tensor, state: Tensor) -> Tensor:
        """Return z-scores of actions (..., K, A) float32 that follow on a state (..., S)."""
        return (actions - self._origin(state)) / self._action_std

    def physical_actions(self, actions: Tensor, state: Tensor) -> Tensor:
        """Return actions (..., K, A) float32 in physical units, from z-scores; see `actions`."""
        return actions * self._action_std + self._origin(state)

    def _origin(self, state: Tensor) -> Tensor:
        if self._delta_columns is None:
            return self._action_mean
        return state.index_select(-1, self._delta_columns).unsqueeze(-2) + self._action_mean

    def images(self, images: Tensor) -> Tensor:
        """Return (B, N, 3, H, W) float32 from (B, N, H, W, 3) uint8, RGB, memory order kept."""
        return images.movedim(-1, -3).float().mul_(self._image_scale).add_(self._image_shift)

# SPDX-License-Identifier: Apache-2.0
"""Normalisation: z-scores of states and actions, and ImageNet's of images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from act_policy.errors import CheckpointError

# A column that hardly moves would turn noise into large values.
# Source: get_norm_stats in github.com/tonyzhaozh/act, utils.py.
STD_FLOOR = 1e-2

# Source: torchvision's published ResNet weights, of images scaled to [0, 1], red green blue.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Statistics:
    """Mean and standard deviation of each column.

    Attributes:
        state_mean: (S,) float32, in the state's units.
        state_std: (S,) float32, at least `STD_FLOOR`.
        action_mean: (A,) float32, in the action's units.
        action_std: (A,) float32, at least `STD_FLOOR`.
    """

    state_mean: NDArray[np.float32]
    state_std: NDArray[np.float32]
    action_mean: NDArray[np.float32]
    action_std: NDArray[np.float32]

    @classmethod
    def fit(
        cls, states: Sequence[NDArray[np.float32]], actions: Sequence[NDArray[np.float32]]
    ) -> "Statistics":
        """Measure arrays (T, S) and (T, A), one of each per episode; every frame counts alike."""
        return cls(*_mean_and_std(states), *_mean_and_std(actions))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Statistics":
        """Build from lists of numbers, as `to_dict` gives them.

        Raises:
            CheckpointError: a key is missing or unknown, its values are not usable numbers, or a
                standard deviation is not above zero or of another length than its mean.
        """
        names = [field.name for field in fields(cls)]
        if set(values) != set(names):
            raise CheckpointError(f"Statistics have {sorted(values)}, expected {sorted(names)}.")
        statistics = cls(**{name: _numbers(name, values[name]) for name in names})
        for what in ("state", "action"):
            mean, std = getattr(statistics, f"{what}_mean"), getattr(statistics, f"{what}_std")
            if std.shape != mean.shape or not (std > 0).all():
                raise CheckpointError(
                    f"Statistics '{what}_std' are {std.tolist()}, expected {len(mean)} numbers "
                    "above 0."
                )
        return statistics

    def to_dict(self) -> dict[str, list[float]]:
        """Return lists of numbers that JSON can hold without loss."""
        return {f.name: [float(v) for v in getattr(self, f.name)] for f in fields(self)}


class Normalizer:
    """Convert between physical units and what the network sees, on one device."""

    def __init__(self, statistics: Statistics, device: torch.device) -> None:
        self._state_mean, self._state_std, self._action_mean, self._action_std = (
            torch.from_numpy(getattr(statistics, field.name)).to(device)
            for field in fields(statistics)
        )
        mean, std = (torch.tensor(v, device=device) for v in (IMAGENET_MEAN, IMAGENET_STD))
        self._image_scale = (1.0 / (255.0 * std)).view(3, 1, 1)
        self._image_shift = (-mean / std).view(3, 1, 1)

    def state(self, state: Tensor) -> Tensor:
        """Return z-scores of states (..., S) float32."""
        return (state - self._state_mean) / self._state_std

    def actions(self, actions: Tensor) -> Tensor:
        """Return z-scores of actions (..., A) float32."""
        return (actions - self._action_mean) / self._action_std

    def physical_actions(self, actions: Tensor) -> Tensor:
        """Return actions (..., A) float32 in physical units, from z-scores."""
        return actions * self._action_std + self._action_mean

    def images(self, images: Tensor) -> Tensor:
        """Return (B, N, 3, H, W) float32 from (B, N, H, W, 3) uint8, RGB, memory order kept."""
        return images.movedim(-1, -3).float().mul_(self._image_scale).add_(self._image_shift)


def _numbers(name: str, values: Any) -> NDArray[np.float32]:
    usable = isinstance(values, list) and all(type(v) in (int, float) for v in values)
    array = np.asarray(values, dtype=np.float32) if usable else np.array([np.nan])
    if not np.isfinite(array).all():
        raise CheckpointError(f"Statistics '{name}' are not finite numbers: {values!r:.200}.")
    return array


def _mean_and_std(
    arrays: Sequence[NDArray[np.float32]],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    values = np.concatenate(arrays).astype(np.float64)
    std = np.maximum(values.std(axis=0), STD_FLOOR)
    return values.mean(axis=0).astype(np.float32), std.astype(np.float32)

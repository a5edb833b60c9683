# SPDX-License-Identifier: Apache-2.0
"""Mean and standard deviation of the training episodes' columns. No torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_policy.errors import CheckpointError

# A column that hardly moves would turn noise into large values.
# Source: get_norm_stats in github.com/tonyzhaozh/act, utils.py.
STD_FLOOR = 1e-2


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

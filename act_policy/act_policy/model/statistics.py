# SPDX-License-Identifier: Apache-2.0
"""Mean and standard deviation of the training episodes' columns. No torch."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainValidator, model_validator
from pydantic.dataclasses import dataclass

from act_core.checked import CHECKED, checked
from act_policy.errors import CheckpointError

# A column that hardly moves would turn noise into large values.
# Source: get_norm_stats in github.com/tonyzhaozh/act, utils.py.
STD_FLOOR = 1e-2


def _vector(values: Any) -> NDArray[np.float32]:
    usable = isinstance(values, np.ndarray) or (
        isinstance(values, list) and all(type(v) in (int, float) for v in values)
    )
    array = np.asarray(values, dtype=np.float32) if usable else np.array([np.nan])
    if not np.isfinite(array).all():
        raise ValueError(f"{values!r:.200} are not finite numbers")
    return array


def _colours(values: Any) -> NDArray[np.float32]:
    rows = values if isinstance(values, (np.ndarray, list)) else []
    cameras = [_vector(row) for row in rows]
    if not cameras or any(camera.shape != (3,) for camera in cameras):
        raise ValueError(f"{values!r:.200} are not three numbers for each camera")
    return np.stack(cameras)


Vector = Annotated[NDArray[np.float32], PlainValidator(_vector)]
Colours = Annotated[NDArray[np.float32], PlainValidator(_colours)]


@dataclass(frozen=True, config=CHECKED)
class Statistics:
    """Mean and standard deviation of each column.

    Attributes:
        state_mean: (S,) float32, in the state's units.
        state_std: (S,) float32, at least `STD_FLOOR`.
        action_mean: (A,) float32, in the action's units; with `ACTConfig.delta_actions`, of what
            is added to the measured positions.
        action_std: (A,) float32, at least `STD_FLOOR`.
        image_mean: (N, 3) float32, red green blue of each camera's images scaled to [0, 1]; None
            for ImageNet's, which our own training takes.
        image_std: the same.
    """

    state_mean: Vector
    state_std: Vector
    action_mean: Vector
    action_std: Vector
    image_mean: Colours | None = None
    image_std: Colours | None = None

    @model_validator(mode="after")
    def _check(self) -> "Statistics":
        for what in ("state", "action", "image"):
            mean, std = getattr(self, f"{what}_mean"), getattr(self, f"{what}_std")
            if (mean is None) != (std is None):
                raise ValueError("only one of image_mean and image_std is there")
            if mean is not None and (std.shape != mean.shape or not (std > 0).all()):
                raise ValueError(
                    f"{what}_std is {std.tolist()}, expected {len(mean)} numbers above 0"
                )
        return self

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
        try:
            return checked(cls, values)
        except ValueError as error:
            raise CheckpointError(f"statistics: {error}") from error

    def to_dict(self) -> dict[str, Any]:
        """Return lists of numbers that JSON can hold without loss."""
        arrays = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: array.tolist() for name, array in arrays.items() if array is not None}


def _mean_and_std(
    arrays: Sequence[NDArray[np.float32]],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    values = np.concatenate(arrays).astype(np.float64)
    std = np.maximum(values.std(axis=0), STD_FLOOR)
    return values.mean(axis=0).astype(np.float32), std.astype(np.float32)

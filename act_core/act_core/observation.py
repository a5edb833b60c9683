# SPDX-License-Identifier: Apache-2.0
"""What the robot senses at one moment, as the recorder writes it and the policy sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class JointSample:
    """Joint state in the robot's vector order at one stamp.

    Attributes:
        stamp_ns: time of measurement.
        positions: (D,) float64, rad; grippers 0 closed … 1 open.
        velocities: (D,) float64, rad/s; grippers per s; NaN = not measured.
        efforts: (D,) float64, as the driver sends them; NaN = not measured.
    """

    stamp_ns: int
    positions: NDArray[np.float64]
    velocities: NDArray[np.float64]
    efforts: NDArray[np.float64]


@dataclass(frozen=True)
class Observation:
    """One joint sample with one image per camera.

    Attributes:
        stamp_ns: time of the observation: the joint sample's stamp.
        joints: the joint sample.
        images: camera → (H, W, 3) uint8, RGB.
        image_stamps_ns: camera → stamp of that image.
    """

    stamp_ns: int
    joints: JointSample
    images: Mapping[str, NDArray[np.uint8]]
    image_stamps_ns: Mapping[str, int]


@dataclass(frozen=True)
class RawObservation:
    """A whole observation whose images are as they came: decoding them is an act of its own.

    Attributes:
        joints: the joint sample.
        images: camera → image as it was added.
        image_stamps_ns: camera → stamp of that image.
    """

    joints: JointSample
    images: Mapping[str, Any]
    image_stamps_ns: Mapping[str, int]

    @property
    def stamp_ns(self) -> int:
        """Time of the observation: the joint sample's stamp."""
        return self.joints.stamp_ns


def oldest_image_s(seen: Observation | RawObservation, now_ns: int) -> float:
    """Return the age of the oldest image at `now_ns`, s; 0 without cameras."""
    return max((now_ns - stamp_ns for stamp_ns in seen.image_stamps_ns.values()), default=0) / 1e9


@dataclass(frozen=True)
class Missing:
    """Why something is not there, in words for people.

    Attributes:
        reason: with its figures.
        cause: the same without figures, to count by; the reason where that has none.
    """

    reason: str
    cause: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cause", self.cause or self.reason)

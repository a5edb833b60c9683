# SPDX-License-Identifier: Apache-2.0
"""What real sensors do and simulated ones don't: delay, loss and noise. No ROS."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Less than simulated time jumps by between two episodes.
JUMP_NS = 1_000_000_000
Images = Mapping[str, NDArray[np.uint8]]
Frame = tuple[int, str, NDArray[np.uint8]]


@dataclass(frozen=True)
class SensorFaults:
    """How much of each; 0 everywhere is a perfect cell.

    Attributes:
        camera_delay_s: from an image's stamp to its arrival.
        frame_loss: share of the images that never arrive, 0 … 1.
        joint_noise_rad: standard deviation of the measured positions, grippers in openings.
        image_noise: standard deviation of each pixel's channels, of 255.
    """

    camera_delay_s: float = 0.0
    frame_loss: float = 0.0
    joint_noise_rad: float = 0.0
    image_noise: float = 0.0


class FaultySensors:
    """Does to what is measured what `faults` say, the same with the same seed.

    Args:
        faults: how much.
        seed: of what is random.
    """

    def __init__(self, faults: SensorFaults, seed: int = 0) -> None:
        self._faults = faults
        self._random = np.random.default_rng(seed)
        self._under_way: deque[Frame] = deque()
        self._seen_ns = 0

    def joint_noise(self, count: int) -> NDArray[np.float64]:
        """Return what is measured beside the truth, (count,) rad, grippers in openings."""
        return self._random.normal(0.0, self._faults.joint_noise_rad, count)

    def arrived(self, images: Images, now_ns: int) -> Iterator[Frame]:
        """Take images of this moment; yield stamp, camera and image of what arrives now."""
        if self._under_way and now_ns - self._seen_ns >= JUMP_NS:
            self._under_way.clear()  # of the last episode
        self._seen_ns = now_ns
        for name, image in images.items():
            if self._random.random() >= self._faults.frame_loss:
                self._under_way.append((now_ns, name, image))
        until_ns = now_ns - round(self._faults.camera_delay_s * 1e9)
        while self._under_way and self._under_way[0][0] <= until_ns:
            stamp_ns, name, image = self._under_way.popleft()
            yield stamp_ns, name, self._seen(image)

    def _seen(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if not self._faults.image_noise:
            return image
        noise = self._random.normal(0, self._faults.image_noise, image.shape)
        return np.clip(image + noise, 0, 255).astype(np.uint8)

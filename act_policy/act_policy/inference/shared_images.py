# SPDX-License-Identifier: Apache-2.0
"""One image per camera in memory that the node and its inference worker both map."""

import mmap
import os
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from act_core.images.pixels import resize
from act_policy.model.act_config import ACTConfig


class SharedImages:
    """Images of a checkpoint's cameras, in its order.

    Args:
        config: of the checkpoint.
        descriptor: of the memory, which gets the right size; the mapping stays when it is closed.

    Attributes:
        by_camera: camera → (H, W, 3) uint8 view, RGB.
    """

    def __init__(self, config: ACTConfig, descriptor: int) -> None:
        shape = (len(config.cameras), config.image_height_px, config.image_width_px, 3)
        self._size_px = shape[1], shape[2]
        size = int(np.prod(shape))
        os.ftruncate(descriptor, size)
        images = np.frombuffer(mmap.mmap(descriptor, size), np.uint8).reshape(shape)
        self.by_camera: dict[str, NDArray[np.uint8]] = dict(
            zip(config.cameras, images, strict=True)
        )

    def write(self, images: Mapping[str, NDArray[np.uint8]]) -> None:
        """Copy an image of every camera, in the size that the checkpoint sees."""
        for camera, slot in self.by_camera.items():
            slot[:] = resize(images[camera], *self._size_px)

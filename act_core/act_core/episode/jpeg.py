# SPDX-License-Identifier: Apache-2.0
"""JPEG images of episode files, and the order of their colours.

act-plus-plus and Interbotix hand RGB to OpenCV's encoder, which takes it for BGR, and read back
what its decoder gives: red is red for them, and swapped for every other program. A camera's own
JPEG is the other way about. So each image says which it is.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from act_core.errors import EpisodeError, ImageError

ColorOrder = Literal["rgb", "bgr"]
# 95 is OpenCV's own default. On the simulated cell: docs/results/recording.md.
DEFAULT_QUALITY = 95


@dataclass(frozen=True)
class JpegImage:
    """A JPEG image.

    Attributes:
        data: the whole JPEG, from FF D8 to FF D9.
        height_px: of the image.
        width_px: of the image.
        order: what `cv2.imdecode` makes of it: `rgb` for those of `encode`, `bgr` for those that a
            camera or another program has encoded.
    """

    data: bytes
    height_px: int
    width_px: int
    order: ColorOrder = "bgr"

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, 3) once it is decoded."""
        return self.height_px, self.width_px, 3

    def to_rgb(self, where: str) -> NDArray[np.uint8]:
        """Return (H, W, 3) uint8, RGB; `where` begins the ImageError of one that is damaged."""
        return decode(self.data, self.order, where)


def encode(image: NDArray[np.uint8], quality: int, order: ColorOrder = "rgb") -> JpegImage:
    """Return an RGB image (H, W, 3) uint8 as the loaders of act-plus-plus expect it.

    Args:
        image: RGB.
        quality: 1 … 100, OpenCV's.
        order: `rgb` as those loaders expect, or `bgr` as every other program does.
    """
    import cv2  # here: most who read an episode look at no JPEG, and it takes a while

    pixels = image if order == "rgb" else image[..., ::-1]
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise EpisodeError(f"an image of shape {image.shape} cannot be encoded as JPEG")
    return JpegImage(data.tobytes(), image.shape[0], image.shape[1], order)


def decode(data: bytes, order: ColorOrder, where: str) -> NDArray[np.uint8]:
    """Return a JPEG, with or without zeros behind it, as (H, W, 3) uint8, RGB.

    Raises:
        ImageError: it is none, or damaged; begins with `where`.
    """
    import cv2

    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if image is None:
        raise ImageError(f"{where}: {len(data)} bytes are no JPEG image, or a damaged one")
    return np.ascontiguousarray(image if order == "rgb" else image[..., ::-1], dtype=np.uint8)

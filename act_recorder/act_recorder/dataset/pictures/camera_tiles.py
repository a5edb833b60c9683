# SPDX-License-Identifier: Apache-2.0
"""Images of cameras of different sizes, laid out beside each other."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

FONT = cv2.FONT_HERSHEY_SIMPLEX
INK = (25, 25, 25)


def row_height(shapes: Sequence[tuple[int, int]], width_px: int, most_px: int) -> int:
    """Return the common height at which images fill `width_px` together, even, at most `most_px`.

    Args:
        shapes: (height, width) of each, px.
        width_px: of the row.
        most_px: greatest height.
    """
    ratio = sum(width / height for height, width in shapes)
    return max(2, int(min(width_px / ratio, most_px)) // 2 * 2)


def side_by_side(images: Sequence[Image], height_px: int, width_px: int) -> Image:
    """Return images (H, W, 3) scaled to one height, in the middle of a white row."""
    scaled = [scale(image, height_px, width_at(image.shape, height_px)) for image in images]
    row = np.full((height_px, width_px, 3), 255, np.uint8)
    joined = np.concatenate(scaled, axis=1)[:, :width_px]
    left = (width_px - joined.shape[1]) // 2
    row[:, left : left + joined.shape[1]] = joined
    return row


def width_at(shape: tuple[int, ...], height_px: int) -> int:
    """Return how wide an image of `shape` (H, W, …) is once it is `height_px` high."""
    return round(shape[1] * height_px / shape[0])


def scale(image: Image, height_px: int, width_px: int) -> Image:
    """Return an image (H, W, 3) at another size."""
    smaller = height_px < image.shape[0]
    way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(
        cv2.resize(image, (max(1, width_px), height_px), interpolation=way), np.uint8
    )


def write(image: Image, text: str, at: tuple[int, int], size: float = 0.45) -> None:
    """Write a line onto an image, legible on any ground; `at`: left end of the base line, px."""
    plain = text.encode("ascii", "replace").decode()  # all that OpenCV's font has
    cv2.putText(image, plain, at, FONT, size, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(image, plain, at, FONT, size, (255, 255, 255), 1, cv2.LINE_AA)


def label(image: Image, text: str, at: tuple[int, int], size: float = 0.45) -> None:
    """Write a line in ink onto a white ground; a negative `at`: where it ends, from the right."""
    plain = text.replace("·", "|").encode("ascii", "replace").decode()
    left, base = at
    if left < 0:
        left += image.shape[1] - cv2.getTextSize(plain, FONT, size, 1)[0][0]
    cv2.putText(image, plain, (left, base), FONT, size, INK, 1, cv2.LINE_AA)

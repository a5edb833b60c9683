# SPDX-License-Identifier: Apache-2.0
"""A camera's pixels as they came, to the image that the robot file asks for."""

import numpy as np
from numpy.typing import NDArray

from act_core.episode.jpeg import JpegImage
from act_core.errors import ImageError
from act_core.images.pixels import CompressedPixels, Pixels, resize
from act_core.robot.robot_spec import CameraSpec


def check_pixels(pixels: Pixels, camera: CameraSpec) -> None:
    """Look at all that can be seen without decoding.

    Raises:
        ImageError: another size than the robot file names, or what `check` of the pixels refuses.
    """
    where = f"camera '{camera.name}'"
    if isinstance(pixels, CompressedPixels):
        _check_size(pixels.check(where), camera)
    else:
        _check_size(pixels.size_px, camera)
        pixels.check(where)


def to_image(pixels: Pixels, camera: CameraSpec) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8, RGB, rows packed, in the size the robot file names.

    Raises:
        ImageError: as `check_pixels`, or damaged.
    """
    check_pixels(pixels, camera)
    image = pixels.to_rgb(f"camera '{camera.name}'")
    return resize(image, camera.height_px, camera.width_px)


def to_stored(
    pixels: Pixels, camera: CameraSpec, *, keep_jpeg: bool
) -> NDArray[np.uint8] | JpegImage:
    """Return what an episode file gets: a JPEG as it came where that is wanted and fits.

    Raises:
        ImageError: as `to_image`.
    """
    size_px = camera.height_px, camera.width_px
    if keep_jpeg and isinstance(pixels, CompressedPixels) and pixels.is_jpeg:
        check_pixels(pixels, camera)
        if camera.source_size_px == size_px:
            return JpegImage(bytes(pixels.data), *size_px, "bgr")
    return to_image(pixels, camera)


def _check_size(got: tuple[int, int], camera: CameraSpec) -> None:
    expected = camera.source_size_px
    if got != expected:
        raise ImageError(
            f"camera '{camera.name}': got {got[0]}x{got[1]}, expected "
            f"{expected[0]}x{expected[1]} (height x width, from the robot file; "
            "source_height_px and source_width_px let it be resized)"
        )

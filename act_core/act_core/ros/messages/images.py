# SPDX-License-Identifier: Apache-2.0
"""Image messages to RGB arrays and back."""

from array import array
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from act_core.errors import ImageError
from act_core.images.camera_image import check_pixels, to_image
from act_core.images.pixels import CompressedPixels, Pixels, RawPixels
from act_core.robot.robot_spec import CameraSpec, RobotSpec
from act_core.ros.messages.stamps import to_stamp
from act_core.streams.assembler import Decoder

# Which message carries the images of a camera with that transport.
MESSAGE_TYPES = {"raw": Image, "compressed": CompressedImage}


def pixels_of(message: Image | CompressedImage) -> Pixels:
    """Return a message's pixels as they came; its data are not copied.

    By hand: cv_bridge ignores `step`, and the one on PyPI knows no OpenCV 5.
    """
    if isinstance(message, CompressedImage):
        return CompressedPixels(bytes(message.data), message.format)
    return RawPixels(
        message.data, message.encoding, message.height, message.width, message.step,
        bool(message.is_bigendian),
    )  # fmt: skip


def read_image(message: Image | CompressedImage, camera: CameraSpec) -> NDArray[np.uint8]:
    """Return the image as (H, W, 3) uint8, RGB, rows packed, in the size the robot file names.

    Raises:
        ImageError: see `act_core.images.camera_image.to_image`.
    """
    return to_image(pixels_of(message), camera)


Refused = Callable[[str], object]


def image_decoder(spec: RobotSpec, on_refused: Refused = lambda _: None) -> Decoder:
    """Return what turns the messages of the robot's cameras, by camera name, into images.

    Args:
        spec: the robot.
        on_refused: gets, in words, why an image cannot be used; the error is raised all the same.
    """
    return _told(lambda camera, message: read_image(message, spec.camera(camera)), on_refused)


def pixels_checker(spec: RobotSpec, on_refused: Refused = lambda _: None) -> Decoder:
    """Return what turns messages into Pixels that somebody else can decode; as `image_decoder`."""

    def check(camera: str, message: Image | CompressedImage) -> Pixels:
        pixels = pixels_of(message)
        check_pixels(pixels, spec.camera(camera))
        return pixels

    return _told(check, on_refused)


def _told(decode: Decoder, on_refused: Refused) -> Decoder:
    def told(camera: str, message: Image | CompressedImage) -> Any:
        try:
            return decode(camera, message)
        except ImageError as error:
            on_refused(str(error))
            raise

    return told


def write_image(image: NDArray[np.uint8], stamp_ns: int, frame_id: str) -> Image:
    """Return an rgb8 message of `image` (H, W, 3) uint8.

    cv_bridge's own way back assigns bytes to the data field, which rclpy checks byte by byte
    (0.1 s for one 480x640 image); an array.array is taken as it is.
    """
    height, width, _ = image.shape
    message = Image(height=height, width=width, encoding="rgb8", step=3 * width)
    message.header.stamp = to_stamp(stamp_ns)
    message.header.frame_id = frame_id
    data = array("B")
    data.frombytes(np.ascontiguousarray(image).data)
    message.data = data
    return message


def pinhole_info(camera: CameraSpec, fovy_rad: float, stamp_ns: int, frame_id: str) -> CameraInfo:
    """Return the calibration of an ideal camera with vertical field of view `fovy_rad`."""
    focal = 0.5 * camera.height_px / np.tan(0.5 * fovy_rad)
    cx, cy = (camera.width_px - 1) / 2, (camera.height_px - 1) / 2
    info = CameraInfo(height=camera.height_px, width=camera.width_px)
    info.header.stamp = to_stamp(stamp_ns)
    info.header.frame_id = frame_id
    info.distortion_model = "plumb_bob"
    info.d = [0.0] * 5
    info.k = [focal, 0.0, cx, 0.0, focal, cy, 0.0, 0.0, 1.0]
    info.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    info.p = [focal, 0.0, cx, 0.0, 0.0, focal, cy, 0.0, 0.0, 0.0, 1.0, 0.0]
    return info

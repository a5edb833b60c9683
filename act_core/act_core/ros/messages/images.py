# SPDX-License-Identifier: Apache-2.0
"""Image messages to RGB arrays and back."""

from array import array

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo, Image

from act_core.assembler import Decoder
from act_core.errors import ImageError
from act_core.robot.robot_spec import CameraSpec, RobotSpec
from act_core.ros.messages.stamps import to_stamp

# Encoding → bytes per pixel, and which of them are red, green and blue.
_PIXEL_LAYOUTS = {
    "rgb8": (3, slice(0, 3)),
    "bgr8": (3, slice(None, None, -1)),
    "rgba8": (4, slice(0, 3)),
    "bgra8": (4, slice(2, None, -1)),
}
ENCODINGS = tuple(_PIXEL_LAYOUTS)


def read_image(message: Image, camera: CameraSpec) -> NDArray[np.uint8]:
    """Return the image as (H, W, 3) uint8, RGB, rows packed.

    Raises:
        ImageError: another size, an encoding other than ENCODINGS, or too little data.
    """
    where = f"camera '{camera.name}'"
    if message.encoding not in ENCODINGS:
        raise ImageError(
            f"{where}: encoding '{message.encoding}', accepted are {', '.join(ENCODINGS)}"
        )
    if (message.height, message.width) != (camera.height_px, camera.width_px):
        raise ImageError(
            f"{where}: got {message.height}x{message.width}, expected "
            f"{camera.height_px}x{camera.width_px} (height x width, from the robot file)"
        )
    pixel_bytes, rgb = _PIXEL_LAYOUTS[message.encoding]
    row_bytes = message.width * pixel_bytes
    if message.step < row_bytes or len(message.data) != message.step * message.height:
        raise ImageError(
            f"{where}: {len(message.data)} bytes with step {message.step}, expected step x "
            f"{message.height} rows with a step of at least {row_bytes}"
        )
    # By hand: cv_bridge ignores `step`, and the one on PyPI knows no OpenCV 5.
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)
    pixels = rows[:, :row_bytes].reshape(message.height, message.width, pixel_bytes)
    return np.ascontiguousarray(pixels[..., rgb])


def image_decoder(spec: RobotSpec) -> Decoder:
    """Return what turns the messages of the robot's cameras, by camera name, into pixels."""
    return lambda camera, message: read_image(message, spec.camera(camera))


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

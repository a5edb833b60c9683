# SPDX-License-Identifier: Apache-2.0
"""Pixels as cameras send them, to RGB.

The four 8-bit colour encodings are views by NumPy; everything else goes through OpenCV by the
conversions that cv_bridge takes from it, so that pixels are the same with and without ROS.
Source: ros-perception/vision_opencv, cv_bridge/src/cv_bridge.cpp (getConversionCodes).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from act_core.errors import ImageError


@dataclass(frozen=True)
class _Layout:
    """How an encoding lies in memory, and what makes RGB of it.

    Attributes:
        item: type of one value.
        channels: values per pixel in a row.
        rgb: which channels are red, green and blue, where that is all.
        code: OpenCV's conversion otherwise.
        planes: rows stored per row of the image.
    """

    item: str
    channels: int
    rgb: slice | None = None
    code: int = 0
    planes: float = 1.0


_RGB, _BGR, _BGRA = slice(0, 3), slice(None, None, -1), slice(2, None, -1)
_UYVY = _Layout("u1", 2, code=cv2.COLOR_YUV2RGB_UYVY)
_YUYV = _Layout("u1", 2, code=cv2.COLOR_YUV2RGB_YUY2)
# OpenCV names the colours of a Bayer pattern's second row, ROS those of the first.
_BAYER = {
    "rggb": cv2.COLOR_BayerBG2RGB,
    "bggr": cv2.COLOR_BayerRG2RGB,
    "gbrg": cv2.COLOR_BayerGR2RGB,
    "grbg": cv2.COLOR_BayerGB2RGB,
}
_LAYOUTS = {
    "rgb8": _Layout("u1", 3, rgb=_RGB),
    "bgr8": _Layout("u1", 3, rgb=_BGR),
    "rgba8": _Layout("u1", 4, rgb=_RGB),
    "bgra8": _Layout("u1", 4, rgb=_BGRA),
    "8UC3": _Layout("u1", 3, rgb=_BGR),  # nameless colours are OpenCV's, and those are BGR
    "8UC4": _Layout("u1", 4, rgb=_BGRA),
    "mono8": _Layout("u1", 1, code=cv2.COLOR_GRAY2RGB),
    "8UC1": _Layout("u1", 1, code=cv2.COLOR_GRAY2RGB),
    "mono16": _Layout("u2", 1, code=cv2.COLOR_GRAY2RGB),
    "rgb16": _Layout("u2", 3, rgb=_RGB),
    "bgr16": _Layout("u2", 3, rgb=_BGR),
    "rgba16": _Layout("u2", 4, rgb=_RGB),
    "bgra16": _Layout("u2", 4, rgb=_BGRA),
    "uyvy": _UYVY,
    "yuv422": _UYVY,
    "yuyv": _YUYV,
    "yuv422_yuy2": _YUYV,
    "nv21": _Layout("u1", 1, code=cv2.COLOR_YUV2RGB_NV21, planes=1.5),
    **{f"bayer_{name}8": _Layout("u1", 1, code=code) for name, code in _BAYER.items()},
    **{f"bayer_{name}16": _Layout("u2", 1, code=code) for name, code in _BAYER.items()},
}
ENCODINGS = tuple(_LAYOUTS)


@dataclass(frozen=True)
class RawPixels:
    """An image as a message carries it; the names are those of sensor_msgs/Image."""

    data: bytes
    encoding: str
    height: int
    width: int
    step: int
    is_bigendian: bool = False

    def to_rgb(self, where: str) -> NDArray[np.uint8]:
        """Return (H, W, 3) uint8, RGB, rows packed.

        Raises:
            ImageError: an encoding other than ENCODINGS, or data of another length; begins with
                `where`.
        """
        layout = _LAYOUTS.get(self.encoding)
        if layout is None:
            raise ImageError(
                f"{where}: encoding '{self.encoding}', accepted are {', '.join(ENCODINGS)}"
            )
        pixels = self._pixels(layout, where)
        if layout.rgb is not None:
            rgb = np.ascontiguousarray(pixels[..., layout.rgb])
        else:
            try:
                rgb = np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), layout.code))
            except cv2.error as error:  # an odd width, for one
                shape = f"{self.height}x{self.width}"
                raise ImageError(f"{where}: {self.encoding} of {shape}: {error.err}") from error
        if rgb.dtype == np.uint8:
            return rgb
        return np.asarray(cv2.convertScaleAbs(rgb, alpha=255 / 65535), np.uint8)  # rounds

    def _pixels(self, layout: _Layout, where: str) -> NDArray[np.integer]:
        """Return what is stored, (rows, W, channels), in the machine's byte order."""
        item = np.dtype(layout.item).newbyteorder(">" if self.is_bigendian else "<")
        num_rows = round(self.height * layout.planes)
        row_bytes = self.width * layout.channels * item.itemsize
        if self.step < row_bytes or len(self.data) != self.step * num_rows:
            raise ImageError(
                f"{where}: {len(self.data)} bytes with step {self.step}, expected step x "
                f"{num_rows} rows with a step of at least {row_bytes}"
            )
        rows = np.frombuffer(self.data, np.uint8).reshape(num_rows, self.step)[:, :row_bytes]
        if item.itemsize > 1:
            rows = np.ascontiguousarray(rows).view(item).astype(item.newbyteorder("="))
        return rows.reshape(num_rows, self.width, layout.channels)


def decompress(data: bytes, image_format: str, where: str) -> NDArray[np.uint8]:
    """Return a JPEG or PNG image as (H, W, 3) uint8, RGB.

    Args:
        data: of a sensor_msgs/CompressedImage.
        image_format: what that says of it; its bytes count.
        where: begins errors.

    Raises:
        ImageError: neither JPEG nor PNG, or not whole. OpenCV fills in grey what a cut-off JPEG
            lacks, so its end is looked for; bytes that changed in the middle show in the picture.
    """
    jpeg, png = data[:2] == b"\xff\xd8", data[:4] == b"\x89PNG"
    whole = data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda") if jpeg else b"IEND" in data[-12:]
    if not (jpeg or png):
        what = f"{len(data)} bytes of format '{image_format}'"
        raise ImageError(f"{where}: {what} are neither JPEG nor PNG")
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if whole else None
    if image is None:
        what = f"{len(data)} bytes of {'JPEG' if jpeg else 'PNG'}"
        raise ImageError(f"{where}: {what} are damaged or cut off")
    return np.ascontiguousarray(image[..., ::-1], dtype=np.uint8)


def resize(image: NDArray[np.uint8], height_px: int, width_px: int) -> NDArray[np.uint8]:
    """Return `image` (H, W, 3) in another size, each pixel the mean of the area it covers."""
    return np.asarray(
        cv2.resize(image, (width_px, height_px), interpolation=cv2.INTER_AREA), np.uint8
    )

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
        layout = self.check(where)
        pixels = self._pixels(layout)
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

    @property
    def size_px(self) -> tuple[int, int]:
        """(height, width)."""
        return self.height, self.width

    def check(self, where: str) -> _Layout:
        """Return how the data lie; raises what `to_rgb` raises, without converting anything."""
        layout = _LAYOUTS.get(self.encoding)
        if layout is None:
            raise ImageError(
                f"{where}: encoding '{self.encoding}', accepted are {', '.join(ENCODINGS)}"
            )
        num_rows = round(self.height * layout.planes)
        row_bytes = self.width * layout.channels * np.dtype(layout.item).itemsize
        if self.step < row_bytes or len(self.data) != self.step * num_rows:
            raise ImageError(
                f"{where}: {len(self.data)} bytes with step {self.step}, expected step x "
                f"{num_rows} rows with a step of at least {row_bytes}"
            )
        return layout

    def _pixels(self, layout: _Layout) -> NDArray[np.integer]:
        """Return what is stored, (rows, W, channels), in the machine's byte order."""
        item = np.dtype(layout.item).newbyteorder(">" if self.is_bigendian else "<")
        num_rows = round(self.height * layout.planes)
        row_bytes = self.width * layout.channels * item.itemsize
        rows = np.frombuffer(self.data, np.uint8).reshape(num_rows, self.step)[:, :row_bytes]
        if item.itemsize > 1:
            rows = np.ascontiguousarray(rows).view(item).astype(item.newbyteorder("="))
        return rows.reshape(num_rows, self.width, layout.channels)


@dataclass(frozen=True)
class CompressedPixels:
    """A JPEG or PNG image as a message carries it.

    Attributes:
        data: of a sensor_msgs/CompressedImage.
        image_format: what that says of it; the bytes count.
    """

    data: bytes
    image_format: str = ""

    @property
    def is_jpeg(self) -> bool:
        """Whether it begins as a JPEG does."""
        return bytes(self.data[:2]) == b"\xff\xd8"

    def check(self, where: str) -> tuple[int, int]:
        """Return (height, width); raises what `to_rgb` raises, without decoding anything.

        Only bytes that changed in the middle pass, and those show in the picture.
        """
        kind = "JPEG" if self.is_jpeg else "PNG"
        if not (self.is_jpeg or self.data[:4] == b"\x89PNG"):
            what = f"{len(self.data)} bytes of format '{self.image_format}'"
            raise ImageError(f"{where}: {what} are neither JPEG nor PNG")
        size = jpeg_size(self.data) if self.is_jpeg else _png_size(self.data)
        if size is None:
            raise ImageError(f"{where}: {len(self.data)} bytes of {kind} are damaged or cut off")
        return size

    def to_rgb(self, where: str) -> NDArray[np.uint8]:
        """Return (H, W, 3) uint8, RGB, rows packed.

        Raises:
            ImageError: neither JPEG nor PNG, or not whole; begins with `where`. OpenCV fills in
                grey what a cut-off JPEG lacks, so its end is looked for.
        """
        self.check(where)
        image = cv2.imdecode(np.frombuffer(self.data, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            kind = "JPEG" if self.is_jpeg else "PNG"
            raise ImageError(f"{where}: {len(self.data)} bytes of {kind} are damaged or cut off")
        return np.ascontiguousarray(image[..., ::-1], dtype=np.uint8)


Pixels = RawPixels | CompressedPixels


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Return (height, width) of a whole JPEG, from its frame header; None if it is not whole.

    Source: ITU-T T.81, B.1.1 (markers) and B.2.2 (frame header).
    """
    if data.rfind(b"\xff\xd9") <= data.rfind(b"\xff\xda"):  # end of image, start of scan
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:  # noqa: PLR2004 - a marker
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # noqa: PLR2004
            height, width = data[at + 5 : at + 7], data[at + 7 : at + 9]
            return int.from_bytes(height, "big"), int.from_bytes(width, "big")
        at += 2 + length
    return None


def _png_size(data: bytes) -> tuple[int, int] | None:
    if b"IEND" not in data[-12:]:
        return None
    return int.from_bytes(data[20:24], "big"), int.from_bytes(data[16:20], "big")


def resize(image: NDArray[np.uint8], height_px: int, width_px: int) -> NDArray[np.uint8]:
    """Return `image` (H, W, 3) in that size, each pixel the mean of the area it covers.

    One that has it comes back itself. Live images, recorded ones and those of training pass here.
    """
    if image.shape[:2] == (height_px, width_px):
        return image
    return np.asarray(
        cv2.resize(image, (width_px, height_px), interpolation=cv2.INTER_AREA), np.uint8
    )

# SPDX-License-Identifier: Apache-2.0
"""Images of an episode as a browser takes them."""

import struct
from collections import OrderedDict
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from act_core.episode.jpeg import JpegImage, encode
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError, ImageError

# For looking at, in a tenth of the bytes of what is stored.
QUALITY = 85
MOST_ROWS = 16
THUMBNAIL_WIDTH_PX = 144
MOST_THUMBNAILS = 2000

Stored = NDArray[np.uint8] | JpegImage | None


def stored_rows(reader: EpisodeReader, first: int, count: int) -> list[Stored]:
    """Return rows first … first + count, all cameras of a row together; None for a damaged image.

    Raises:
        EpisodeError: there are no such rows.
    """
    if not (0 <= first < reader.num_frames and 1 <= count <= MOST_ROWS):
        raise EpisodeError(
            f"{reader.path}: rows {first} … {first + count - 1} asked for, of "
            f"{reader.num_frames}; at most {MOST_ROWS} at once"
        )
    last = min(first + count, reader.num_frames)
    return [
        _stored(reader, camera, row) for row in range(first, last) for camera in reader.cameras
    ]


def bundle(images: list[Stored]) -> bytes:
    """Return images as JPEG, each behind its length (uint32, little endian); 0: damaged."""
    parts = []
    for image in images:
        data = browsable(image)
        parts += [struct.pack("<I", len(data)), data]
    return b"".join(parts)


def browsable(image: Stored) -> bytes:
    """Return an image as a JPEG whose colours a browser shows as they are; empty if damaged."""
    if image is None:
        return b""
    if isinstance(image, JpegImage):
        if image.order == "bgr":
            return image.data
        try:
            image = image.to_rgb("image")
        except ImageError:
            return b""
    return encode(image, QUALITY, "bgr").data


class Thumbnails:
    """Small pictures of episodes, made when asked for and kept in memory."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[tuple[int, str], bytes] = OrderedDict()

    def kept(self, key: int, version: str) -> bytes | None:
        """Return the picture of an episode, if it was made."""
        with self._lock:
            return self._kept.get((key, version))

    def keep(self, key: int, version: str, picture: bytes) -> bytes:
        """Store a picture and return it; the oldest goes."""
        with self._lock:
            self._kept[key, version] = picture
            if len(self._kept) > MOST_THUMBNAILS:
                self._kept.popitem(last=False)
        return picture


def thumbnail(reader: EpisodeReader) -> bytes:
    """Return the middle row of the first camera, small, as JPEG.

    Raises:
        EpisodeError: there is no image, or it is damaged.
    """
    import cv2  # here: it takes a while, and the page opens without it

    if not reader.cameras or not reader.num_frames:
        raise EpisodeError(f"{reader.path}: no image")
    image = reader.image(reader.cameras[0], reader.num_frames // 2)
    height, width, _ = image.shape
    size = (THUMBNAIL_WIDTH_PX, max(1, round(height * THUMBNAIL_WIDTH_PX / width)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return encode(np.asarray(small, np.uint8), QUALITY, "bgr").data


def _stored(reader: EpisodeReader, camera: str, row: int) -> Stored:
    try:
        return reader.stored_image(camera, row)
    except (EpisodeError, OSError):
        return None

# SPDX-License-Identifier: Apache-2.0
"""The images of one camera in an episode file, row by row: raw, or JPEG."""

from dataclasses import dataclass
from typing import Protocol

import h5py
import numpy as np
from numpy.typing import NDArray

from act_core.episode.jpeg import ColorOrder, JpegImage, encode
from act_core.errors import EpisodeError

# A row of JPEGs takes whole chunks: small ones waste little behind the image, and large ones cost
# few writes.
JPEG_CHUNK_BYTES = 8192

Image = NDArray[np.uint8] | JpegImage


class ImageRows(Protocol):
    """A growing dataset of images."""

    def append(self, index: int, image: Image) -> None:
        """Write row `index`; raises EpisodeError or ImageError for an image that does not fit."""


@dataclass(frozen=True)
class ImageCodec:
    """How an episode stores images.

    Attributes:
        jpeg_quality: 1 … 100; 0 stores pixels as they are.
        order: of the colours, for JPEG; see `jpeg`.
    """

    jpeg_quality: int = 0
    order: ColorOrder = "rgb"

    @property
    def is_jpeg(self) -> bool:
        """Whether images are stored as JPEG."""
        return self.jpeg_quality > 0

    def rows(self, file: h5py.File, camera: str, size_px: tuple[int, int]) -> ImageRows:
        """Create the dataset of a camera whose images are (height, width) `size_px`."""
        return JpegRows(file, camera, size_px, self) if self.is_jpeg else RawRows(
            file, camera, size_px
        )  # fmt: skip


RAW = ImageCodec()


class RawRows:
    """(T, H, W, 3) uint8, RGB, one image a chunk, as the original."""

    def __init__(self, file: h5py.File, camera: str, size_px: tuple[int, int]) -> None:
        shape = (*size_px, 3)
        self._rows = file.create_dataset(
            f"observations/images/{camera}", (0, *shape), np.uint8, maxshape=(None, *shape),
            chunks=(1, *shape),
        )  # fmt: skip
        self._camera, self._shape = camera, shape

    def append(self, index: int, image: Image) -> None:
        """Write row `index`; a JPEG is decoded for it."""
        check_size(self._camera, image.shape, self._shape[:2])
        pixels = (
            image.to_rgb(f"camera '{self._camera}'") if isinstance(image, JpegImage) else image
        )
        self._rows.id.set_extent((index + 1, *self._shape))
        # Past HDF5's chunk cache and its conversions: one image is one chunk.
        self._rows.id.write_direct_chunk((index, 0, 0, 0), np.ascontiguousarray(pixels))


class JpegRows:
    """(T, P) uint8, zeros behind each image; /compress_len holds the lengths, as act-plus-plus.

    A JPEG that comes encoded goes in as it is: `order` of the dataset is that of its first image,
    and one of another order is encoded anew.
    """

    def __init__(
        self, file: h5py.File, camera: str, size_px: tuple[int, int], codec: ImageCodec
    ) -> None:
        self._rows = file.create_dataset(
            f"observations/images/{camera}", (0, 0), np.uint8, maxshape=(None, None),
            chunks=(1, JPEG_CHUNK_BYTES),
        )  # fmt: skip
        self._rows.attrs["height_px"], self._rows.attrs["width_px"] = size_px
        self._lengths = file["compress_len"]
        self._at = list(self._lengths.attrs["cameras"]).index(camera)
        self._camera, self._size_px, self._codec = camera, size_px, codec
        self._order: ColorOrder | None = None

    def append(self, index: int, image: Image) -> None:
        """Write row `index`; pixels are encoded for it."""
        check_size(self._camera, image.shape, self._size_px)
        jpeg = self._encoded(image)
        length = len(jpeg.data)
        self._rows.resize((index + 1, max(self._rows.shape[1], length)))
        self._rows[index, :length] = np.frombuffer(jpeg.data, np.uint8)
        if self._lengths.shape[1] <= index:
            self._lengths.resize(index + 1, axis=1)
        self._lengths[self._at, index] = length

    def _encoded(self, image: Image) -> JpegImage:
        if self._order is None:
            self._order = image.order if isinstance(image, JpegImage) else self._codec.order
            self._rows.attrs["color_order"] = self._order
        if isinstance(image, JpegImage) and image.order == self._order:
            return image
        if isinstance(image, JpegImage):
            image = image.to_rgb(f"camera '{self._camera}'")
        return encode(image, self._codec.jpeg_quality, self._order)


def create_lengths(file: h5py.File, cameras: list[str]) -> None:
    """Create /compress_len (cameras, T): act-plus-plus takes the cameras in h5py's order."""
    rows = file.create_dataset(
        "compress_len", (len(cameras), 0), np.float32, maxshape=(len(cameras), None),
        chunks=(max(1, len(cameras)), 256),
    )  # fmt: skip
    rows.attrs["cameras"] = sorted(cameras)


def check_size(camera: str, got: tuple[int, ...], size_px: tuple[int, ...]) -> None:
    """Raise EpisodeError if an image of shape `got` is not RGB of (height, width) `size_px`."""
    if tuple(got) != (*size_px, 3):
        height, width = size_px
        raise EpisodeError(
            f"camera '{camera}': got an image of shape {tuple(got)}, expected "
            f"({height}, {width}, 3)"
        )

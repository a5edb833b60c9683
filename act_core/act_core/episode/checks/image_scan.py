# SPDX-License-Identifier: Apache-2.0
"""What a camera's pictures are like, row by row, without looking at every pixel."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from act_core.episode.frame_blocks import RawFrames
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError

GRID = (15, 20)
# Pictures are compared in about so many of their lines: a camera's noise changes all of them.
_LINES = 60
# JPEGs are compared whole as they are stored; of those, one in so many is decoded.
_DECODE_EVERY = 10
_SCALE = 4


@dataclass(frozen=True)
class CameraScan:
    """What was seen of one camera.

    Attributes:
        rows: (N,) int64, the rows that were looked at.
        same: (N,) bool, whether a picture is that of the row looked at before.
        grid_rows: (M,) int64, the rows that were decoded; all of `rows` where images are raw.
        grids: (M, …GRID, 3) uint8, some pixels of those.
        damaged: row → what is wrong with its image.
    """

    rows: NDArray[np.int64]
    same: NDArray[np.bool_]
    grid_rows: NDArray[np.int64]
    grids: NDArray[np.uint8]
    damaged: dict[int, str]


def scan_camera(reader: EpisodeReader, camera: str, rows: NDArray[np.int64]) -> CameraScan:
    """Look at the pictures of `rows` (N,), increasing; raises EpisodeError if unreadable."""
    scan = _scan_jpeg if reader.is_jpeg else _scan_raw
    return scan(reader, camera, rows)


def _scan_raw(reader: EpisodeReader, camera: str, rows: NDArray[np.int64]) -> CameraScan:
    frames: RawFrames = reader.raw_frames(camera)
    height, width = reader.image_shape(camera)
    step = max(1, height // _LINES)
    same, grids = [np.zeros(0, bool)], [np.zeros((0, *GRID, 3), np.uint8)]
    last: NDArray[np.uint8] | None = None
    damaged: dict[int, str] = {}
    try:
        for block in frames.blocks(rows):
            lines = block.images[:, ::step]
            before = lines[:1] if last is None else last
            equal = [bool(np.array_equal(before[0], lines[0])) and last is not None]
            equal += [np.array_equal(a, b) for a, b in zip(lines[:-1], lines[1:], strict=True)]
            same.append(np.array(equal))
            last = lines[-1:].copy()
            grids.append(_grid(block.images))
    except EpisodeError as error:
        # What comes after it is most often gone too.
        damaged[int(rows[sum(map(len, same))])] = str(error).removeprefix(f"{reader.path}: ")
    seen = rows[: sum(map(len, same))]
    return CameraScan(seen, np.concatenate(same), seen, np.concatenate(grids), damaged)


def _grid(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return pixels (B, …GRID, 3) of images (B, H, W, 3), evenly spread."""
    lines, columns = (
        ((np.arange(count) + 0.5) * size / count).astype(np.int64)
        for count, size in zip(GRID, images.shape[1:3], strict=True)
    )
    return images[:, lines[:, None], columns]


def _scan_jpeg(reader: EpisodeReader, camera: str, rows: NDArray[np.int64]) -> CameraScan:
    same = np.zeros(len(rows), bool)
    damaged: dict[int, str] = {}
    grid_rows, grids = [], [np.zeros((0, *GRID, 3), np.uint8)]
    lengths = np.zeros(0)
    last = b""
    for place, (row, data) in enumerate(_stored(reader, camera, rows, damaged)):
        same[place] = data == last and bool(data)
        # A picture of nothing takes far fewer bytes than others.
        odd = bool(len(lengths)) and len(data) < 0.5 * np.median(lengths)
        if data and not same[place] and (odd or place % _DECODE_EVERY == 0):
            grid = _decoded(reader, camera, data)
            if grid is None:
                damaged[row] = f"row {row} cannot be decoded, or has another size"
            else:
                grid_rows.append(row)
                grids.append(grid)
        if not odd:
            lengths = np.append(lengths[-99:], len(data))
        last = data
    return CameraScan(rows, same, np.array(grid_rows, np.int64), np.concatenate(grids), damaged)


def _stored(
    reader: EpisodeReader, camera: str, rows: NDArray[np.int64], damaged: dict[int, str]
) -> Iterator[tuple[int, bytes]]:
    """Give (row, JPEG) of each row; no bytes where it is none, with the reason in `damaged`."""
    for row in rows.tolist():
        try:
            stored = reader.stored_image(camera, row)
        except EpisodeError as error:
            said = str(error).removeprefix(f"{reader.path}: ").removeprefix(f"camera '{camera}', ")
            damaged[row] = said
            yield row, b""
            continue
        data = bytes(getattr(stored, "data", b""))
        if not data.startswith(b"\xff\xd8"):
            damaged[row] = f"row {row} is no JPEG, or one that is cut off"
            data = b""
        yield row, data


def _decoded(reader: EpisodeReader, camera: str, data: bytes) -> NDArray[np.uint8] | None:
    small = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_COLOR_4)
    expected = tuple(-(-size // _SCALE) for size in reader.image_shape(camera))
    if small is None or small.shape[:2] != expected:
        return None
    pixels = np.asarray(small, np.uint8)
    if reader.color_order(camera) == "bgr":
        pixels = pixels[..., ::-1]
    return _grid(pixels[None])

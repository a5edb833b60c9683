# SPDX-License-Identifier: Apache-2.0
"""A row on its way to the writer: a line of JSON, and bytes in the ring. No pickle."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from act_core.images.pixels import CompressedPixels, Pixels, RawPixels
from act_core.observation import JointSample, RawObservation
from act_recorder.rows.row_matcher import Row
from act_recorder.writing.row_ring import Part, RowRing

_RAW_FIELDS = ("encoding", "height", "width", "step", "is_bigendian")


def pack_row(row: Row) -> tuple[dict[str, Any], list[Part]]:
    """Return the head of a row and its parts; the first part are its numbers."""
    seen, joints = row.observation, row.observation.joints
    numbers = np.concatenate([joints.positions, joints.velocities, joints.efforts, row.action])
    parts: list[Part] = [numbers.astype("<f8")]
    images = {}
    came: Mapping[str, Any] = seen.images
    for camera, pixels in came.items():
        images[camera] = _describe(pixels)
        parts.append(pixels.data)
    head = {
        "stamp_ns": seen.stamp_ns, "image_stamps_ns": dict(seen.image_stamps_ns),
        "action_stamp_ns": row.action_stamp_ns, "time_ns": row.time_ns, "source": row.source,
        "images": images,
    }  # fmt: skip
    return head, parts


def unpack_row(head: Mapping[str, Any], places: Sequence[Sequence[int]], ring: RowRing) -> Row:
    """Return the row; its images are views into the ring."""
    first, *others = (ring.view(*place) for place in places)
    positions, velocities, efforts, action = np.frombuffer(first, "<f8").reshape(4, -1)
    images: dict[str, Pixels] = {}
    for (camera, described), data in zip(head["images"].items(), others, strict=True):
        images[camera] = _pixels(described, data.data)
    joints = JointSample(head["stamp_ns"], positions, velocities, efforts)
    observation = RawObservation(joints, images, head["image_stamps_ns"])
    return Row(
        observation, action, head["action_stamp_ns"], head["time_ns"], head["source"]
    )  # fmt: skip


def _describe(pixels: Pixels) -> dict[str, Any]:
    if isinstance(pixels, CompressedPixels):
        return {"image_format": pixels.image_format}
    return {name: getattr(pixels, name) for name in _RAW_FIELDS}


def _pixels(described: Mapping[str, Any], data: memoryview) -> Pixels:
    if "image_format" in described:
        return CompressedPixels(bytes(data), described["image_format"])
    return RawPixels(data, **described)  # type: ignore[arg-type] # a buffer is all it needs

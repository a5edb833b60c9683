# SPDX-License-Identifier: Apache-2.0
"""Which feature of a LeRobot dataset is which column or camera of the robot."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_core.errors import EpisodeError
from act_core.robot.robot_spec import RobotSpec
from act_recorder.dataset.formats.lerobot import layout
from act_recorder.dataset.formats.lerobot.layout import Info

_UNNAMED = re.compile(r"[a-z]*_?\d+")
_OURS = "act."


@dataclass(frozen=True)
class Camera:
    """One camera.

    Attributes:
        key: its feature.
        name: in our files.
        size_px: (height, width).
        is_video: whether its images are in a video, and not in the table.
    """

    key: str
    name: str
    size_px: tuple[int, int]
    is_video: bool


def column_order(info: Info, key: str, robot: RobotSpec) -> tuple[NDArray[np.intp], str]:
    """Return (D,) where each of the robot's columns is in a feature, and a note on it.

    Raises:
        EpisodeError: there is no such feature, or it is of another robot.
    """
    feature = info.features.get(key)
    if feature is None:
        raise EpisodeError(
            f"{info.root}: no feature {key}; has {', '.join(info.features) or 'none'}"
        )
    size = int(np.prod(feature.get("shape", (0,))))
    names = joint_names(feature)
    if names and not all(_UNNAMED.fullmatch(name) for name in names):
        lacking = [column for column in robot.columns if column not in names]
        if lacking or len(names) != robot.dim:
            raise EpisodeError(
                f"{info.root}: {key} has {', '.join(names)}; robot '{robot.name}' has "
                f"{', '.join(robot.columns)}; name the robot that it is by --robot"
            )
        order = np.array([names.index(column) for column in robot.columns])
        moved = bool(np.any(order != np.arange(robot.dim)))
        return order, f"{key}: columns put in the robot's order, by name" if moved else ""
    if size != robot.dim:
        raise EpisodeError(
            f"{info.root}: {key} has {size} columns, robot '{robot.name}' has {robot.dim}: "
            f"{', '.join(robot.columns)}"
        )
    note = f"{key} has no joint names: taken in the order of robot '{robot.name}'"
    return np.arange(robot.dim), note


def joint_names(feature: Mapping[str, Any]) -> list[str]:
    """Return the names of a feature's columns, without the ending .pos; [] if it has none."""
    names = feature.get("names")
    if isinstance(names, dict):  # {"motors": [...]}
        inner = [each for each in names.values() if isinstance(each, list)]
        names = inner[0] if len(inner) == 1 else list(names)
    return [str(name).removesuffix(".pos") for name in names or []]


def cameras(info: Info) -> list[Camera]:
    """Return the colour cameras, by name; raises EpisodeError for images that are none."""
    found = []
    for key, feature in info.features.items():
        if feature.get("dtype") in ("video", "image") and not _is_depth(feature):
            name = re.sub(r"\W", "_", key.removeprefix(layout.IMAGES).removeprefix("observation."))
            size_px = _size_px(info, key, feature)
            found.append(Camera(key, name, size_px, feature["dtype"] == "video"))
    return sorted(found, key=lambda camera: camera.name)


def unread(info: Info) -> tuple[str, ...]:
    """Return the features that have no place in our files."""
    known = {layout.STATE, layout.ACTION, layout.VELOCITY, layout.EFFORT, layout.SUCCESS,
             layout.DONE, *layout.COUNTERS, *(camera.key for camera in cameras(info))}  # fmt: skip
    return tuple(key for key in info.features if key not in known and not key.startswith(_OURS))


def _is_depth(feature: Mapping[str, Any]) -> bool:
    info = feature.get("info") or feature.get("video_info") or {}
    return bool(info.get("is_depth_map") or info.get("video.is_depth_map"))


def _size_px(info: Info, key: str, feature: Mapping[str, Any]) -> tuple[int, int]:
    shape = [int(length) for length in feature.get("shape", ())]
    names = [str(name) for name in feature.get("names") or []]
    first = shape[:1] == [3] and (not names or names[0].startswith("channel"))
    height_width = shape[1:] if first else shape[:2]
    if len(shape) != 3 or (shape[0] if first else shape[2]) != 3:  # noqa: PLR2004 - RGB images
        raise EpisodeError(f"{info.root}: {key} has shape {shape}, expected images of 3 colours")
    return height_width[0], height_width[1]

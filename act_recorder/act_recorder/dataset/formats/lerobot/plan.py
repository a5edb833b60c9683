# SPDX-License-Identifier: Apache-2.0
"""What a LeRobot dataset of some episodes will have: one set of features for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from act_core.errors import EpisodeError
from act_core.robot.robot_spec import RobotSpec
from act_recorder.dataset.formats.lerobot import layout
from act_recorder.dataset.formats.source import Source, SourceEpisode, WriteOptions
from act_recorder.dataset.formats.video import CODEC, pixel_format

_ONE: dict[str, Any] = {"shape": [1], "names": None}


@dataclass(frozen=True)
class Plan:
    """What all episodes share.

    Attributes:
        robot: of all of them.
        rate_hz: whole frames per second, as LeRobot counts time.
        image_shapes: camera → (height, width).
        joints: feature → which of a row's vectors it holds.
        judged: whether every episode has a verdict.
        lost: what LeRobot has no place for, in words.
    """

    robot: RobotSpec
    rate_hz: int
    image_shapes: Mapping[str, tuple[int, int]]
    joints: tuple[str, ...]
    judged: bool
    lost: tuple[str, ...]

    @property
    def vectors(self) -> dict[str, dict[str, Any]]:
        """Features of (D,) float32."""
        names = list(self.robot.columns)
        shape = {"dtype": "float32", "shape": [len(names)], "names": names}
        return {key: dict(shape) for key in self.joints}

    @property
    def stamps(self) -> tuple[str, ...]:
        """Features with stamps of ours, beside the cameras'."""
        return layout.ROW_STAMP, layout.JOINT_STAMP, layout.ACTION_STAMP

    @property
    def table(self) -> dict[str, dict[str, Any]]:
        """Features in the table, in order."""
        found = self.vectors
        found |= {key: {"dtype": "int64", **_ONE} for key in self.stamps}
        if self.image_shapes:
            names = list(self.image_shapes)
            feature = {"dtype": "int64", "shape": [len(names)], "names": names}
            found[layout.CAMERA_STAMPS] = feature
        found[layout.SOURCE] = {"dtype": "string", **_ONE}
        found[layout.DONE] = {"dtype": "bool", **_ONE}
        if self.judged:
            found[layout.SUCCESS] = {"dtype": "bool", **_ONE}
        found["timestamp"] = {"dtype": "float32", **_ONE}
        return found | {key: {"dtype": "int64", **_ONE} for key in layout.COUNTERS[1:]}

    @property
    def videos(self) -> dict[str, dict[str, Any]]:
        """Features in videos."""
        return {
            f"{layout.IMAGES}{camera}": {
                "dtype": "video", "shape": [*size_px, 3], "names": ["height", "width", "channels"],
                "info": {
                    "video.height": size_px[0], "video.width": size_px[1],
                    "video.codec": CODEC,
                    "video.pix_fmt": pixel_format(size_px), "video.is_depth_map": False,
                    "video.fps": self.rate_hz, "video.channels": 3, "has_audio": False,
                },
            }
            for camera, size_px in self.image_shapes.items()
        }  # fmt: skip


def plan(source: Source, options: WriteOptions) -> Plan:
    """Return what the dataset will have.

    Raises:
        EpisodeError: episodes differ in robot, rate, cameras or image sizes.
    """
    if options.jpeg_quality is not None:
        raise EpisodeError("--jpeg-quality: LeRobot's images are in videos")
    first = source.episodes[0]
    for episode in source.episodes[1:]:
        _check_same(first, episode)
    rate_hz = max(1, round(first.meta.rate_hz))
    joints = (layout.STATE, layout.ACTION, *_measured(source))
    judged = all(episode.meta.verdict for episode in source.episodes)
    shapes = dict(sorted(first.image_shapes.items()))
    return Plan(first.meta.robot, rate_hz, shapes, joints, judged, tuple(_lost(source, rate_hz)))


def _check_same(first: SourceEpisode, episode: SourceEpisode) -> None:
    for what, one, other in (
        ("joints", first.meta.joint_names, episode.meta.joint_names),
        ("rates", first.meta.rate_hz, episode.meta.rate_hz),
        ("cameras", dict(first.image_shapes), dict(episode.image_shapes)),
        ("robot files", first.meta.robot_yaml, episode.meta.robot_yaml),
    ):
        if one != other:
            told = "" if what == "robot files" else f": {one} and {other}"
            raise EpisodeError(
                f"{first.name} and {episode.name} have different {what}"
                f"{told}; a LeRobot dataset is of one kind; choose by --episodes"
            )


def _measured(source: Source) -> list[str]:
    """Return which of velocity and effort there are, by the first row of each episode."""
    found = []
    rows = [row for row in (next(e.rows(), None) for e in source.episodes) if row is not None]
    for key, name in ((layout.VELOCITY, "velocities"), (layout.EFFORT, "efforts")):
        if any(not np.all(np.isnan(getattr(row.observation.joints, name))) for row in rows):
            found.append(key)
    return found


def _lost(source: Source, rate_hz: int) -> list[str]:
    lost = ["image detail, by video"] if any(e.image_shapes for e in source.episodes) else []
    lost += [f"/{name}" for name in source.episodes[0].extras]
    exact = source.episodes[0].meta.rate_hz
    if exact != rate_hz:
        lost.append(f"LeRobot counts at {rate_hz} Hz, not {exact:g} (the stamps are kept)")
    return lost

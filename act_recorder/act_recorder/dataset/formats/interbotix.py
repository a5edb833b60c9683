# SPDX-License-Identifier: Apache-2.0
"""Reads episodes of Interbotix' ALOHA 2.0: other order, camera names and gripper unit.

Source: Interbotix/aloha 2.0, config/robot/*.yaml (right before left), scripts/record_episodes.py
and aloha/robot_utils.py, where the map of the finger's metres is used on the joint's radians.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_core.errors import EpisodeError
from act_core.observation import JointSample, RawObservation
from act_core.robot.robot_spec import RobotSpec
from act_recorder.dataset.formats import aloha_reader
from act_recorder.dataset.formats.source import ReadOptions, Source, SourceEpisode
from act_recorder.rows.row_matcher import Row

CAMERAS = {
    "camera_high": "cam_high",
    "camera_low": "cam_low",
    "camera_wrist_left": "cam_left_wrist",
    "camera_wrist_right": "cam_right_wrist",
}
# Of the follower's finger in m and its joint in rad, closed and open.
_FINGER_M = (0.0440, 0.0579)
_JOINT_RAD = (0.6197, 1.6214)
# Joint radians taken for metres run from about 41 to 113; a gripper that is right, from 0 to 1.
_SURELY_WRONG = 2.0


def read(path: Path, options: ReadOptions) -> Source:
    """Return the episodes of a folder or file, in our order, names and units.

    Raises:
        EpisodeError: a file is damaged, or --robot is not given.
    """
    source = aloha_reader.read(path, options)
    wrong = _grippers_wrong(source)
    notes = [
        "the right arm's columns come first in these files: moved behind the left arm's",
        *(
            f"camera {old} is now {new}"
            for old, new in CAMERAS.items()
            if old in source.episodes[0].image_shapes
        ),
        "grippers of qpos and qvel are not in 0 … 1 but about 41 … 113: turned into 0 … 1"
        if wrong
        else "grippers are in 0 … 1: kept",
    ]
    episodes = tuple(_renamed(each, wrong=wrong) for each in source.episodes)
    return replace(source, episodes=episodes, notes=(*source.notes, *notes))


def right_first(robot: RobotSpec) -> NDArray[np.intp]:
    """Return (D,) where each of the robot's columns is in these files: last arm first."""
    at = np.arange(robot.dim)
    there = np.concatenate([at[robot.columns_of(arm)] for arm in reversed(robot.arms)])
    return np.argsort(there)


def gripper_positions(values: NDArray[Any]) -> NDArray[Any]:
    """Return grippers 0 … 1 of those that were made from radians by the map of metres."""
    joint_rad = values * (_FINGER_M[1] - _FINGER_M[0]) + _FINGER_M[0]
    return (joint_rad - _JOINT_RAD[0]) / (_JOINT_RAD[1] - _JOINT_RAD[0])


def gripper_velocities(values: NDArray[Any]) -> NDArray[Any]:
    """Return gripper velocities per s, likewise."""
    return values * (_FINGER_M[1] - _FINGER_M[0]) / (_JOINT_RAD[1] - _JOINT_RAD[0])


@dataclass(frozen=True)
class _Mended:
    """The rows of an episode, in our order and units."""

    rows: Callable[[], Iterator[Row]]
    robot: RobotSpec
    wrong: bool

    def __call__(self) -> Iterator[Row]:
        order, gripper = right_first(self.robot), self.robot.is_gripper
        for row in self.rows():
            seen = row.observation
            positions = seen.joints.positions[order]
            velocities = seen.joints.velocities[order]
            if self.wrong:
                positions[gripper] = gripper_positions(positions[gripper])
                velocities[gripper] = gripper_velocities(velocities[gripper])
            joints = JointSample(
                seen.stamp_ns, positions, velocities, seen.joints.efforts[order]
            )  # fmt: skip
            images, stamps = _our_names(seen.images), _our_names(seen.image_stamps_ns)
            yield replace(
                row, observation=RawObservation(joints, images, stamps), action=row.action[order]
            )


def _renamed(episode: SourceEpisode, *, wrong: bool) -> SourceEpisode:
    return replace(
        episode,
        image_shapes=_our_names(episode.image_shapes),
        rows=_Mended(episode.rows, episode.meta.robot, wrong),
    )


def _our_names(by_camera: Mapping[str, Any]) -> dict[str, Any]:
    return {CAMERAS.get(name, name): value for name, value in by_camera.items()}


def _grippers_wrong(source: Source) -> bool:
    """Whether grippers are in the wrong unit, by first rows: 41 and more, where 1 is open."""
    found = set()
    for episode in source.episodes:
        robot = episode.meta.robot
        if len(robot.arms) < 2:  # noqa: PLR2004 - an order of arms
            raise EpisodeError(
                f"{episode.name}: Interbotix 2.0 has two arms, robot '{robot.name}' has one"
            )
        row = next(episode.rows(), None)
        if row is not None:
            values = row.observation.joints.positions[right_first(robot)][robot.is_gripper]
            found.add(bool(np.any(np.abs(values) > _SURELY_WRONG)))
    if len(found) > 1:
        raise EpisodeError(
            "some of these files have grippers in 0 … 1 and some about 41 … 113; convert them one "
            "kind at a time, by --episodes"
        )
    return found == {True}

# SPDX-License-Identifier: Apache-2.0
"""Verb `mirror`: episodes as they would look with left and right exchanged."""

import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from act_core.episode.find_episodes import episode_index
from act_core.episode.image_rows import Image
from act_core.episode.jpeg import DEFAULT_QUALITY, JpegImage, encode
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.paths import user_path
from act_core.robot.robot_spec import RobotSpec
from act_recorder.dataset.mend.episode_copy import StoredRow, copy_episode
from act_recorder.dataset.output_folder import new_folder
from act_recorder.dataset.progress import shown
from act_recorder.dataset.selection import chosen_episodes, named_robot, verb_line

_PAIR = ("left", "right")
_ARMS = 2


class Mirror:
    """Exchanges the two arms of a row, and left and right in its images.

    Args:
        spec: the robot; its file says of each joint whether it is `mirrored`.
        image_sizes: camera → (height, width) in pixels.

    Attributes:
        cameras: camera → whose images it gets.

    Raises:
        EpisodeError: the robot has not two equal arms, its file does not say what a mirror does to
            a joint, or a left camera has no right one of its size.
    """

    def __init__(self, spec: RobotSpec, image_sizes: dict[str, tuple[int, int]]) -> None:
        self._signs = signs(spec)
        self.cameras = {name: partner(name, image_sizes) for name in image_sizes}

    def __call__(self, row: StoredRow) -> StoredRow:
        """Return the row as the mirror shows it; its cameras have changed places already."""
        return replace(
            row,
            positions=self.joints(row.positions),
            velocities=self.joints(row.velocities),
            efforts=self.joints(row.efforts),
            action=self.joints(row.action),
            images={name: flipped(image, name) for name, image in row.images.items()},
        )

    def joints(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return a vector (D,): the other arm's values, turned where the joint turns."""
        half = len(values) // _ARMS
        return np.roll(values, half) * self._signs


def signs(spec: RobotSpec) -> NDArray[np.float32]:
    """Return (D,) -1 for a joint that turns the other way in a mirror, 1 for others and grippers.

    Raises:
        EpisodeError: there are not two arms of equal joints, or the file does not say it.
    """
    if len(spec.arms) != _ARMS:
        raise EpisodeError(f"robot '{spec.name}' has {len(spec.arms)} arm(s), a mirror needs two")
    one, other = spec.arms
    if one.joints != other.joints or one.gripper.name != other.gripper.name:
        raise EpisodeError(
            f"robot '{spec.name}': arms '{one.name}' and '{other.name}' have different joints, so "
            "neither can do what the other did"
        )
    unsaid = [joint.name for joint in one.joints if joint.mirrored is None]
    if unsaid:
        raise EpisodeError(
            f"robot '{spec.name}' does not say whether {', '.join(unsaid)} turn the other way in "
            "a mirror; add `mirrored: true` or `mirrored: false` to these joints in a copy of its "
            "file and name that with --robot"
        )
    arm = [*(-1.0 if joint.mirrored else 1.0 for joint in one.joints), 1.0]
    return np.array(arm * _ARMS, np.float32)


def partner(camera: str, sizes: dict[str, tuple[int, int]]) -> str:
    """Return the camera on the other side, by its name; itself if it is neither left nor right.

    Raises:
        EpisodeError: there is none, or it has images of another size.
    """
    left, right = _PAIR
    if (left in camera) == (right in camera):
        return camera
    name = camera.replace(left, right) if left in camera else camera.replace(right, left)
    if name not in sizes:
        raise EpisodeError(
            f"camera '{camera}' has no partner '{name}' in a mirror; cameras: {', '.join(sizes)}"
        )
    if sizes[name] != sizes[camera]:
        raise EpisodeError(
            f"cameras '{camera}' {sizes[camera]} and '{name}' {sizes[name]} differ in size and "
            "cannot change places"
        )
    return name


def flipped(image: Image, camera: str) -> Image:
    """Return a camera's image with left and right exchanged; a JPEG is encoded anew.

    Raises:
        ImageError: it is damaged.
    """
    if isinstance(image, JpegImage):
        return encode(image.to_rgb(f"camera '{camera}'")[:, ::-1], DEFAULT_QUALITY, image.order)
    return np.ascontiguousarray(image[:, ::-1])


def main(words: Sequence[str]) -> int:
    """Write the mirrored episodes into a new folder."""
    line = verb_line("mirror", "Episodes with left and right exchanged: arms, images, cameras.")
    line.add_argument("--out", type=user_path, required=True, help="new folder")
    options = line.parse(words)
    robot = named_robot(options)
    paths = chosen_episodes(options)
    with new_folder(options.out) as folder:
        for path in shown(paths, "mirror"):
            with EpisodeReader(path, robot) as reader:
                sizes = {camera: reader.image_shape(camera) for camera in reader.cameras}
                mirror = Mirror(_robot_of(reader, robot), sizes)
                copy_episode(
                    reader, folder, index=max(0, episode_index(path)),
                    origin=f"mirrored from {path.absolute()}",
                    change=mirror, cameras=mirror.cameras,
                )  # fmt: skip
    sys.stdout.write(
        f"{options.out}: {len(paths)} mirrored episodes; `act dataset merge` puts them beside "
        "the others\n"
    )
    return 0


def _robot_of(reader: EpisodeReader, named: RobotSpec | None) -> RobotSpec:
    """Return the robot whose signs count: the named one, whose columns have to be the file's."""
    spec = named or reader.meta.robot
    if spec.columns != reader.meta.joint_names:
        raise EpisodeError(
            f"{reader.path}: columns {', '.join(reader.meta.joint_names)}; robot '{spec.name}' "
            f"has {', '.join(spec.columns)}"
        )
    return spec

# SPDX-License-Identifier: Apache-2.0
"""What a recording made of an episode says of itself, so that the very episode can be read back.

All messages of a row are received at its control tick, the command last. Images that several rows
use, and their stamps, are there once. Topic `episode/description` holds what no other message has
a place for.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from pydantic.dataclasses import dataclass

from act_core.checked import CHECKED, checked
from act_core.episode.frame_counts import FrameCounts
from act_core.episode.jpeg import JpegImage
from act_core.episode.meta import EpisodeMeta
from act_core.errors import EpisodeError
from act_core.images.pixels import CompressedPixels
from act_core.observation import RawObservation
from act_core.ros.messages.images import pixels_of
from act_core.ros.messages.joints import read_sample, read_vector
from act_core.ros.messages.stamps import to_ns
from act_core.streams.assembler import JOINTS
from act_recorder.dataset.formats.rosbag.bag import STRING, Bag
from act_recorder.rows.row_matcher import COMMANDS, Row

DESCRIPTION = "episode/description"


@dataclass(frozen=True, config=CHECKED)
class CameraTopic:
    """Where a camera's images are, and their size."""

    topic: str
    height_px: int
    width_px: int
    is_jpeg: bool
    frames: FrameCounts | None = None


@dataclass(frozen=True, config=CHECKED)
class EpisodeDescription:
    """Content of DESCRIPTION, as JSON.

    Attributes:
        meta: as in an episode file.
        num_rows: T.
        cameras: name → topic.
    """

    meta: EpisodeMeta
    num_rows: int
    cameras: Mapping[str, CameraTopic]

    def to_json(self) -> str:
        """Return it as text."""
        return json.dumps(asdict(self))


def description_of(bag: Bag) -> EpisodeDescription | None:
    """Return what a recording says of the episode in it; None where it was made of none.

    Raises:
        EpisodeError: the description is damaged, or of a newer version.
    """
    topic = bag.topics.get(DESCRIPTION)
    if topic is None or topic.type != STRING or not topic.count:
        return None
    _, _, message = next(bag.messages([DESCRIPTION]))
    try:
        return checked(EpisodeDescription, json.loads(message.data))
    except ValueError as error:
        raise EpisodeError(f"{bag.path}: topic {DESCRIPTION}: {error}") from error


def described_rows(bag: Bag, description: EpisodeDescription) -> Iterator[Row]:
    """Yield the rows of the episode that a recording was made of.

    Raises:
        EpisodeError: a row lacks something, or there are fewer rows than the recording says.
    """
    robot = description.meta.robot
    cameras = {camera.topic: name for name, camera in description.cameras.items()}
    joints, images, stamps = None, {}, {}
    count = 0
    for topic, time_ns, message in bag.messages([JOINTS, COMMANDS, *cameras]):
        if topic == JOINTS:
            joints = read_sample(message, robot.state)
        elif topic in cameras:
            camera = cameras[topic]
            images[camera] = _image(message, camera)
            stamps[camera] = to_ns(message.header.stamp)
        elif joints is None or len(images) < len(cameras):
            raise EpisodeError(f"{bag.path}: row {count} has a command, and not all else")
        else:
            yield Row(
                RawObservation(joints, dict(images), dict(stamps)),
                read_vector(message, robot.command), to_ns(message.header.stamp), time_ns,
                message.header.frame_id,
            )  # fmt: skip
            count += 1
    if count != description.num_rows:
        raise EpisodeError(
            f"{bag.path}: {count} commands, expected one for each of {description.num_rows} rows"
        )


def _image(message: Any, camera: str) -> Any:
    pixels = pixels_of(message)
    if isinstance(pixels, CompressedPixels):
        return JpegImage(pixels.data, *pixels.check(f"camera '{camera}'"), "bgr")
    return pixels.to_rgb(f"camera '{camera}'")

# SPDX-License-Identifier: Apache-2.0
"""Writes episodes as recordings that `ros2 bag play`, RViz and Foxglove show: MCAP, one each."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from act_core.episode.jpeg import JpegImage
from act_core.episode.meta import FORMAT_VERSION
from act_core.errors import EpisodeError, RobotSpecError
from act_core.robot.robot_spec import RobotSpec
from act_recorder.dataset.formats.rosbag.bag_output import BagOutput
from act_recorder.dataset.formats.rosbag.bag_topics import COMPRESSED
from act_recorder.dataset.formats.rosbag.episode_bag import CameraTopic, EpisodeDescription
from act_recorder.dataset.formats.rosbag.joint_frames import JointFrames
from act_recorder.dataset.formats.source import Source, SourceEpisode, WriteOptions
from act_recorder.rows.row_matcher import Row


def check(source: Source, options: WriteOptions) -> tuple[str, ...]:
    """Return what messages cannot hold.

    Raises:
        EpisodeError: an episode does not say which robot it is of.
        RobotSpecError: --urdf cannot be used.
    """
    lost: dict[str, None] = {}
    frames = _frames(options)
    for episode in source.episodes:
        robot = _robot(episode)
        lost |= {f"/{name}, which no message is defined for": None for name in episode.extras}
        if frames is not None:
            still = frames[1].without_value(list(robot.state.names))
            lost |= {f"/tf of {name}, whose value no episode has": None for name in still}
        if _is_jpeg(episode, options) and episode.image_shapes:
            if not episode.is_jpeg:
                lost["image detail, by JPEG"] = None
            elif _has_swapped_colours(episode):
                lost["image detail, by JPEG anew: red and blue are swapped in the files"] = None
    return tuple(lost)


def write(
    source: Source, folder: Path, options: WriteOptions, progress: Callable[[], object]
) -> None:
    """Write each episode as folder `episode_<i>` with its MCAP file and metadata.yaml.

    Raises:
        EpisodeError: an image is damaged, or rows go back in time.
    """
    frames = _frames(options)
    for number, episode in enumerate(source.episodes):
        robot, path = _robot(episode), folder / f"episode_{number}"
        described = _description(episode, robot, jpeg=_is_jpeg(episode, options))
        with BagOutput(path, robot, described, options.jpeg_quality) as out:
            if frames is not None:
                out.begin_frames(*frames)
            for row in _in_order(episode):
                out.write(row)
                progress()


def _in_order(episode: SourceEpisode) -> Iterator[Row]:
    before_ns = 0
    for row in episode.rows():
        if row.time_ns < before_ns:
            raise EpisodeError(
                f"{episode.name}: a row is {(before_ns - row.time_ns) / 1e9:g} s before the one "
                "ahead of it, which a recording cannot be"
            )
        before_ns = row.time_ns
        yield row


def _robot(episode: SourceEpisode) -> RobotSpec:
    if not episode.meta.robot_yaml:
        raise EpisodeError(
            f"{episode.name}: does not say which robot it is of, and so not how its joints are "
            "called on topics; name it (--robot)"
        )
    return episode.meta.robot


def _description(episode: SourceEpisode, robot: RobotSpec, *, jpeg: bool) -> EpisodeDescription:
    topics = {camera.name: camera.image_topic.removeprefix("/") for camera in robot.cameras}
    cameras = {}
    for name, (height_px, width_px) in episode.image_shapes.items():
        topic = topics.get(name, f"{name}/image_raw").removesuffix(COMPRESSED)
        cameras[name] = CameraTopic(
            topic + COMPRESSED if jpeg else topic, height_px, width_px, jpeg,
            episode.frames.get(name),
        )  # fmt: skip
    meta = replace(episode.meta, format_version=FORMAT_VERSION)
    return EpisodeDescription(meta, episode.num_rows, cameras)


def _is_jpeg(episode: SourceEpisode, options: WriteOptions) -> bool:
    return episode.is_jpeg if options.jpeg_quality is None else options.jpeg_quality > 0


def _has_swapped_colours(episode: SourceEpisode) -> bool:
    """Whether a viewer would show red for blue: those are encoded anew."""
    for row in episode.rows():
        images = row.observation.images.values()
        return any(isinstance(each, JpegImage) and each.order == "rgb" for each in images)
    return False


def _frames(options: WriteOptions) -> tuple[str, JointFrames] | None:
    if options.urdf is None:
        return None
    try:
        text = options.urdf.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RobotSpecError(f"URDF {options.urdf}: {error}") from error
    return text, JointFrames(text, str(options.urdf))

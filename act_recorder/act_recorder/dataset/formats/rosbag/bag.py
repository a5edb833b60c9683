# SPDX-License-Identifier: Apache-2.0
"""A rosbag2 recording, MCAP or sqlite3: its topics and messages."""

import sqlite3
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from rclpy.serialization import deserialize_message
from rosbags.rosbag2 import Reader, ReaderError
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CompressedImage, Image, JointState
from std_msgs.msg import Float64MultiArray, String
from trajectory_msgs.msg import JointTrajectory

from act_core.errors import EpisodeError
from act_recorder.dataset.formats.recognition import BAG_FILES

METADATA = "metadata.yaml"
JOINT_STATE, STRING = "sensor_msgs/msg/JointState", "std_msgs/msg/String"
CLOCK = "rosgraph_msgs/msg/Clock"
IMAGE, COMPRESSED_IMAGE = "sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"
_TYPES = {
    JOINT_STATE: JointState,
    IMAGE: Image,
    COMPRESSED_IMAGE: CompressedImage,
    CLOCK: Clock,
    STRING: String,
    "std_msgs/msg/Float64MultiArray": Float64MultiArray,
    "trajectory_msgs/msg/JointTrajectory": JointTrajectory,
}
# Interbotix's need not be installed to be read (interbotix_ros_core, interbotix_xs_msgs/msg).
_INTERBOTIX = {
    "interbotix_xs_msgs/msg/JointGroupCommand": "string name\nfloat32[] cmd",
    "interbotix_xs_msgs/msg/JointSingleCommand": "string name\nfloat32 cmd",
}
# What rosbags lets through of a damaged file besides its own error.
_DAMAGED = (ReaderError, OSError, EOFError, ValueError, TypeError, KeyError, AssertionError,
            struct.error, sqlite3.Error)  # fmt: skip


@dataclass(frozen=True)
class Topic:
    """A topic of a bag: type as the bag names it, and how many messages there are."""

    type: str
    count: int


class Bag:
    """An open recording. Use as a context manager.

    rosbags is only asked for bytes; they become messages as they do in a node, but for types that
    may not be installed.

    Args:
        path: folder with metadata.yaml, or one .mcap or .db3 file.

    Raises:
        EpisodeError: it cannot be opened; tells what to do.

    Attributes:
        path: as given.
        topics: name, as a node without namespace calls it → topic.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._reader = Reader(_storage(path))
            self._reader.open()
        except _DAMAGED as error:
            raise EpisodeError(f"{path}: {_why(error)}; {_remedy(path)}") from error
        self.topics: dict[str, Topic] = {}
        for connection in self._reader.connections:
            name = connection.topic.removeprefix("/")
            known = self.topics.get(name, Topic(connection.msgtype, 0))
            self.topics[name] = Topic(known.type, known.count + connection.msgcount)

    def __enter__(self) -> "Bag":
        """Return self."""
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the files."""
        self._reader.close()

    def messages(self, topics: Collection[str]) -> Iterator[tuple[str, int, Any]]:
        """Yield (topic, time of receipt in ns, message) of `topics`, in the order they came.

        Raises:
            EpisodeError: the bag is damaged, or a message is not what its topic's type says.
        """
        wanted = [c for c in self._reader.connections if c.topic.removeprefix("/") in topics]
        if not wanted:
            return
        try:
            for connection, time_ns, data in self._reader.messages(wanted):
                yield connection.topic.removeprefix("/"), time_ns, self._read(connection, data)
        except _DAMAGED as error:
            raise EpisodeError(f"{self.path}: {_why(error)}; {_remedy(self.path)}") from error

    def _read(self, connection: Any, data: bytes) -> Any:
        kind = connection.msgtype
        try:
            if kind in _INTERBOTIX:
                return _interbotix_types().deserialize_cdr(data, kind)
            return deserialize_message(bytes(data), _TYPES[kind])
        except (RuntimeError, AssertionError, ValueError, struct.error) as error:
            raise EpisodeError(
                f"{self.path}: a message of {connection.topic} is no {connection.msgtype}"
            ) from error


@cache
def _interbotix_types() -> Typestore:
    types = get_typestore(Stores.ROS2_JAZZY)
    for name, text in _INTERBOTIX.items():
        types.register(get_types_from_msg(text, name))
    return types


def is_bag(path: Path) -> bool:
    """Whether `path` is a recording by its name or by what its folder holds."""
    if path.is_file():
        return path.suffix in BAG_FILES
    return (path / METADATA).is_file() or bool(_files(path))


def find_bags(path: Path) -> list[Path]:
    """Return `path`, if it is a recording, or those in it, by name; raises EpisodeError."""
    if is_bag(path):
        return [path]
    inner = sorted(each for each in path.iterdir() if each.is_dir() and is_bag(each))
    if not inner:
        raise EpisodeError(
            f"{path} holds no recording: neither {METADATA} nor a {' or '.join(BAG_FILES)} file, "
            "here or in a folder of it"
        )
    return inner


def _files(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.suffix in BAG_FILES)


def _storage(path: Path) -> Path:
    """Return what rosbags can open: a folder without its description may hold one whole file."""
    if path.is_file() or (path / METADATA).is_file():
        return path
    files = _files(path)
    if len(files) != 1:
        raise ReaderError(f"no {METADATA}, and {len(files)} files whose order only it tells")
    return files[0]


def _why(error: Exception) -> str:
    text = str(error).rstrip(".")
    return f"cannot be read: {text[:1].lower()}{text[1:]}" if text else "is damaged"


def _remedy(path: Path) -> str:
    """Return what mends a recording that was cut off."""
    folder = path if path.is_dir() else path.parent
    files = [path] if path.is_file() else _files(path)
    if any(each.suffix == ".mcap" for each in files):
        return (
            f"a recording that was cut off: `mcap recover` makes a whole file of {files[0].name}, "
            f"and `ros2 bag reindex -s mcap {folder}` a new {METADATA}"
        )
    return f"`ros2 bag reindex -s sqlite3 {folder}` makes a new {METADATA}"

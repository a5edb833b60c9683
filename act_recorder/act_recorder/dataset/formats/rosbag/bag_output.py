# SPDX-License-Identifier: Apache-2.0
"""One recording being written: rows in, messages out."""

from array import array
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rosbags.interfaces import (
    Connection,
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore
from rosbags.typesys.store import Typestore
from sensor_msgs.msg import CompressedImage, JointState
from std_msgs.msg import String

from act_core.episode.jpeg import DEFAULT_QUALITY, JpegImage, encode
from act_core.observation import JointSample
from act_core.robot.robot_spec import RobotSpec
from act_core.ros.messages.images import write_image
from act_core.ros.messages.joints import write_vector
from act_core.ros.messages.stamps import to_stamp
from act_core.streams.assembler import JOINTS
from act_recorder.dataset.formats.rosbag.bag import COMPRESSED_IMAGE, IMAGE, JOINT_STATE, STRING
from act_recorder.dataset.formats.rosbag.episode_bag import DESCRIPTION, EpisodeDescription
from act_recorder.dataset.formats.rosbag.joint_frames import Frame, JointFrames
from act_recorder.rows.row_matcher import COMMANDS, Row

TF = "tf2_msgs/msg/TFMessage"
_NEVER = QosTime(9_223_372_036, 854_775_807)


class BagOutput:
    """A recording of one episode. Use as a context manager.

    Args:
        path: folder of the recording, new.
        robot: how joints are called and counted on topics.
        described: what the recording says of itself.
        jpeg_quality: of images that have to be encoded; None or 0 for the usual one.
    """

    def __init__(
        self, path: Path, robot: RobotSpec, described: EpisodeDescription, jpeg_quality: int | None
    ) -> None:
        self._robot, self._described = robot, described
        self._quality = jpeg_quality or DEFAULT_QUALITY
        self._types = _types()
        self._writer = Writer(path, version=9, storage_plugin=StoragePlugin.MCAP)
        self._writer.set_custom_data("episode", described.meta.origin or path.name)
        self._writer.open()
        self._description = self._add(DESCRIPTION, STRING, lasting=True)
        self._states = self._add(JOINTS, JOINT_STATE)
        self._commands = self._add(COMMANDS, JOINT_STATE)
        self._cameras = {
            name: self._add(camera.topic, COMPRESSED_IMAGE if camera.is_jpeg else IMAGE)
            for name, camera in described.cameras.items()
        }
        self._last: dict[str, tuple[int, Any]] = {}  # camera → stamp and image
        self._urdf: tuple[str, JointFrames] | None = None
        self._begun = False

    def __enter__(self) -> "BagOutput":
        """Return self."""
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file; whole only where nothing went wrong."""
        if error_type is None:
            self._writer.close()
        else:
            self._writer.abort()

    def begin_frames(self, urdf: str, frames: JointFrames) -> None:
        """Write the robot's description, and each row's frames, from now on."""
        self._urdf = urdf, frames
        self._model = self._add("robot_description", STRING, lasting=True)
        self._fixed = self._add("tf_static", TF, lasting=True)
        self._moved = self._add("tf", TF)

    def write(self, row: Row) -> None:
        """Write the messages of a row, the command last."""
        now_ns, seen = row.time_ns, row.observation
        if not self._begun:
            self._begin(now_ns)
        self._put(self._states, now_ns, self._state(seen.joints))
        if self._urdf is not None:
            raw = self._robot.state.to_raw(seen.joints.positions)
            values = dict(zip(self._robot.state.names, raw.tolist(), strict=True))
            frames = self._urdf[1].moved(values)
            self._put_frames(self._moved, now_ns, frames, seen.stamp_ns)
        for camera, connection in self._cameras.items():
            stamp_ns, image = seen.image_stamps_ns[camera], seen.images[camera]
            if not self._is_known(camera, stamp_ns, image):
                self._put(connection, now_ns, self._image(camera, stamp_ns, image))
        command = write_vector(row.action, self._robot.command, row.action_stamp_ns)
        command.header.frame_id = row.source
        self._put(self._commands, now_ns, command)

    def _begin(self, now_ns: int) -> None:
        self._begun = True
        self._put(self._description, now_ns, String(data=self._described.to_json()))
        if self._urdf is not None:
            self._put(self._model, now_ns, String(data=self._urdf[0]))
            self._put_frames(self._fixed, now_ns, self._urdf[1].fixed(), now_ns)

    def _state(self, joints: JointSample) -> JointState:
        state = self._robot.state
        message = write_vector(joints.positions, state, joints.stamp_ns)
        if not np.isnan(joints.velocities).all():
            message.velocity = (joints.velocities * state.span).tolist()
        if not np.isnan(joints.efforts).all():
            message.effort = joints.efforts.tolist()
        return message

    def _is_known(self, camera: str, stamp_ns: int, image: NDArray[np.uint8] | JpegImage) -> bool:
        """Whether the camera's last message is this very image."""
        before_ns, before = self._last.get(camera, (-1, None))
        self._last[camera] = stamp_ns, image
        if stamp_ns != before_ns:
            return False
        if isinstance(image, JpegImage) or isinstance(before, JpegImage):
            return bool(image == before)
        return np.array_equal(image, before)

    def _image(self, camera: str, stamp_ns: int, image: NDArray[np.uint8] | JpegImage) -> Any:
        frame_id, where = f"{camera}_optical_frame", f"camera '{camera}'"
        as_jpeg = self._described.cameras[camera].is_jpeg
        if isinstance(image, JpegImage) and not (as_jpeg and image.order == "bgr"):
            image = image.to_rgb(where)
        if not isinstance(image, JpegImage):
            if not as_jpeg:
                return write_image(image, stamp_ns, frame_id)
            image = encode(image, self._quality, "bgr")
        message = CompressedImage(format="rgb8; jpeg compressed bgr8", data=array("B", image.data))
        message.header.stamp, message.header.frame_id = to_stamp(stamp_ns), frame_id
        return message

    def _add(self, topic: str, kind: str, *, lasting: bool = False) -> Connection:
        durability = QosDurability.TRANSIENT_LOCAL if lasting else QosDurability.VOLATILE
        qos = Qos(
            QosHistory.KEEP_LAST, 1 if lasting else 10, QosReliability.RELIABLE, durability,
            _NEVER, _NEVER, QosLiveliness.AUTOMATIC, _NEVER,
            avoid_ros_namespace_conventions=False,
        )  # fmt: skip
        return self._writer.add_connection(
            f"/{topic}", kind, typestore=self._types, offered_qos_profiles=[qos]
        )

    def _put(self, connection: Connection, now_ns: int, message: Any) -> None:
        """By rosbags: what rclpy makes of a message ends with bytes that are none of it."""
        data = self._types.serialize_cdr(self._stored(message), connection.msgtype)
        self._writer.write(connection, now_ns, data)

    def _stored(self, message: Any) -> Any:
        """Return a ROS message as rosbags has it."""
        if isinstance(message, array):
            return np.asarray(message)
        if not hasattr(message, "get_fields_and_field_types"):
            return message
        fields = message.get_fields_and_field_types()
        kind = "/".join((type(message).__module__.split(".")[0], "msg", type(message).__name__))
        values = {field: self._stored(getattr(message, field)) for field in fields}
        return self._types.types[kind](**values)

    def _put_frames(
        self, connection: Connection, now_ns: int, frames: list[Frame], stamp_ns: int
    ) -> None:
        """ROS on PyPI lacks these messages; rosbags has them."""
        types, stamp = self._types.types, to_stamp(stamp_ns)
        header = types["std_msgs/msg/Header"]
        time = types["builtin_interfaces/msg/Time"](sec=stamp.sec, nanosec=stamp.nanosec)
        message = types[TF](transforms=[
            types["geometry_msgs/msg/TransformStamped"](
                header=header(stamp=time, frame_id=frame.parent), child_frame_id=frame.child,
                transform=types["geometry_msgs/msg/Transform"](
                    translation=types["geometry_msgs/msg/Vector3"](*frame.translation.tolist()),
                    rotation=types["geometry_msgs/msg/Quaternion"](*frame.quaternion.tolist()),
                ),
            )
            for frame in frames
        ])  # fmt: skip
        self._put(connection, now_ns, message)


@cache
def _types() -> Typestore:
    """Return Jazzy's messages, which take a quarter of a second to build."""
    return get_typestore(Stores.ROS2_JAZZY)

# SPDX-License-Identifier: Apache-2.0
"""The recorder's subscriptions: messages in, samples of a row matcher out."""

from collections.abc import Callable
from functools import partial

from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image, JointState

from act_core.errors import ActError
from act_core.robot.robot_spec import RobotSpec
from act_core.ros.joints import read_sample, read_vector
from act_core.ros.stamps import to_ns
from act_recorder.row_matcher import LockstepMatcher, RealTimeMatcher


class Inputs:
    """Feeds a row matcher from joint_states, joint_commands and the cameras."""

    def __init__(
        self,
        node: Node,
        spec: RobotSpec,
        rows: LockstepMatcher | RealTimeMatcher,
        profile: QoSProfile,
        on_sample: Callable[[], None],
    ) -> None:
        """Subscribe; `on_sample` is called after each sample."""
        self._node, self._spec, self._rows, self._on_sample = node, spec, rows, on_sample
        self.topics = ["joint_states", "joint_commands"]
        node.create_subscription(JointState, "joint_states", self._on_joints, profile)
        node.create_subscription(JointState, "joint_commands", self._on_command, profile)
        for camera in spec.cameras:
            topic = f"{camera.name}/image_raw"
            self.topics.append(topic)
            callback = partial(self._on_image, camera.name)
            node.create_subscription(Image, topic, callback, profile)

    def without_publisher(self) -> list[str]:
        """Return the topics that nobody publishes."""
        node = self._node
        return [t for t in self.topics if not node.count_publishers(node.resolve_topic_name(t))]

    def _on_joints(self, message: JointState) -> None:
        try:
            self._rows.assembler.add_joints(read_sample(message, self._spec.state))
        except ActError as error:
            self._refuse("joint_states", error)
            return
        self._on_sample()

    def _on_command(self, message: JointState) -> None:
        try:
            command = read_vector(message, self._spec.command)
        except ActError as error:
            self._refuse("joint_commands", error)
            return
        self._rows.add_command(to_ns(message.header.stamp), command)
        self._on_sample()

    def _on_image(self, camera: str, message: Image) -> None:
        self._rows.assembler.add_image(camera, to_ns(message.header.stamp), message)
        self._on_sample()

    def _refuse(self, topic: str, error: ActError) -> None:
        self._node.get_logger().error(f"{topic} refused: {error}", throttle_duration_sec=1.0)

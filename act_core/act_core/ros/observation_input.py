# SPDX-License-Identifier: Apache-2.0
"""Subscriptions to a robot's joints and cameras: messages in, samples of an assembler out."""

import time
from collections.abc import Callable
from functools import partial

from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image, JointState

from act_core.assembler import ObservationAssembler
from act_core.errors import ActError
from act_core.robot.robot_spec import RobotSpec
from act_core.ros.endpoints import subscription
from act_core.ros.messages.joints import read_sample
from act_core.ros.messages.stamps import to_ns
from act_core.ros.peers import publisher_names


class ObservationInput:
    """Feeds an assembler from joint_states and from the cameras that it asks for.

    Args:
        node: to subscribe with.
        spec: the robot.
        assembler: gets the samples; its images are the messages themselves.
        profile: quality of service of all subscriptions.
        on_sample: called with the stamp of each sample that was taken, ns.
    """

    def __init__(
        self,
        node: Node,
        spec: RobotSpec,
        assembler: ObservationAssembler,
        profile: QoSProfile,
        on_sample: Callable[[int], object],
    ) -> None:
        self._node, self._spec, self._on_sample = node, spec, on_sample
        self._assembler = assembler
        self._joints_at_s = time.monotonic()
        self.topics = ["joint_states", *(f"{c}/image_raw" for c in assembler.cameras)]
        self._subscriptions = [
            subscription(node, JointState, "joint_states", self._on_joints, profile)
        ]
        for camera in assembler.cameras:
            callback = partial(self._on_image, camera)
            topic = f"{camera}/image_raw"
            self._subscriptions.append(subscription(node, Image, topic, callback, profile))

    def wait_anew(self) -> None:
        """Count silence from now on."""
        self._joints_at_s = time.monotonic()

    def silence(self, limit_s: float) -> str:
        """Return in words that joint_states have been out for longer than `limit_s`, or ""."""
        silent_s = time.monotonic() - self._joints_at_s
        if silent_s <= limit_s:
            return ""
        names = ", ".join(publisher_names(self._node, "joint_states")) or "none"
        return f"joint_states: nothing for {silent_s:.1f} s (publishers known: {names})"

    def close(self) -> None:
        """Leave no subscription."""
        for each in self._subscriptions:
            each.destroy()

    def _on_joints(self, message: JointState) -> None:
        try:
            sample = read_sample(message, self._spec.state)
        except ActError as error:
            text = f"joint_states refused: {error}"
            self._node.get_logger().error(text, throttle_duration_sec=1.0)
            return
        self._joints_at_s = time.monotonic()
        self._assembler.add_joints(sample)
        self._on_sample(sample.stamp_ns)

    def _on_image(self, camera: str, message: Image) -> None:
        stamp_ns = to_ns(message.header.stamp)
        self._assembler.add_image(camera, stamp_ns, message)
        self._on_sample(stamp_ns)

# SPDX-License-Identifier: Apache-2.0
"""Subscriptions to a robot's joints and cameras: messages in, samples of an assembler out."""

import time
from collections.abc import Callable
from functools import partial

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CompressedImage, Image, JointState

from act_core.errors import ActError, OtherJointsError
from act_core.robot.motion_watch import MotionWatch
from act_core.robot.robot_spec import RobotSpec
from act_core.ros.endpoints import subscription
from act_core.ros.messages.images import MESSAGE_TYPES
from act_core.ros.messages.joints import read_sample
from act_core.ros.messages.stamps import to_ns
from act_core.ros.peers import has_publisher, publisher_names
from act_core.ros.stream_watch import StreamWatch
from act_core.streams.assembler import JOINTS, ObservationAssembler, stream_name
from act_core.streams.frozen_watch import FROZEN_AFTER, FrozenWatch

# By then discovery has found who started together with this node.
HINT_S = 4.0


class ObservationInput:
    """Feeds an assembler from joint_states and from the cameras that it asks for.

    Args:
        node: to subscribe with.
        spec: the robot.
        assembler: gets the samples; its images are the messages themselves.
        profile: quality of service of all subscriptions.
        watch: looks at each message first.
        on_sample: called with the stamp of each sample that was taken, ns.

    Attributes:
        topics: what it subscribes to.
    """

    def __init__(
        self,
        node: Node,
        spec: RobotSpec,
        assembler: ObservationAssembler,
        profile: QoSProfile,
        watch: StreamWatch,
        on_sample: Callable[[int], object],
    ) -> None:
        self._node, self._spec, self._on_sample = node, spec, on_sample
        self._assembler, self._watch = assembler, watch
        self._motion = MotionWatch(spec)
        self._joints_at_s = time.monotonic()
        cameras = [spec.camera(name) for name in assembler.cameras]
        self._frozen = {camera.name: FrozenWatch() for camera in cameras}
        self.topics = [JOINTS, *(camera.image_topic for camera in cameras)]
        self._subscriptions = [subscription(node, JointState, JOINTS, self._on_joints, profile)]
        for camera in cameras:
            callback, kind = partial(self._on_image, camera.name), MESSAGE_TYPES[camera.transport]
            topic = camera.image_topic
            self._subscriptions.append(subscription(node, kind, topic, callback, profile))
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._hint = node.create_timer(HINT_S, self._tell_who_is_missing, clock=steady)

    def wait_anew(self) -> None:
        """Count silence from now on."""
        self._joints_at_s = time.monotonic()

    def silence(self, limit_s: float) -> str:
        """Return in words that joint_states have been out for longer than `limit_s`, or ""."""
        silent_s = time.monotonic() - self._joints_at_s
        if silent_s <= limit_s:
            return ""
        refusal = self._assembler.refusal(JOINTS)
        if refusal:
            return refusal
        names = ", ".join(publisher_names(self._node, JOINTS)) or "none"
        return f"joint_states: nothing for {silent_s:.1f} s (publishers known: {names})"

    def close(self) -> None:
        """Leave no subscription."""
        for each in self._subscriptions:
            each.destroy()
        self._node.destroy_timer(self._hint)

    def message_types(self) -> dict[str, type]:
        """Return topic → type of what it subscribes to."""
        cameras = [self._spec.camera(name) for name in self._assembler.cameras]
        types: dict[str, type] = {c.image_topic: MESSAGE_TYPES[c.transport] for c in cameras}
        return {JOINTS: JointState, **types}

    def without_publisher(self) -> list[str]:
        """Return the topics that nobody publishes."""
        return [t for t in self.topics if not has_publisher(self._node, t)]

    def _tell_who_is_missing(self) -> None:
        """Say once, when all that starts together has had its time, what is not there."""
        self._hint.cancel()
        missing = map(self._node.resolve_topic_name, self.without_publisher())
        if names := ", ".join(missing):
            self._node.get_logger().warning(
                f"nobody publishes {names}, which robot '{self._spec.name}' names; "
                "`act robot check` compares its file with what runs"
            )

    def _on_joints(self, message: JointState) -> None:
        try:
            sample = read_sample(message, self._spec.state)
        except OtherJointsError as error:
            self._watch.ignore(JOINTS, error)
            return
        except ActError as error:
            self._watch.refuse(JOINTS, f"joint_states refused: {error}")
            return
        if not self._watch.on_time(JOINTS, sample.stamp_ns):
            return
        # In lockstep stamps are counted, and no time to move in.
        timed = self._watch.bounds is not None
        glitch = self._motion.see(sample.positions, sample.stamp_ns) if timed else ""
        if glitch:
            self._watch.refuse(JOINTS, f"joint_states refused: {glitch}")
            return
        self._joints_at_s = time.monotonic()
        self._assembler.add_joints(sample)
        self._on_sample(sample.stamp_ns)

    def _on_image(self, camera: str, message: Image | CompressedImage) -> None:
        stamp_ns, stream = to_ns(message.header.stamp), stream_name(camera)
        if self._watch.on_time(stream, stamp_ns):
            # A simulator's pictures are equal where nothing moves.
            if not self._watch.simulated and self._frozen[camera].see(message.data, stamp_ns):
                text = f"{stream}: {FROZEN_AFTER} times and more the same picture; is it frozen?"
                self._watch.say(stream, text)
            self._assembler.add_image(camera, stamp_ns, message)
            self._on_sample(stamp_ns)

# SPDX-License-Identifier: Apache-2.0
"""Plays the arms, controllers, leaders and cameras that a robot file names, to rehearse with.

The arms go where they are commanded, at once; a camera shows how long the lab has been running.
Nothing is simulated: that is what act_sim is for.
"""

import math
import sys
import time
from functools import partial

import cv2
import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image, JointState

from act_core.robot.arm_spec import ArmSpec
from act_core.robot.outlets import Outlet, outlets
from act_core.robot.robot_file import load_robot
from act_core.robot.robot_spec import CameraSpec
from act_core.ros import qos
from act_core.ros.diagnostics import OK, Diagnostics, Health
from act_core.ros.endpoints import publisher, subscription
from act_core.ros.messages.command_formats import command_type, read_command
from act_core.ros.messages.images import write_image
from act_core.ros.messages.joints import read_vector
from act_core.ros.messages.stamps import to_stamp
from act_core.ros.params import declare
from act_core.ros.process.run import run_node
from act_teleop.rehearsal.fake_lab_params import FakeLabParams

# The leader's play, over and over: grippers open, closed, and then two waves.
CLOSES_S, WAVES_S, ENDS_S = 2.0, 4.0, 12.0
WAVE_RAD = 0.1


class FakeLab(Node):
    """The lab of one robot file; see the module."""

    def __init__(self) -> None:
        super().__init__("fake_lab")
        self.params = declare(self, FakeLabParams)
        self._spec = load_robot(self.params.robot_file)
        self._pose = self._spec.start.copy()
        self._began_s, self._commands = time.monotonic(), 0
        self._add_streams("state", "joint_states")
        if self.params.leader:
            self._add_streams("leader", "leader/joint_states")
        for arm in self._spec.arms:
            if arm.driver.command is not None:
                self._add_controllers(arm)
        if any(arm.driver.command is None for arm in self._spec.arms):
            subscription(self, JointState, "joint_commands", self._on_command, qos.COMMANDS)
        for camera in self._spec.cameras:
            self._add_camera(camera)
        self._diagnostics = Diagnostics(self, self._check)
        self.get_logger().info(f"plays the lab of robot {self._spec.name}")

    def _add_streams(self, stream: str, own_topic: str) -> None:
        """Publish what drivers say of `stream`: each arm's on its topic, or all on the suite's."""
        channel, shared = getattr(self._spec, stream), []
        for arm in self._spec.arms:
            driver = getattr(arm.driver, stream)
            columns = self._spec.columns_of(arm)
            names = list(channel.names[columns])
            if driver is None:
                shared.append((names, columns))
                continue
            own = getattr(arm, f"{stream}_prefix")
            bare = [driver.prefix + name.removeprefix(own) for name in names]
            self._add_stream(stream, driver.topic, [(bare, columns)])
        if shared:
            self._add_stream(stream, own_topic, shared)

    def _add_stream(self, stream: str, topic: str, parts: list[tuple[list[str], slice]]) -> None:
        out = publisher(self, JointState, topic, qos.JOINT_STATES)
        channel = getattr(self._spec, stream)

        def send() -> None:
            raw = channel.to_raw(self._pose if stream == "state" else self._leader_pose())
            message = JointState(
                name=[n for names, _ in parts for n in names],
                position=[v for _, columns in parts for v in raw[columns].tolist()],
            )
            message.header.stamp = self.get_clock().now().to_msg()
            out.publish(message)

        self.create_timer(1 / self.params.state_rate_hz, send)

    def _leader_pose(self) -> np.ndarray:
        since_s = (time.monotonic() - self._began_s) % ENDS_S
        gripper = 0.9 if since_s < CLOSES_S else 0.0
        part = max(since_s - WAVES_S, 0.0) / (ENDS_S - WAVES_S)
        wave = WAVE_RAD * (1 - math.cos(4 * math.pi * part))
        pose = np.where(self._spec.is_gripper, gripper, self._spec.start + wave)
        return np.clip(pose, self._spec.lower, self._spec.upper)

    def _add_controllers(self, arm: ArmSpec) -> None:
        columns = self._spec.columns_of(arm)
        for outlet in outlets(arm):
            take = partial(self._take, outlet, columns)
            subscription(self, command_type(outlet), outlet.topic, take, qos.COMMANDS)

    def _take(self, outlet: Outlet, columns: slice, message: object) -> None:
        raw = self._spec.command.to_raw(self._pose)
        raw[columns][outlet.share] = read_command(outlet, message)
        self._go_to((raw - self._spec.command.zero) / self._spec.command.span)

    def _on_command(self, message: JointState) -> None:
        self._go_to(read_vector(message, self._spec.command))

    def _go_to(self, pose: np.ndarray) -> None:
        self._pose = pose
        self._commands += 1

    def _add_camera(self, camera: CameraSpec) -> None:
        compressed = camera.transport == "compressed"
        kind = CompressedImage if compressed else Image
        profile = qos.NEWEST_ONLY if self.params.best_effort else qos.IMAGES
        out = publisher(self, kind, camera.image_topic, profile)

        def send() -> None:
            latency_ns = round(1e9 * self.params.camera_latency_s)
            stamp_ns = self.get_clock().now().nanoseconds - latency_ns
            picture = self._picture(camera)
            if compressed:
                _, jpeg = cv2.imencode(".jpg", picture[..., ::-1])
                message = CompressedImage(format="jpeg", data=jpeg.tobytes())
                message.header.stamp = to_stamp(stamp_ns)
            else:
                message = write_image(picture, stamp_ns, camera.name)
            out.publish(message)

        self.create_timer(1 / self.params.camera_rate_hz, send)

    def _picture(self, camera: CameraSpec) -> np.ndarray:
        height, width = camera.source_size_px
        picture = np.full((height, width, 3), 60, np.uint8)
        text = f"{camera.name} {time.monotonic() - self._began_s:.2f} s"
        cv2.putText(picture, text, (8, height // 2), cv2.FONT_HERSHEY_SIMPLEX, width / 640,
                    (255, 255, 255))  # fmt: skip
        return picture

    def _check(self) -> Health:
        return Health(OK, f"{self._commands} commands taken", {"commands": self._commands})


def main() -> None:
    """Run the node."""
    sys.exit(run_node(FakeLab, FakeLabParams))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""The simulated robot as a ROS 2 node: what a driver and cameras would publish, and resets."""

import math
import sys
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.publisher import Publisher
from rosgraph_msgs.msg import Clock as ClockMessage
from sensor_msgs.msg import CameraInfo, Image, JointState
from visualization_msgs.msg import MarkerArray

from act_core.errors import ActError
from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.images import pinhole_info, write_image
from act_core.ros.joints import read_vector
from act_core.ros.params import declare
from act_core.ros.peers import publisher_names
from act_core.ros.run import run_node
from act_core.ros.stamps import to_ns, to_stamp
from act_interfaces.msg import TaskState
from act_interfaces.srv import ResetScene
from act_sim.cell.real_time_pace import RealTimePace
from act_sim.cell.session import SimSession, Tick
from act_sim.errors import SimError
from act_sim.sim_messages import joint_state, object_markers, task_state
from act_sim.sim_params import SimParams

# Lockstep: an unanswered tick is sent again, in case it was published before its reader was
# matched; the stamp makes the repetition harmless.
REPEAT_AFTER_S = 0.25
COMPLAIN_AFTER_S = 1.0


class SimNode(Node):
    """Publishes joint states, images, clock and task state; steps on joint_commands."""

    def __init__(self) -> None:
        """Load the robot and the task and, if asked to, begin an episode."""
        super().__init__("sim")
        self.params = declare(self, SimParams)
        self._lockstep = self.params.pace == "lockstep"
        spec = load_robot(self.params.robot_file)
        # Wall time as origin: after a restart the clock is ahead of where it was, never behind.
        self.session = SimSession(
            spec, self.params.task, start_ns=time.time_ns(), extra_cameras=self.params.cameras(),
            shadows=self.params.shadows, success_hold_s=self.params.success_hold_s,
        )  # fmt: skip
        self._command: NDArray[np.float64] = spec.start
        self._commanded_at_s = math.inf  # before the first command nobody is missing
        self._published: list[tuple[Publisher, Any]] = []
        self._published_at_s = self._answered_at_s = time.monotonic()
        self._create_endpoints()
        if self.params.reset_on_start:
            self.session.reset(self.params.task, self.params.seed)
        self._publish(self.session.observe())
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._pace = RealTimePace(spec.rate_hz, time.monotonic())
        if self._lockstep:
            self.create_timer(REPEAT_AFTER_S, self._repeat, clock=steady)
        else:
            self.create_timer(1 / spec.rate_hz, self._on_tick, clock=steady)
        self.create_timer(1.0, self._check_peers, clock=steady)
        self.get_logger().info(
            f"robot {spec.name}, task {self.params.task}, pace {self.params.pace}, cameras: "
            + ", ".join(f"{c.name} {c.height_px}x{c.width_px}" for c in self.session.cameras)
        )

    def _create_endpoints(self) -> None:
        self._clock_out = self.create_publisher(ClockMessage, "/clock", qos.CLOCK)
        self._joints_out = self.create_publisher(JointState, "joint_states", qos.JOINT_STATES)
        self._task_out = self.create_publisher(TaskState, "task_state", qos.TASK_STATE)
        self._markers_out = self.create_publisher(MarkerArray, "scene_markers", qos.MARKERS)
        self._cameras_out = {
            c.name: (
                c,
                self.create_publisher(Image, f"{c.name}/image_raw", qos.IMAGES),
                self.create_publisher(CameraInfo, f"{c.name}/camera_info", qos.IMAGES),
            )
            for c in self.session.cameras
        }
        self.create_subscription(JointState, "joint_commands", self._on_command, qos.COMMANDS)
        self.create_service(ResetScene, "~/reset", self._on_reset)

    def _on_reset(
        self, request: ResetScene.Request, response: ResetScene.Response
    ) -> ResetScene.Response:
        if not (np.isfinite(request.disturbance) and 0 <= request.disturbance <= 10):
            response.code = ResetScene.Response.BAD_DISTURBANCE
            response.message = f"disturbance is {request.disturbance:g}, expected 0 … 10"
            return response
        try:
            tick = self.session.reset(
                request.task or self.params.task, request.seed, request.disturbance
            )
        except SimError as error:
            response.code, response.message = ResetScene.Response.UNKNOWN_TASK, str(error)
            return response
        self._command = self.session.spec.start
        self._answered_at_s = time.monotonic()
        response.episode = self.session.episode.number
        response.stamp = to_stamp(tick.stamp_ns)
        self._publish(tick)
        return response

    def _on_command(self, message: JointState) -> None:
        try:
            command = read_vector(message, self.session.spec.command)
        except ActError as error:
            self.get_logger().error(f"joint_commands refused: {error}", throttle_duration_sec=1.0)
            return
        if not self._lockstep:
            self._command, self._commanded_at_s = command, time.monotonic()
            return
        if self.session.episode.done or to_ns(message.header.stamp) != self._stamp_ns:
            return  # an answer to a tick that was answered already
        self._answered_at_s = time.monotonic()
        self._step(command)

    def _on_tick(self) -> None:
        missed = self._pace.tick(time.monotonic())
        if missed:
            self.get_logger().warning(
                f"real-time factor {self._pace.factor:.2f}: this machine is too slow for "
                f"{self.session.spec.rate_hz:g} Hz with these cameras; use pace:=lockstep, fewer "
                "or smaller cameras, or shadows:=false",
                throttle_duration_sec=10.0,
            )
        self._step(self._command)

    def _step(self, command: NDArray[np.float64]) -> None:
        try:
            tick = self.session.step(command)
        except SimError as error:
            self.get_logger().error(f"episode aborted: {error}")
            self.session.abort(str(error))
            tick = self.session.observe()
        self._publish(tick)

    def _publish(self, tick: Tick) -> None:
        world, episode = self.session.world(), self.session.episode
        self._stamp_ns = tick.stamp_ns
        out: list[tuple[Publisher, Any]] = [
            (self._clock_out, ClockMessage(clock=to_stamp(tick.stamp_ns)))
        ]
        for name, image in tick.images.items():
            camera, images_out, info_out = self._cameras_out[name]
            frame = f"{name}_optical_frame"
            fovy_rad = float(np.deg2rad(world.model.camera(name).fovy[0]))
            out.append((info_out, pinhole_info(camera, fovy_rad, tick.stamp_ns, frame)))
            out.append((images_out, write_image(image, tick.stamp_ns, frame)))
        out.append((self._joints_out, joint_state(tick, world)))
        out.append((self._task_out, task_state(tick, episode, self.session.max_ticks())))
        if tick.index % 5 == 0:
            out.append((self._markers_out, object_markers(tick, world)))
        self._published, self._published_at_s = out, time.monotonic()
        self._send()

    def _send(self) -> None:
        for publisher, message in self._published:
            publisher.publish(message)

    def _repeat(self) -> None:
        now_s = time.monotonic()
        if now_s - self._published_at_s < REPEAT_AFTER_S or not self._published:
            return
        self._published_at_s = now_s
        self._send()
        waited_s = now_s - self._answered_at_s
        if self.session.episode.done or waited_s < COMPLAIN_AFTER_S:
            return
        names = publisher_names(self, "joint_commands")
        text = (
            f"tick {self.session.observe(render=False).index}: no joint_commands with its stamp "
            f"for {waited_s:.1f} s (limit {self.params.command_timeout_s:g} s); publishers known: "
            f"{', '.join(names) or 'none'}"
        )
        self.get_logger().warning(text, throttle_duration_sec=1.0)
        if waited_s > self.params.command_timeout_s:
            self.get_logger().error(f"episode aborted: {text}")
            self.session.end(text, aborted=True)
            self._publish(self.session.observe())

    def _check_peers(self) -> None:
        names = publisher_names(self, "joint_commands")
        silent_s = time.monotonic() - self._commanded_at_s
        if silent_s > COMPLAIN_AFTER_S:
            self.get_logger().warning(
                f"no joint_commands for {silent_s:.1f} s; the last one is kept; publishers "
                f"known: {', '.join(names) or 'none'}",
                throttle_duration_sec=5.0,
            )
        if len(names) > 1:
            self.get_logger().error(
                f"{len(names)} publishers on joint_commands ({', '.join(names)}), expected one",
                throttle_duration_sec=5.0,
            )

    def stop(self) -> None:
        """Free the OpenGL contexts."""
        self.session.close()


def main() -> None:
    """Run the node."""
    sys.exit(run_node(SimNode))


if __name__ == "__main__":
    main()

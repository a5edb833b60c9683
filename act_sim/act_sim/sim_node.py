# SPDX-License-Identifier: Apache-2.0
"""The simulated robot as a ROS 2 node: what a driver and cameras would publish, and resets."""

import math
import sys
import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from sensor_msgs.msg import JointState

from act_core.errors import ActError
from act_core.robot.robot_file import load_robot
from act_core.ros import qos
from act_core.ros.diagnostics import ERROR, OK, WARN, Diagnostics, Health
from act_core.ros.endpoints import subscription
from act_core.ros.messages.joints import read_vector
from act_core.ros.messages.stamps import to_ns, to_stamp
from act_core.ros.params import declare
from act_core.ros.peers import check_single_publishers, publisher_names
from act_core.ros.process.run import run_node
from act_interfaces.srv import ResetScene
from act_sim.cell.real_time_pace import RealTimePace
from act_sim.cell.session import SimSession
from act_sim.errors import SimError
from act_sim.sim_params import SimParams
from act_sim.sim_publishers import SimPublishers

# Lockstep: an unanswered tick is sent again, in case it was published before its reader was
# matched; the stamp makes the repetition harmless.
REPEAT_AFTER_S = 0.25
COMPLAIN_AFTER_S = 1.0


class SimNode(Node):
    """Publishes joint states, images, clock and task state; steps on joint_commands."""

    def __init__(self) -> None:
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
        self._answered_at_s = time.monotonic()
        self._out = SimPublishers(self, self.session)
        subscription(self, JointState, "joint_commands", self._on_command, qos.COMMANDS)
        self.create_service(ResetScene, "~/reset", self._on_reset)
        if self.params.reset_on_start:
            self.session.reset(self.params.task, self.params.seed)
        self._out.send(self.session.observe())
        self._pace = RealTimePace(spec.rate_hz, time.monotonic())
        self._diagnostics = Diagnostics(self, self._check)
        period_s = REPEAT_AFTER_S if self._lockstep else 1 / spec.rate_hz
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(
            period_s, self._repeat if self._lockstep else self._on_tick, clock=steady
        )
        self.get_logger().info(
            f"robot {spec.name}, task {self.params.task}, pace {self.params.pace}, cameras: "
            + ", ".join(f"{c.name} {c.height_px}x{c.width_px}" for c in self.session.cameras)
        )

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
        self._out.send(tick)
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
        if self.session.episode.done or to_ns(message.header.stamp) != self._out.stamp_ns:
            return  # an answer to a tick that was answered already
        self._answered_at_s = time.monotonic()
        self._step(command)

    def _on_tick(self) -> None:
        self._pace.tick(time.monotonic())
        self._step(self._command)

    def _step(self, command: NDArray[np.float64]) -> None:
        try:
            tick = self.session.step(command)
        except SimError as error:
            self.get_logger().error(f"episode aborted: {error}")
            self.session.abort(str(error))
            tick = self.session.observe()
        self._out.send(tick)

    def _repeat(self) -> None:
        if not self._out.repeat(REPEAT_AFTER_S):
            return
        waited_s = time.monotonic() - self._answered_at_s
        if self.session.episode.done or waited_s < COMPLAIN_AFTER_S:
            return
        text = (
            f"tick {self.session.observe(render=False).index}: no joint_commands with its stamp "
            f"for {waited_s:.1f} s (limit {self.params.command_timeout_s:g} s); publishers known: "
            f"{', '.join(publisher_names(self, 'joint_commands')) or 'none'}"
        )
        self.get_logger().warning(text, throttle_duration_sec=1.0)
        if waited_s > self.params.command_timeout_s:
            self.get_logger().error(f"episode aborted: {text}")
            self.session.end(text, aborted=True)
            self._out.send(self.session.observe())

    def _check(self) -> Health:
        """Look once a second whether somebody commands, and whether time is kept."""
        known = ", ".join(publisher_names(self, "joint_commands")) or "none"
        silent_s = time.monotonic() - self._commanded_at_s
        health, episode = Health(OK, "running"), self.session.episode
        if silent_s > COMPLAIN_AFTER_S:
            text = f"no joint_commands for {silent_s:.1f} s; the last one is kept; publishers "
            health = Health(WARN, f"{text}known: {known}")
        if self._pace.is_late:
            text = f"real-time factor {self._pace.factor:.2f}: this machine is too slow for "
            text += f"{self.session.spec.rate_hz:g} Hz with these cameras; use pace:=lockstep, "
            health = Health(WARN, f"{text}fewer or smaller cameras, or shadows:=false")
        try:
            check_single_publishers(self, ("joint_commands", "joint_states"))
        except ActError as error:
            health = Health(ERROR, str(error))
        if health.level == ERROR:
            self.get_logger().error(health.message, throttle_duration_sec=5.0)
        elif health.level == WARN:
            self.get_logger().warning(health.message, throttle_duration_sec=5.0)
        values = {"task": episode.task, "episode": episode.number, "stage": episode.stage}
        return replace(health, values={**values, "real_time_factor": round(self._pace.factor, 2)})

    def stop(self) -> None:
        """Free the OpenGL contexts."""
        self.session.close()


def main() -> None:
    """Run the node."""
    sys.exit(run_node(SimNode, SimParams))


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""The simulated robot as a ROS 2 node: what a driver and cameras would publish, and resets."""

import sys
import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node

from act_core.errors import ActError
from act_core.robot.robot_file import load_robot
from act_core.ros.diagnostics import ERROR, WARN, Diagnostics, Health
from act_core.ros.messages.stamps import to_stamp
from act_core.ros.params import declare
from act_core.ros.peers import check_single_publishers
from act_core.ros.process.run import run_node
from act_interfaces.srv import ResetScene
from act_sim.cell.session import SimSession
from act_sim.errors import SimError
from act_sim.sim_lockstep import SimLockstep
from act_sim.sim_params import SimParams
from act_sim.sim_publishers import SimPublishers
from act_sim.sim_real_time import SimRealTime


class SimNode(Node):
    """Publishes joint states, images, clock and task state; steps on joint_commands."""

    def __init__(self) -> None:
        super().__init__("sim")
        self.params = declare(self, SimParams)
        spec = load_robot(self.params.robot_file)
        # Wall time as origin: after a restart the clock is ahead of where it was, never behind.
        self.session = SimSession(
            spec, self.params.task, start_ns=time.time_ns(), extra_cameras=self.params.cameras(),
            shadows=self.params.shadows, success_hold_s=self.params.success_hold_s,
        )  # fmt: skip
        self._out = SimPublishers(self, self.session, self.params.faults)
        self._pace: SimRealTime | SimLockstep
        if self.params.pace == "lockstep":
            self._pace = SimLockstep(self, self.session, self.params, self._step, self._out)
        else:
            self._pace = SimRealTime(self, self.session, self.params, self._step, self._wait)
        if self.params.reset_on_start:
            self.session.reset(self.params.task, self.params.seed)
        self._pace.restart()
        self._out.send(self.session.observe())
        # After the first images, which can take long: who sees the service gets an answer.
        self.create_service(ResetScene, "~/reset", self._on_reset)
        self._diagnostics = Diagnostics(self, self._check)
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
        self._pace.restart()
        response.episode = self.session.episode.number
        response.stamp = to_stamp(tick.stamp_ns)
        self._out.send(tick)
        return response

    def _step(self, command: NDArray[np.float64]) -> None:
        try:
            tick = self.session.step(command)
        except SimError as error:
            self.get_logger().error(f"episode aborted: {error}")
            self.session.abort(str(error))
            tick = self.session.observe()
        self._out.send(tick)

    def _wait(self) -> None:
        self._out.send(self.session.wait())

    def _check(self) -> Health:
        """Return once a second how it is, and say what is wrong."""
        health, episode = self._pace.health(), self.session.episode
        try:
            check_single_publishers(self, ("joint_states",))
        except ActError as error:
            health = Health(ERROR, str(error))
        if health.level == ERROR:
            self.get_logger().error(health.message, throttle_duration_sec=5.0)
        elif health.level == WARN:
            self.get_logger().warning(health.message, throttle_duration_sec=5.0)
        values = {"task": episode.task, "episode": episode.number, "stage": episode.stage}
        return replace(health, values={**health.values, **values})

    def stop(self) -> None:
        """Free the OpenGL contexts."""
        self.session.close()


def main() -> None:
    """Run the node."""
    sys.exit(run_node(SimNode, SimParams))


if __name__ == "__main__":
    main()

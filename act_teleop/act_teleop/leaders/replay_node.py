# SPDX-License-Identifier: Apache-2.0
"""A recorded episode as leader arms: its actions out on leader/joint_states."""

import sys

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node

from act_core.episode.recorded_commands import read_commands
from act_core.errors import ParameterError
from act_core.paths import user_path
from act_core.robot.robot_file import load_robot
from act_core.ros.diagnostics import OK, WARN, Diagnostics, Health
from act_core.ros.leader_output import LeaderOutput
from act_core.ros.params import declare
from act_core.ros.process.run import run_node
from act_teleop.leaders.episode_replay import EpisodeReplay, ReplayState
from act_teleop.leaders.replay_params import ReplayParams

Vector = NDArray[np.float64]

_SAID = {
    ReplayState.PLAYING: "playing",
    ReplayState.ENDED: "played to the end; staying at the last pose",
}


class ReplayNode(Node):
    """Plays the episode whenever the robot begins; it begins anew after a pause of the robot."""

    def __init__(self) -> None:
        super().__init__("replay")
        params = declare(self, ReplayParams)
        spec = load_robot(params.robot_file)
        if not params.episode:
            raise ParameterError("node 'replay': parameter episode has to be given, a file's path")
        actions, times_s = read_commands(user_path(params.episode), spec)
        self._replay = EpisodeReplay(actions, times_s, spec, params.speed, params.tolerance_rad)
        self._output = LeaderOutput(self, spec, self._start, self._step)
        self._diagnostics = Diagnostics(self, self._check)
        length = f"{len(actions)} rows, {times_s[-1] / params.speed:.1f} s"
        self.get_logger().info(f"{params.episode}: {length}")

    def _start(self, measured: Vector) -> Vector:
        del measured
        return self._replay.start()

    def _step(self, measured: Vector, elapsed_s: float) -> Vector:
        before = self._replay.state
        vector = self._replay.step(measured, elapsed_s)
        if self._replay.state is not before:
            self.get_logger().info(_SAID[self._replay.state])
        if self._replay.reason:
            self.get_logger().warning(self._replay.reason, throttle_duration_sec=2.0)
        return vector

    def _check(self) -> Health:
        silence = self._output.silence
        if silence:
            self.get_logger().warning(silence, throttle_duration_sec=5.0)
        wrong = silence or self._replay.reason
        return Health(WARN if wrong else OK, wrong or _SAID[self._replay.state])


def main() -> None:
    """Run the node."""
    sys.exit(run_node(ReplayNode, ReplayParams))


if __name__ == "__main__":
    main()

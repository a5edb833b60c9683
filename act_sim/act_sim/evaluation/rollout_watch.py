# SPDX-License-Identifier: Apache-2.0
"""Follows one rollout by its topics: stages, trajectory, frames."""

import hashlib
import time

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import JointState

from act_core.errors import ActError
from act_core.observation import JointSample
from act_core.robot.robot_spec import RobotSpec
from act_core.ros import qos
from act_core.ros.endpoints import subscription
from act_core.ros.messages.joints import read_sample
from act_core.ros.messages.stamps import to_ns
from act_interfaces.msg import TaskState
from act_sim.evaluation.results import Rollout
from act_sim.evaluation.rollout_film import RolloutFilm
from act_sim.evaluation.smoothness import mean_abs_jerk
from act_sim.tasks.task import SUCCESS_REWARD


class RolloutWatch:
    """Collects what belongs to the episode given to `begin` until it is done.

    Args:
        node: to subscribe with.
        spec: the robot.
        film: gets the task states, None for no film.
    """

    def __init__(self, node: Node, spec: RobotSpec, film: RolloutFilm | None) -> None:
        self._spec, self._film = spec, film
        self.state: TaskState | None = None
        self.heard_at_s = time.monotonic()
        self._joints: dict[int, JointSample] = {}
        self.begin(-1)
        subscription(node, TaskState, "task_state", self._on_state, qos.TASK_STATE)
        subscription(node, JointState, "joint_states", self._on_joints, qos.LOCKSTEP)

    def begin(self, episode: int, first_ns: int = 0) -> None:
        """Forget the last episode and collect `episode`, whose tick 0 is at `first_ns`."""
        self._episode, self._first_ns = episode, first_ns
        # Tick 0 may be here before the answer to the reset that names the episode.
        self._joints = {s: j for s, j in self._joints.items() if s >= first_ns}
        self._rewards: dict[int, int] = {}
        if self._film is not None:
            self._film.skip_to(first_ns)
        self._started_s = self._moved_s = time.monotonic()
        self._final: TaskState | None = None

    @property
    def done(self) -> bool:
        """Whether the episode is over and its last joint state has come."""
        final = self._final
        return final is not None and to_ns(final.header.stamp) in self._joints

    def progress(self) -> str:
        """Return how far the simulator is, in words."""
        if self.state is None:
            return "nothing yet"
        s = self.state
        if s.tick == 0:
            return f"seed {s.seed}, waiting for the first command"
        return f"seed {s.seed}, tick {s.tick}/{s.max_ticks}, stage {s.stage}/{SUCCESS_REWARD}"

    def rollout(self) -> Rollout:
        """Return the result of the episode that is done.

        Raises:
            ActError: the simulator aborted it; carries its reason.
        """
        final = self._final
        assert final is not None
        if final.aborted:
            raise ActError(f"the simulator aborted the episode: {final.message}")
        digest = hashlib.sha256()
        for stamp_ns in sorted(self._joints):
            digest.update(self._joints[stamp_ns].positions.tobytes())
        stamps = np.array(sorted(self._joints))
        moves = np.array([self._joints[s].positions for s in stamps])
        now_s = time.monotonic()
        first = [t for t, reward in sorted(self._rewards.items()) if reward == SUCCESS_REWARD]
        return Rollout(
            seed=final.seed,
            stage=final.stage,
            held=final.held,
            ticks=final.tick,
            first_success_tick=first[0] if first else -1,
            mean_reward=sum(self._rewards.values()) / len(self._rewards),
            wall_s=now_s - self._started_s,
            real_time_factor=final.tick / self._spec.rate_hz / (now_s - self._moved_s),
            jerk_rad_s3=mean_abs_jerk(moves, self._spec.rate_hz, stamps),
            trajectory_sha256=digest.hexdigest(),
        )

    def positions(self) -> list[list[float]]:
        """Return the joint positions of the episode, tick by tick."""
        return [self._joints[s].positions.tolist() for s in sorted(self._joints)]

    def _on_state(self, state: TaskState) -> None:
        self.heard_at_s = time.monotonic()
        self.state = state
        if self._film is not None:
            self._film.label(state)
        if state.episode != self._episode:
            return
        self._rewards[state.tick] = state.reward
        if state.tick == 0:
            self._moved_s = self.heard_at_s
        if state.done:
            self._final = state

    def _on_joints(self, message: JointState) -> None:
        stamp_ns = to_ns(message.header.stamp)
        if stamp_ns >= self._first_ns:
            self._joints[stamp_ns] = read_sample(message, self._spec.state)

# SPDX-License-Identifier: Apache-2.0
"""Follows one rollout by its topics: stages, trajectory, frames."""

import hashlib
import time

from rclpy.node import Node
from sensor_msgs.msg import Image, JointState

from act_core.errors import ActError
from act_core.observation import JointSample
from act_core.robot.robot_spec import CameraSpec, RobotSpec
from act_core.ros import qos
from act_core.ros.endpoints import subscription
from act_core.ros.images import read_image
from act_core.ros.joints import read_sample
from act_core.ros.stamps import to_ns
from act_interfaces.msg import TaskState
from act_sim.evaluation.film import Film
from act_sim.evaluation.results import Rollout
from act_sim.tasks.task import SUCCESS_REWARD

MOST_WAITING = 50


class RolloutWatch:
    """Collects what belongs to the episode given to `begin` until it is done."""

    def __init__(
        self, node: Node, spec: RobotSpec, camera: CameraSpec | None, film: Film | None
    ) -> None:
        """Subscribe; `film` gets the frames of `camera` while `filming` is true."""
        self._spec, self._camera, self._film = spec, camera, film
        self.filming = False
        self.state: TaskState | None = None
        self.heard_at_s = time.monotonic()
        self._joints: dict[int, JointSample] = {}
        self._frames: dict[int, Image] = {}
        self._labels: dict[int, str] = {}
        self._filmed_ns = -1
        self.begin(-1)
        subscription(node, TaskState, "task_state", self._on_state, qos.TASK_STATE)
        subscription(node, JointState, "joint_states", self._on_joints, qos.LOCKSTEP)
        if camera is not None:
            topic = f"{camera.name}/image_raw"
            subscription(node, Image, topic, self._on_image, qos.LOCKSTEP)

    def begin(self, episode: int, first_ns: int = 0) -> None:
        """Forget the last episode and collect `episode`, whose tick 0 is at `first_ns`."""
        self._episode, self._first_ns = episode, first_ns
        # Tick 0 may be here before the answer to the reset that names the episode.
        self._joints = {s: j for s, j in self._joints.items() if s >= first_ns}
        self._rewards: dict[int, int] = {}
        self._filmed_ns = max(self._filmed_ns, first_ns - 1)
        self._started_s = time.monotonic()
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
        first = [t for t, reward in sorted(self._rewards.items()) if reward == SUCCESS_REWARD]
        return Rollout(
            seed=final.seed,
            stage=final.stage,
            held=final.held,
            ticks=final.tick,
            first_success_tick=first[0] if first else -1,
            mean_reward=sum(self._rewards.values()) / len(self._rewards),
            wall_s=time.monotonic() - self._started_s,
            trajectory_sha256=digest.hexdigest(),
        )

    def positions(self) -> list[list[float]]:
        """Return the joint positions of the episode, tick by tick."""
        return [self._joints[s].positions.tolist() for s in sorted(self._joints)]

    def _on_state(self, state: TaskState) -> None:
        self.heard_at_s = time.monotonic()
        self.state = state
        if self.filming:
            stamp_ns = to_ns(state.header.stamp)
            self._labels[stamp_ns] = f"seed {state.seed}  stage {state.stage}/{SUCCESS_REWARD}"
            self._film_what_is_whole()
        if state.episode != self._episode:
            return
        self._rewards[state.tick] = state.reward
        if state.done:
            self._final = state

    def _on_joints(self, message: JointState) -> None:
        stamp_ns = to_ns(message.header.stamp)
        if stamp_ns >= self._first_ns:
            self._joints[stamp_ns] = read_sample(message, self._spec.state)

    def _on_image(self, message: Image) -> None:
        if self.filming:
            self._frames[to_ns(message.header.stamp)] = message
            self._film_what_is_whole()

    def _film_what_is_whole(self) -> None:
        """Film the frames whose task state is here too; a tick that is repeated counts once."""
        assert self._film is not None
        assert self._camera is not None
        for stamp_ns in sorted(self._frames.keys() & self._labels.keys()):
            frame, label = self._frames.pop(stamp_ns), self._labels.pop(stamp_ns)
            if stamp_ns > self._filmed_ns:
                self._filmed_ns = stamp_ns
                self._film.add(read_image(frame, self._camera), label)
        for waiting in (self._frames, self._labels):
            while len(waiting) > MOST_WAITING:
                del waiting[min(waiting)]

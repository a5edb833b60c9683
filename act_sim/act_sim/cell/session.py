# SPDX-License-Identifier: Apache-2.0
"""Episodes in the simulated cell: ticks, stamps, rewards, and when an episode is over. No ROS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_core.observation import JointSample
from act_core.robot.robot_spec import CameraSpec, RobotSpec
from act_sim.cell.hold_judge import HoldJudge
from act_sim.cell.renderer import CellRenderer
from act_sim.cell.world import World
from act_sim.errors import SimError
from act_sim.tasks.task import SUCCESS_REWARD

# Between two episodes simulated time jumps by more than any gap that could be a lost tick, so
# that whoever keys data by time knows that what came before does not belong to what follows.
EPISODE_GAP_NS = 2_000_000_000


@dataclass(frozen=True)
class Tick:
    """Everything that is true at one control tick.

    Attributes:
        stamp_ns: time of the tick.
        index: ticks since the reset.
        joints: the robot's joints, vector order.
        images: camera → (H, W, 3) uint8, RGB.
        objects: object name → (7,) pose: x y z (m), w x y z.
        reward: published staged reward, 0 … 4.
    """

    stamp_ns: int
    index: int
    joints: JointSample
    images: Mapping[str, NDArray[np.uint8]]
    objects: Mapping[str, NDArray[np.float64]]
    reward: int


@dataclass
class EpisodeState:
    """How the running episode stands."""

    number: int = 0
    task: str = ""
    seed: int = 0
    stage: int = 0
    held: bool = False
    done: bool = True
    aborted: bool = False
    message: str = "no episode yet"

    @property
    def success(self) -> bool:
        """Whether the highest reward was reached (the published criterion)."""
        return self.stage == SUCCESS_REWARD


class SimSession:
    """One simulator: a world per task, one clock that never goes back.

    It begins no episode by itself; `start_ns` is the clock's origin.
    """

    def __init__(
        self,
        spec: RobotSpec,
        task: str,
        *,
        start_ns: int,
        extra_cameras: Sequence[CameraSpec] = (),
        shadows: bool = False,
        success_hold_s: float = 1.5,
    ) -> None:
        self.spec = spec
        self.cameras = (*spec.cameras, *extra_cameras)
        names = [c.name for c in self.cameras]
        for name in names:
            if names.count(name) > 1:
                raise SimError(f"camera '{name}' is the robot's own, choose another to add")
        self.episode = EpisodeState(task=task)
        self._shadows = shadows
        self._hold_ticks = max(1, round(success_hold_s * spec.rate_hz))
        self._hold = HoldJudge(self._hold_ticks)
        self._more_ticks = 0
        self._worlds: dict[str, tuple[World, CellRenderer]] = {}
        # On the grid of ticks, so that every stamp is a whole multiple of the period.
        self._stamp_ns = start_ns // spec.period_ns * spec.period_ns
        self._index = 0
        self._world(task)[0].reset(0)

    def reset(self, task: str, seed: int, disturbance: float = 0.0) -> Tick:
        """Begin an episode and return its tick 0; raises SimError for an unknown task."""
        world, _ = self._world(task)
        world.reset(seed, disturbance)
        number = self.episode.number + 1
        self.episode = EpisodeState(number, task, seed, done=False, message="")
        self._hold = HoldJudge(self._hold_ticks)
        self._more_ticks = 0
        self._stamp_ns += EPISODE_GAP_NS // self.spec.period_ns * self.spec.period_ns
        self._index = 0
        return self.observe()

    def step(self, command: NDArray[np.float64], *, render: bool = True) -> Tick:
        """Advance one tick under `command` (D,) and return what is then true.

        After the end of an episode the world goes on, but nothing is judged any more.
        """
        world = self.world()
        world.step(command)
        self._stamp_ns += self.spec.period_ns
        self._index += 1
        tick = self.observe(render=render)
        if not self.episode.done:
            self._judge(tick, world)
        return tick

    def wait(self) -> Tick:
        """Let a period pass in which nothing moves, as before an episode's first command."""
        self._stamp_ns += self.spec.period_ns
        return self.observe()

    def observe(self, *, render: bool = True) -> Tick:
        """Return the present tick, without images when `render` is False."""
        world = self.world()
        return Tick(
            stamp_ns=self._stamp_ns,
            index=self._index,
            joints=world.joint_sample(self._stamp_ns),
            images=self.images() if render else {},
            objects=world.object_poses(),
            reward=world.reward(),
        )

    @property
    def stamp_ns(self) -> int:
        """Time of the present tick."""
        return self._stamp_ns

    @property
    def positions(self) -> NDArray[np.float64]:
        """(D,) measured joint positions of the present tick."""
        return self.world().joint_sample(self._stamp_ns).positions

    def images(self) -> dict[str, NDArray[np.uint8]]:
        """Return camera → (H, W, 3) uint8, RGB, of the present moment."""
        world, renderer = self._world(self.episode.task)
        return renderer.render(world.data)

    def end(self, message: str, *, aborted: bool = False) -> None:
        """End the episode for the reason `message`; `aborted`: by a fault, not by the task."""
        self.episode.done, self.episode.aborted, self.episode.message = True, aborted, message

    def abort(self, message: str) -> None:
        """End the episode after a simulation that diverged, and lay the scene out anew.

        What diverged cannot be observed: its joints are no numbers.
        """
        self.world().reset(self.episode.seed)
        self.end(message, aborted=True)

    def max_ticks(self) -> int:
        """Return after how many ticks the running episode ends."""
        return self.world().task.max_ticks + self._more_ticks

    def extend(self, ticks: int) -> None:
        """Let the running episode last so many ticks longer."""
        self._more_ticks += ticks

    def world(self) -> World:
        """Return the running episode's world."""
        return self._world(self.episode.task)[0]

    def close(self) -> None:
        """Free the OpenGL contexts."""
        for _, renderer in self._worlds.values():
            renderer.close()

    def _judge(self, tick: Tick, world: World) -> None:
        episode = self.episode
        episode.stage = world.stage
        if self._hold.see(tick.reward == SUCCESS_REWARD):
            episode.held = True
            self.end("success held")
        elif tick.index >= self.max_ticks():
            self.end(f"{self.max_ticks()} ticks are over")

    def _world(self, task: str) -> tuple[World, CellRenderer]:
        if task not in self._worlds:
            world = World(self.spec, task)
            renderer = CellRenderer(world.model, self.cameras, shadows=self._shadows)
            self._worlds[task] = world, renderer
        return self._worlds[task]

# SPDX-License-Identifier: Apache-2.0
"""One recorded demonstration in one process: from the start, or from where a policy has got to.

What a policy's own errors lead to is in no demonstration. Where the demonstrator takes over from
it, those states are in the data, with what an expert does there as their labels (DAgger: Ross et
al., arXiv 1011.0686; by taking over, since the label is a chunk: Kelly et al., arXiv 1810.02890).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from act_core.episode.meta import EpisodeMeta
from act_core.episode.writer import EpisodeWriter
from act_core.observation import Observation
from act_core.policy_protocol import Policy
from act_core.robot.command_limits import CommandLimits
from act_sim.cell.session import SimSession, Tick
from act_sim.demonstrator.demonstrator import Demonstrator
from act_sim.errors import PlanError

LABEL = "correction"
# As the recorder names what comes from leader arms through teleoperation.
SOURCE = "teleop"
# A take-over comes at any tick of these; soon after the last the tasks of ALOHA's cell are done.
TAKE_OVER_TICKS = 1, 300
DONE_BEFORE = "the policy was done before"


@dataclass(frozen=True)
class Demonstrated:
    """What became of a seed.

    Attributes:
        seed: of the scene.
        path: of the episode; None if it was dropped.
        rows: recorded.
        said: where it began, or why it was dropped.
    """

    seed: int
    path: Path | None
    rows: int
    said: str


@dataclass
class DemonstrationCell:
    """A simulated cell with its demonstrator and, for corrections, a policy to take over from.

    Attributes:
        session: the cell.
        demonstrator: of the task that is done in it.
        task: its name.
        policy: to take over from; None for whole demonstrations.
        origin: what the policy is, for the file.
        take_over_ticks: first and last tick at which it is taken over.
    """

    session: SimSession
    demonstrator: Demonstrator
    task: str
    policy: Policy | None = None
    origin: str = ""
    take_over_ticks: tuple[int, int] = TAKE_OVER_TICKS

    def demonstrate(self, folder: Path, seed: int, disturbance: float = 0.0) -> Demonstrated:
        """Record the demonstration of a scene, if its success is held.

        Args:
            folder: that gets the episode.
            seed: of the scene and, with a policy, of the tick at which it is taken over.
            disturbance: scale of the random motion that the cell adds to commands.

        Raises:
            EpisodeError: the file cannot be written.
        """
        session = self.session
        tick = session.reset(self.task, seed, disturbance)
        said = "from the start"
        if self.policy is not None:
            tick = self._driven(self.policy, tick, self._take_over_tick(seed))
            if session.episode.done:
                return Demonstrated(seed, None, 0, DONE_BEFORE)
            said = f"from tick {tick.index}, {self._stage(tick)}"
            session.extend(tick.index)
        try:
            rows, path = self._recorded(folder, tick, seed, disturbance)
        except PlanError as error:
            return Demonstrated(seed, None, 0, f"{said}: {error}")
        return Demonstrated(seed, path, rows, said if path else f"{said}: success not held")

    def _take_over_tick(self, seed: int) -> int:
        first, last = self.take_over_ticks
        return int(np.random.default_rng([seed, last]).integers(first, last + 1))

    def _driven(self, policy: Policy, tick: Tick, until: int) -> Tick:
        """Let the policy drive to tick `until` at most, as it does in a rollout."""
        session = self.session
        policy.start(tick.stamp_ns, tick.joints.positions)
        while tick.index < until and not session.episode.done:
            command = policy.command(tick.stamp_ns, tick.joints.positions, session.images)
            tick = session.step(command, render=False)
        return tick

    def _recorded(
        self, folder: Path, tick: Tick, seed: int, disturbance: float
    ) -> tuple[int, Path | None]:
        """Return the number of rows, and the path of the episode if success was held."""
        session, spec = self.session, self.session.spec
        begun = tick.joints.positions if tick.index else None
        plan = self.demonstrator.begin(tick.objects, begun)
        limits, first = CommandLimits(spec), tick.index
        limits.start_from(tick.joints.positions)
        writer = self._writer(folder, seed, disturbance, first)
        try:
            while not session.episode.done:
                leader = plan.command(tick.index - first, tick.objects)
                action = limits.apply(leader, 1 / spec.rate_hz)
                images = session.images()
                stamps = dict.fromkeys(images, tick.stamp_ns)
                seen = Observation(tick.stamp_ns, tick.joints, images, stamps)
                writer.append(seen, action, tick.stamp_ns, source=SOURCE)
                tick = session.step(action, render=False)
        except BaseException:
            writer.discard()
            raise
        if not session.episode.held:
            writer.discard()
            return writer.num_frames, None
        return writer.num_frames, writer.finish(verdict="success")

    def _writer(self, folder: Path, seed: int, disturbance: float, first: int) -> EpisodeWriter:
        corrected = {
            "labels": (LABEL,),
            "origin": f"taken over from {self.origin} at tick {first}",
        }
        meta = EpisodeMeta.for_robot(
            self.session.spec, sim=True, task=self.task, seed=seed, disturbance=disturbance,
            judge="task", **(corrected if self.policy is not None else {}),
        )  # fmt: skip
        shapes = {c.name: (c.height_px, c.width_px) for c in self.session.cameras}
        return EpisodeWriter(folder, meta, shapes)

    def _stage(self, tick: Tick) -> str:
        stages = self.session.world().task.stages
        return stages[tick.reward - 1] if tick.reward else "nothing touched"

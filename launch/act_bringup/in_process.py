# SPDX-License-Identifier: Apache-2.0
"""A rollout in one process: the same simulator, policy and driver as the nodes, without ROS.

It shows that the topics change nothing, and it makes studies over many rollouts quicker.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_policy.driver import PolicyDriver
from act_policy.policy import Policy
from act_sim.session import SimSession


@dataclass(frozen=True)
class InProcessRollout:
    """What happened.

    Attributes:
        positions: (T + 1, D) float64, joint positions at each tick, rad, grippers 0 … 1.
        stage: highest reward, 0 … 4.
        held: reward 4 was kept to the end.
    """

    positions: NDArray[np.float64]
    stage: int
    held: bool

    @property
    def success(self) -> bool:
        """Whether reward 4 was reached."""
        return self.stage == 4


def roll_out(
    session: SimSession,
    policy: Policy,
    driver: PolicyDriver,
    *,
    task: str,
    seed: int,
    disturbance: float = 0.0,
) -> InProcessRollout:
    """Drive one episode, tick by tick, as the policy node does in lockstep."""
    spec = session.spec
    tick = session.reset(task, seed, disturbance)
    driver.start(tick.stamp_ns, tick.joints.positions)
    positions = [tick.joints.positions]
    while not session.episode.done:
        if driver.wants_prediction(tick.stamp_ns):
            chunk = policy.predict_chunk(tick.joints.positions, tick.images)
            driver.add_prediction(tick.stamp_ns, chunk)
        command = driver.command(tick.stamp_ns)
        assert command is not None, "a prediction covers every tick of a lockstep rollout"
        # As on the wire: SI values under joint names, read back into the vector.
        raw = spec.command.to_raw(command.vector)
        sent = spec.command.to_columns(spec.command.names, raw)
        tick = session.step(sent, render=driver.wants_next(tick.stamp_ns + spec.period_ns))
        positions.append(tick.joints.positions)
    return InProcessRollout(np.array(positions), session.episode.stage, session.episode.held)

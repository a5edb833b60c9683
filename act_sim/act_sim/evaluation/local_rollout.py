# SPDX-License-Identifier: Apache-2.0
"""A rollout in one process: the same simulator and policy as the nodes, without ROS.

It shows that the topics change nothing, and it makes studies over many rollouts quicker.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_core.policy_protocol import Policy
from act_sim.cell.session import SimSession
from act_sim.tasks.task import SUCCESS_REWARD


@dataclass(frozen=True)
class LocalRollout:
    """What happened.

    Attributes:
        positions: (T + 1, D) float64, joint positions at each tick, rad, grippers 0 … 1.
        rewards: (T,) int64, published staged reward after each command, 0 … 4.
        held: the highest reward was kept to the end.
    """

    positions: NDArray[np.float64]
    rewards: NDArray[np.int64]
    held: bool

    @property
    def ticks(self) -> int:
        """Control ticks of the rollout, T."""
        return len(self.rewards)

    @property
    def stage(self) -> int:
        """Highest reward, 0 … 4."""
        return int(self.rewards.max(initial=0))

    @property
    def success(self) -> bool:
        """Whether the highest reward was reached (the published criterion)."""
        return self.stage == SUCCESS_REWARD


def roll_out(
    session: SimSession, policy: Policy, *, task: str, seed: int, disturbance: float = 0.0
) -> LocalRollout:
    """Drive one episode, tick by tick, as the policy node does in lockstep."""
    channel = session.spec.command
    tick = session.reset(task, seed, disturbance)
    policy.start(tick.stamp_ns, tick.joints.positions)
    positions, rewards = [tick.joints.positions], []
    while not session.episode.done:
        command = policy.command(tick.stamp_ns, tick.joints.positions, session.images)
        # As on the wire: SI values under joint names, read back into the vector.
        sent = channel.to_columns(channel.names, channel.to_raw(command))
        tick = session.step(sent, render=False)
        positions.append(tick.joints.positions)
        rewards.append(tick.reward)
    return LocalRollout(np.array(positions), np.array(rewards), session.episode.held)

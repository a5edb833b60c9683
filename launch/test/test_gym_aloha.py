# SPDX-License-Identifier: Apache-2.0
"""gym-aloha's environment sees the same rollout as the suite's simulator."""

from pathlib import Path

import numpy as np
import pytest

from act_bringup.gym_aloha_rollout import GymAlohaTransferCube
from act_core.robot_file import load_robot
from act_policy.driver import PolicyDriver
from act_policy.policy import Policy
from act_sim.session import SimSession

SEED = 100012


@pytest.mark.sim
@pytest.mark.slow
def test_same_rewards_on_the_same_cube(checkpoint: Path) -> None:
    spec = load_robot("aloha_sim")
    policy = Policy.load(checkpoint, num_threads=1)
    driver = PolicyDriver(spec, policy.config.chunk_size, ensemble="none", query_interval_ticks=0)
    session = SimSession(spec, "transfer_cube", start_ns=0)
    tick = session.reset("transfer_cube", SEED)
    cube = tick.objects["cube"]
    driver.start(tick.stamp_ns, tick.joints.positions)
    ours = []
    while not session.episode.done:
        if driver.wants_prediction(tick.stamp_ns):
            chunk = policy.predict_chunk(tick.joints.positions, tick.images)
            driver.add_prediction(tick.stamp_ns, chunk)
        command = driver.command(tick.stamp_ns)
        assert command is not None
        tick = session.step(command.vector)
        ours.append(tick.reward)
    session.close()
    judge = GymAlohaTransferCube(spec)
    theirs = judge.roll_out(policy, driver, cube, max_ticks=len(ours))
    judge.close()
    assert max(ours) == max(theirs) == 4
    # Contacts flicker; a tick's difference is no different verdict.
    assert np.mean(np.array(ours) != np.array(theirs)) < 0.02

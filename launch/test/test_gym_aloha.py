# SPDX-License-Identifier: Apache-2.0
"""gym-aloha's environment sees the same rollout as the suite's simulator."""

from pathlib import Path

import numpy as np
import pytest

from act_core.robot.robot_file import load_robot
from act_policy.driving.local_policy import LocalPolicy
from act_sim.cell.session import SimSession
from act_sim.evaluation.gym_aloha_judge import GymAlohaTransferCube
from act_sim.evaluation.local_rollout import roll_out
from act_sim.tasks import TASKS
from act_sim.tasks.task import SUCCESS_REWARD

SEED = 100012


@pytest.mark.sim
@pytest.mark.slow
def test_same_rewards_on_the_same_cube(checkpoint: Path) -> None:
    spec = load_robot("aloha_sim")
    policy = LocalPolicy.load(checkpoint, spec, ensemble="none", query_interval_ticks=0)
    session = SimSession(spec, "transfer_cube", start_ns=0)
    ours = roll_out(session, policy, task="transfer_cube", seed=SEED)
    session.close()
    judge = GymAlohaTransferCube(spec)
    cube = TASKS["transfer_cube"].sample(np.random.default_rng(SEED))
    theirs = judge.roll_out(policy, cube, max_ticks=ours.ticks)
    judge.close()
    assert ours.stage == max(theirs) == SUCCESS_REWARD
    # Contacts flicker; a tick's difference is no different verdict.
    assert np.mean(ours.rewards != np.array(theirs)) < 0.02

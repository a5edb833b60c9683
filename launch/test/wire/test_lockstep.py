# SPDX-License-Identifier: Apache-2.0
"""A rollout over topics is reproducible and equals one in a single process."""

import json
from pathlib import Path

import numpy as np
import pytest
from processes import Processes

from act_core.robot.robot_file import load_robot
from act_policy.driving.local_policy import LocalPolicy
from act_sim.cell.session import SimSession
from act_sim.evaluation.local_rollout import roll_out

SEED = 100007
# Two ways of driving: few inferences and one every tick. Ten ticks apart keeps the test short.
MODES = {"whole chunk": ("none", 0), "ensemble": ("paper", 10)}


def _over_topics(
    processes: Processes, checkpoint: Path, ensemble: str, interval: int, folder: Path
) -> np.ndarray:
    sim = processes.start("act_sim.sim_node", pace="lockstep")
    policy = processes.start(
        "act_policy.policy_node", pace="lockstep", autostart=True, checkpoint=checkpoint,
        ensemble=ensemble, query_interval_ticks=interval, engine="torch",
    )  # fmt: skip
    evaluation = processes.start(
        "act_sim.evaluation.evaluate", episodes=1, first_seed=SEED, save_trajectories=True,
        video_episodes=0, output_dir=folder,
    )  # fmt: skip
    assert evaluation.wait_for_exit(240.0) == 0, evaluation.text + policy.text + sim.text
    assert policy.stop() == 0, policy.text
    assert sim.stop() == 0, sim.text
    return np.array(json.loads((folder / "trajectories.json").read_text())[str(SEED)])


@pytest.mark.ros
@pytest.mark.sim
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("mode", MODES)
def test_topics_change_nothing(
    mode: str, processes: Processes, checkpoint: Path, tmp_path: Path
) -> None:
    ensemble, interval = MODES[mode]
    first = _over_topics(processes, checkpoint, ensemble, interval, tmp_path / "first")
    second = _over_topics(processes, checkpoint, ensemble, interval, tmp_path / "second")
    np.testing.assert_array_equal(first, second)

    spec = load_robot("aloha_sim")
    policy = LocalPolicy.load(checkpoint, spec, ensemble=ensemble, query_interval_ticks=interval)
    session = SimSession(spec, "transfer_cube", start_ns=0)
    alone = roll_out(session, policy, task="transfer_cube", seed=SEED)
    session.close()
    assert first.shape == alone.positions.shape
    np.testing.assert_allclose(first, alone.positions, atol=1e-6, rtol=0)

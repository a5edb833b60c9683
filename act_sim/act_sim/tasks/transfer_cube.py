# SPDX-License-Identifier: Apache-2.0
"""Transfer cube: the right arm picks the cube up and hands it to the left."""

import numpy as np
from numpy.typing import NDArray

from act_sim.tasks.task import LEFT_FINGER, RIGHT_FINGER, TABLE, Contacts, Task, upright

CUBE = "red_box"


def _sample(rng: np.random.Generator) -> NDArray[np.float64]:
    # Source: tonyzhaozh/act utils.py sample_box_pose.
    return upright(rng.uniform([0.0, 0.4, 0.05], [0.2, 0.6, 0.05]))


def _reward(contacts: Contacts) -> int:
    # Source: tonyzhaozh/act sim_env.py TransferCubeTask.get_reward.
    right = contacts.touch(CUBE, RIGHT_FINGER)
    left = contacts.touch(CUBE, LEFT_FINGER)
    on_table = contacts.touch(CUBE, TABLE)
    if left:
        return 3 if on_table else 4
    if right:
        return 1 if on_table else 2
    return 0


TRANSFER_CUBE = Task(
    name="transfer_cube",
    model_file="bimanual_viperx_transfer_cube.xml",
    object_joints={"cube": "red_box_joint"},
    sample=_sample,
    reward=_reward,
    stages=("touched", "lifted", "handed over", "transferred"),
)

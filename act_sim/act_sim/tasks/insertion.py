# SPDX-License-Identifier: Apache-2.0
"""Insertion: the right arm takes the peg, the left the socket, and they meet in the air."""

import numpy as np
from numpy.typing import NDArray

from act_sim.tasks.task import LEFT_FINGER, RIGHT_FINGER, TABLE, Contacts, Task, upright

PEG = "red_peg"
SOCKET = ("socket-1", "socket-2", "socket-3", "socket-4")
PIN = "pin"


def _sample(rng: np.random.Generator) -> NDArray[np.float64]:
    # Source: tonyzhaozh/act utils.py sample_insertion_pose.
    peg = rng.uniform([0.1, 0.4, 0.05], [0.2, 0.6, 0.05])
    socket = rng.uniform([-0.2, 0.4, 0.05], [-0.1, 0.6, 0.05])
    return np.concatenate([upright(peg), upright(socket)])


def _reward(contacts: Contacts) -> int:
    # Source: tonyzhaozh/act sim_env.py InsertionTask.get_reward.
    if contacts.touch(PEG, PIN):
        return 4
    on_table = contacts.touch(PEG, TABLE) or contacts.touch(TABLE, *SOCKET)
    if contacts.touch(PEG, *SOCKET) and not on_table:
        return 3
    if contacts.touch(PEG, RIGHT_FINGER) and contacts.touch(LEFT_FINGER, *SOCKET):
        return 1 if on_table else 2
    return 0


INSERTION = Task(
    name="insertion",
    model_file="bimanual_viperx_insertion.xml",
    object_joints={"peg": "red_peg_joint", "socket": "blue_socket_joint"},
    sample=_sample,
    reward=_reward,
    stages=("touched both", "lifted both", "peg in socket", "inserted"),
)

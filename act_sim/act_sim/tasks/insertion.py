# SPDX-License-Identifier: Apache-2.0
"""Insertion: the right arm takes the peg, the left the socket, and they meet in the air.

The demonstrator: both arms grasp, lift and align, then the right arm pushes the peg in.
"""

import numpy as np
from numpy.typing import NDArray

from act_sim.tasks.task import (
    LEFT_FINGER,
    RIGHT_FINGER,
    SUCCESS_REWARD,
    TABLE,
    Contacts,
    Poses,
    Task,
    Waypoint,
    upright,
)

PEG = "red_peg"
SOCKET = ("socket-1", "socket-2", "socket-3", "socket-4")
PIN = "pin"

# Height of the meeting: published waypoints (tonyzhaozh/act scripted_policy.py InsertionPolicy).
MEET = np.array([0.0, 0.5, 0.15])
APPROACH_M = 0.08
HALF_WAY = np.array([0.0, 0.0, APPROACH_M / 2])
PITCH_RAD = np.deg2rad(60.0)
REACH_PAST_CENTRE_M = 0.008
APART_M = 0.17  # between the centres of peg and socket before they meet
INSERTED_M = 0.085  # peg and pin touch at 0.10 (half lengths 0.06 and 0.04); pushed on for contact
PEG_REST_M = 0.010
SOCKET_REST_M = 0.022


def _sample(rng: np.random.Generator) -> NDArray[np.float64]:
    # Source: tonyzhaozh/act utils.py sample_insertion_pose.
    peg = rng.uniform([0.1, 0.4, 0.05], [0.2, 0.6, 0.05])
    socket = rng.uniform([-0.2, 0.4, 0.05], [-0.1, 0.6, 0.05])
    return np.concatenate([upright(peg), upright(socket)])


def _reward(contacts: Contacts) -> int:
    # Source: tonyzhaozh/act sim_env.py InsertionTask.get_reward.
    if contacts.touch(PEG, PIN):
        return SUCCESS_REWARD
    on_table = contacts.touch(PEG, TABLE) or contacts.touch(TABLE, *SOCKET)
    if contacts.touch(PEG, *SOCKET) and not on_table:
        return 3
    if contacts.touch(PEG, RIGHT_FINGER) and contacts.touch(LEFT_FINGER, *SOCKET):
        return 1 if on_table else 2
    return 0


def _waypoints(objects: Poses, tips: Poses) -> dict[str, list[Waypoint]]:
    """Plan both arms.

    Args:
        objects: {"peg", "socket"}: (7,) poses, m and w x y z.
        tips: {"left", "right"}: (3,) present fingertip positions, m.

    Returns:
        Arm name → waypoints.
    """
    peg = np.array([*objects["peg"][:2], PEG_REST_M])
    socket = np.array([*objects["socket"][:2], SOCKET_REST_M])
    apart = np.array([APART_M / 2, 0.0, 0.0])
    inserted = MEET + apart - np.array([APART_M - INSERTED_M, 0.0, 0.0])
    right = _carry("right", tips["right"], peg, MEET + apart)
    left = _carry("left", tips["left"], socket, MEET - apart)
    last = right[-1]
    push = inserted + (last.position - (MEET + apart))
    right.append(Waypoint(5.6, push, last.pitch_rad, 0.0, 0.0))
    return {"left": left, "right": right}


def _carry(
    arm: str, tip: NDArray[np.float64], centre: NDArray[np.float64], goal: NDArray[np.float64]
) -> list[Waypoint]:
    forward = 1.0 if arm == "left" else -1.0
    down = np.array([forward * np.cos(PITCH_RAD), 0.0, -np.sin(PITCH_RAD)])
    reach = REACH_PAST_CENTRE_M * down
    above = centre + reach + np.array([0.0, 0.0, APPROACH_M])
    return [
        Waypoint(0.0, tip, 0.0, 0.0, 0.1),
        Waypoint(1.3, above, PITCH_RAD, 0.0, 1.0),
        Waypoint(1.7, above - HALF_WAY, PITCH_RAD, 0.0, 1.0, 0.8),
        Waypoint(2.1, centre + reach, PITCH_RAD, 0.0, 1.0, 1.0),
        Waypoint(2.6, centre + reach, PITCH_RAD, 0.0, 0.0, 1.0),
        Waypoint(4.2, goal + reach, PITCH_RAD, 0.0, 0.0),
    ]


TASK = Task(
    name="insertion",
    model_file="bimanual_viperx_insertion.xml",
    object_joints={"peg": "red_peg_joint", "socket": "blue_socket_joint"},
    sample=_sample,
    reward=_reward,
    stages=("touched both", "lifted both", "peg in socket", "inserted"),
    waypoints=_waypoints,
)

# SPDX-License-Identifier: Apache-2.0
"""Insertion: the right arm takes the peg, the left the socket, and they meet in the air.

The demonstrator: both arms grasp, lift and align, then the right arm pushes the peg in, led by
where the peg's end and the socket's mouth are.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from act_sim.tasks.task import (
    LEFT_FINGER,
    RIGHT_FINGER,
    SUCCESS_REWARD,
    TABLE,
    Contacts,
    Guidance,
    Poses,
    Scene,
    Task,
    Waypoint,
    rise,
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
LENGTH_M = 0.12  # of either
OBJECTS = {"left": "socket", "right": "peg"}
REST_M = {"left": 0.022, "right": 0.010}
MEET_S, PUSH_S = 4.2, 1.4
CARRY_M_S = 0.2
# Before the mouth the peg waits until it is in line; its play is 8 mm each way.
BEFORE_MOUTH_M, INSIDE_M, ASIDE_M = 0.008, 0.01, 0.004


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


def _waypoints(scene: Scene) -> dict[str, list[Waypoint]]:
    """Plan both arms, from the table or with what they hold already."""
    apart = np.array([APART_M / 2, 0.0, 0.0])
    goals = {"left": MEET - apart, "right": MEET + apart}
    # What is held is brought to the meeting as it lies in the hand.
    offsets = {arm: scene.offset(arm, OBJECTS[arm]) for arm in goals}
    held = all(offset is not None for offset in offsets.values())
    meet_s = _carried_s(scene, goals) if held else MEET_S
    plans = {}
    for arm, goal in goals.items():
        offset = offsets[arm]
        if offset is None:
            plans[arm] = _fetch(scene, arm, goal)
        else:
            plans[arm] = [scene.now(arm), Waypoint(meet_s, goal - offset, PITCH_RAD, 0.0, 0.0)]
    late_s = max(plan[-1].time_s for plan in plans.values())
    plans = {arm: [*plan[:-1], replace(plan[-1], time_s=late_s)] for arm, plan in plans.items()}
    last = plans["right"][-1] = replace(plans["right"][-1], guided=True)
    push = last.position - np.array([APART_M - INSERTED_M, 0.0, 0.0])
    plans["right"].append(replace(last, time_s=late_s + PUSH_S, position=push))
    return plans


def _carried_s(scene: Scene, goals: Poses) -> float:
    """Return how long it takes to bring both objects to the meeting."""
    far = max(np.linalg.norm(goals[a] - scene.objects[OBJECTS[a]][:3]) for a in goals)
    return max(0.6, float(far) / CARRY_M_S)


def _fetch(scene: Scene, arm: str, goal: NDArray[np.float64]) -> list[Waypoint]:
    """Return the way to the arm's object on the table, and with it to `goal`."""
    forward = 1.0 if arm == "left" else -1.0
    down = np.array([forward * np.cos(PITCH_RAD), 0.0, -np.sin(PITCH_RAD)])
    reach = REACH_PAST_CENTRE_M * down
    centre = np.array([*scene.objects[OBJECTS[arm]][:2], REST_M[arm]])
    above = centre + reach + np.array([0.0, 0.0, APPROACH_M])
    begin = rise(scene.now(arm), above)
    after_s = begin[-1].time_s
    return [
        *begin,
        Waypoint(after_s + 1.3, above, PITCH_RAD, 0.0, 1.0),
        Waypoint(after_s + 1.7, above - HALF_WAY, PITCH_RAD, 0.0, 1.0, 0.8),
        Waypoint(after_s + 2.1, centre + reach, PITCH_RAD, 0.0, 1.0, 1.0),
        Waypoint(after_s + 2.6, centre + reach, PITCH_RAD, 0.0, 0.0, 1.0),
        Waypoint(after_s + MEET_S, goal + reach, PITCH_RAD, 0.0, 0.0),
    ]


def _guide(objects: Poses) -> Guidance:
    """Lead the end of the peg to the middle of the socket's mouth."""
    end, mouth = _end(objects["peg"], -LENGTH_M / 2), _end(objects["socket"], LENGTH_M / 2)
    aside = mouth - end
    before_m, aside[0] = -aside[0], 0.0
    if before_m < -INSIDE_M:  # the walls lead it
        aside[:] = 0.0
    near = before_m > BEFORE_MOUTH_M or bool(np.linalg.norm(aside) < ASIDE_M)
    return Guidance(aside, near)


def _end(pose: NDArray[np.float64], along_m: float) -> NDArray[np.float64]:
    """Return the point of an object that lies `along_m` on its own x axis, (3,) m."""
    turn = Rotation.from_quat(pose[3:], scalar_first=True)
    return np.asarray(pose[:3] + turn.apply([along_m, 0.0, 0.0]))


def _steadiness(objects: Poses) -> float:
    """Return less and less as the objects come together, where a few millimetres decide."""
    apart_m = float(np.linalg.norm(objects["peg"][:3] - objects["socket"][:3]))
    return float(np.clip((apart_m - LENGTH_M) / 0.1, 0.0, 1.0))


TASK = Task(
    name="insertion",
    model_file=Path("bimanual_viperx_insertion.xml"),
    object_joints={"peg": "red_peg_joint", "socket": "blue_socket_joint"},
    sample=_sample,
    reward=_reward,
    stages=("touched both", "lifted both", "peg in socket", "inserted"),
    waypoints=_waypoints,
    guide=_guide,
    steadiness=_steadiness,
)

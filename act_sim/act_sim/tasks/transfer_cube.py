# SPDX-License-Identifier: Apache-2.0
"""Transfer cube: the right arm picks the cube up and hands it to the left.

The demonstrator: the right arm grasps and lifts, both meet in mid-air, the left takes over.

No arm ever waits for a time to pass: whenever one stands still, the other moves or a gripper
closes, so that what to do next can be read off joints and image alone. A policy that is asked
anew every tick has nothing else to go by.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from act_sim.tasks.task import (
    HELD_WITHIN_M,
    LEFT_FINGER,
    RIGHT_FINGER,
    SUCCESS_REWARD,
    TABLE,
    Contacts,
    Scene,
    Task,
    Waypoint,
    rise,
    upright,
)

CUBE = "red_box"

# Meeting point: published waypoints (tonyzhaozh/act scripted_policy.py PickAndTransferPolicy).
MEET = np.array([0.0, 0.5, 0.25])
APPROACH_M = 0.08
HALF_WAY = np.array([0.0, 0.0, APPROACH_M / 2])
PITCH_RAD = np.deg2rad(60.0)
REACH_PAST_CENTRE_M = 0.012
ROLL_RAD = np.pi / 2
RIGHT_RETREAT = np.array([0.14, 0.0, 0.04])
LEFT_RETREAT = np.array([-0.12, 0.0, 0.0])
AROUND_M = 0.02
# Of the plan: the right hand holds the cube, the left stands opposite, is around it, holds it too,
# holds it alone.
GRASPED_S, OPPOSITE_S, AROUND_S, TAKEN_S, LET_GO_S = 2.5, 3.5, 4.3, 4.4, 4.9


def _sample(rng: np.random.Generator) -> NDArray[np.float64]:
    # Source: tonyzhaozh/act utils.py sample_box_pose.
    return upright(rng.uniform([0.0, 0.4, 0.05], [0.2, 0.6, 0.05]))


def _reward(contacts: Contacts) -> int:
    # Source: tonyzhaozh/act sim_env.py TransferCubeTask.get_reward.
    right = contacts.touch(CUBE, RIGHT_FINGER)
    left = contacts.touch(CUBE, LEFT_FINGER)
    on_table = contacts.touch(CUBE, TABLE)
    if left:
        return 3 if on_table else SUCCESS_REWARD
    if right:
        return 1 if on_table else 2
    return 0


def _waypoints(scene: Scene) -> dict[str, list[Waypoint]]:
    """Plan both arms, from the table or with the cube in a hand."""
    cube = scene.objects["cube"][:3].copy()
    cube[2] = 0.02  # resting on the table, however high it was dropped from
    down = np.array([-np.cos(PITCH_RAD), 0.0, -np.sin(PITCH_RAD)])
    grasp = cube + REACH_PAST_CENTRE_M * down
    above = grasp + np.array([0.0, 0.0, APPROACH_M])
    held = MEET + np.array([-REACH_PAST_CENTRE_M, 0.0, 0.0])
    right = [
        Waypoint(1.1, above, PITCH_RAD, 0.0, 1.0),
        Waypoint(1.7, above - HALF_WAY, PITCH_RAD, 0.0, 1.0, 0.8),
        Waypoint(2.1, grasp, PITCH_RAD, 0.0, 1.0, 1.0),
        Waypoint(2.5, grasp, PITCH_RAD, 0.0, 0.0, 1.0),
        Waypoint(3.2, above, PITCH_RAD, 0.0, 0.0),
        Waypoint(3.9, held, 0.0, 0.0, 0.0),
        Waypoint(4.65, held, 0.0, 0.0, 0.0),
        Waypoint(5.05, held + RIGHT_RETREAT / 10, 0.0, 0.0, 0.9),
        Waypoint(5.9, held + RIGHT_RETREAT, 0.0, 0.0, 1.0),
    ]
    taken = MEET + np.array([REACH_PAST_CENTRE_M, 0.0, 0.0])
    left = [
        Waypoint(3.4, taken - np.array([0.13, 0.0, 0.0]), 0.0, ROLL_RAD, 1.0),
        Waypoint(4.3, taken, 0.0, ROLL_RAD, 1.0),
        Waypoint(4.75, taken, 0.0, ROLL_RAD, 0.0),
        Waypoint(5.05, taken, 0.0, ROLL_RAD, 0.0),
        Waypoint(5.9, taken + LEFT_RETREAT, 0.0, ROLL_RAD, 0.0),
    ]
    past_s = _past_s(scene)
    begin = [scene.now("right")] if past_s else rise(scene.now("right"), above)
    late_s = begin[-1].time_s - past_s
    return {
        "left": [
            scene.now("left"),
            *(w.later(late_s) for w in left if w.time_s > past_s),
        ],
        "right": [
            *begin,
            *(w.later(late_s) for w in right if w.time_s > past_s),
        ],
    }


def _past_s(scene: Scene) -> float:
    """Return which part of the plan is done already, s."""
    left, right = (scene.offset(arm, "cube") is not None for arm in ("left", "right"))
    if left:
        return TAKEN_S if right else LET_GO_S
    if not right:
        return 0.0
    away = scene.objects["cube"][:3] - scene.tips["left"]
    if np.linalg.norm(away) < AROUND_M:
        return AROUND_S
    return OPPOSITE_S if np.linalg.norm(away[1:]) < HELD_WITHIN_M else GRASPED_S


TASK = Task(
    name="transfer_cube",
    model_file=Path("bimanual_viperx_transfer_cube.xml"),
    object_joints={"cube": "red_box_joint"},
    sample=_sample,
    reward=_reward,
    stages=("touched", "lifted", "handed over", "transferred"),
    waypoints=_waypoints,
)

# SPDX-License-Identifier: Apache-2.0
"""Place block: one arm puts a block onto a pad. An example of a robot and a task of one's own.

The cell is `cell.xml`, written for it; the arm is the robot file `desk_arm`.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from act_sim.tasks.task import (
    SUCCESS_REWARD,
    TABLE,
    Contacts,
    Scene,
    Task,
    Waypoint,
    rise,
    upright,
)

BLOCK, PAD, FINGERS = "block", "pad", ("left_pad", "right_pad")
PAD_CENTRE = np.array([0.02, 0.2, 0.022])  # of a block that stands on it, m
APPROACH_M = 0.09
PITCH_RAD = np.deg2rad(80.0)
GRASPED_S = 2.4  # of the plan: the hand holds the block


def _sample(rng: np.random.Generator) -> NDArray[np.float64]:
    return upright(rng.uniform([-0.08, -0.15, 0.02], [0.12, 0.08, 0.02]))


def _reward(contacts: Contacts) -> int:
    held = contacts.touch(BLOCK, *FINGERS)
    on_pad = contacts.touch(BLOCK, PAD)
    if on_pad and not contacts.touch(BLOCK, TABLE):
        return 3 if held else SUCCESS_REWARD
    if held:
        return 1 if contacts.touch(BLOCK, TABLE) else 2
    return 0


def _waypoints(scene: Scene) -> dict[str, list[Waypoint]]:
    """Plan from the desk, or with the block in the hand."""
    block = np.array([*scene.objects["block"][:2], 0.02])
    up = np.array([0.0, 0.0, APPROACH_M])
    over_pad = PAD_CENTRE + up
    plan = [
        Waypoint(1.2, block + up, PITCH_RAD, 0.0, 1.0),
        Waypoint(1.9, block, PITCH_RAD, 0.0, 1.0),
        Waypoint(GRASPED_S, block, PITCH_RAD, 0.0, 0.0),
        Waypoint(3.0, block + up, PITCH_RAD, 0.0, 0.0),
        Waypoint(4.1, over_pad, PITCH_RAD, 0.0, 0.0),
        Waypoint(4.7, PAD_CENTRE, PITCH_RAD, 0.0, 0.0),
        Waypoint(5.1, PAD_CENTRE, PITCH_RAD, 0.0, 1.0),
        Waypoint(5.7, over_pad, PITCH_RAD, 0.0, 1.0),
    ]
    now = scene.now("arm")
    if scene.offset("arm", "block") is None:
        begin, past_s = rise(now, block + up), 0.0
    else:
        begin, past_s = [now], GRASPED_S
    late_s = begin[-1].time_s - past_s
    return {
        "arm": [*begin, *(w.later(late_s) for w in plan if w.time_s > past_s)],
    }


TASK = Task(
    name="place_block",
    model_file=Path(__file__).with_name("cell.xml"),
    object_joints={"block": "block_joint"},
    sample=_sample,
    reward=_reward,
    stages=("touched", "lifted", "on the pad, held", "placed"),
    waypoints=_waypoints,
    headings_rad={"arm": 0.0},
    tip_site="tip_{arm}",
)

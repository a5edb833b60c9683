# SPDX-License-Identifier: Apache-2.0
"""Does a checkpoint belong to this robot? Everything that could hurt is compared by name."""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress

import numpy as np

from act_core.robot.robot_difference import differences, in_words
from act_core.robot.robot_file import load_robot, parse_robot, shipped_robots
from act_core.robot.robot_spec import RobotSpec
from act_policy.checkpoint.description import read_description
from act_policy.checkpoint.find_checkpoint import find_checkpoint
from act_policy.errors import CheckpointError
from act_policy.model.act_config import ACTConfig
from act_policy.model.statistics import Statistics

# Sizes of one sensor are rounded to whole pixels: 480x854 and 360x640.
_SHAPE_TOLERANCE = 0.02
# Other people's limits of the same arm are a little wider.
_MEAN_MARGIN = 0.1


def robot_of(checkpoint: str) -> str:
    """Return the robot that a checkpoint drives: a shipped robot's name, else its file's path.

    Where a shipped robot of that name fits, it is taken, with the limits that it has by now.

    Raises:
        CheckpointError: there is no such checkpoint, or it is damaged.
        RobotSpecError: its robot file has a fault.
    """
    folder = find_checkpoint(checkpoint)
    known = read_description(folder)
    name = parse_robot(known.robot_yaml, "in the checkpoint").name
    if name in shipped_robots():
        with suppress(CheckpointError):
            check_robot(known.config, known.robot_yaml, load_robot(name))
            return name
    return str(folder / "robot.yaml")


def check_robot(config: ACTConfig, robot_yaml: str, spec: RobotSpec) -> None:
    """Compare what the checkpoint was trained on with the robot at hand.

    Raises:
        CheckpointError: names, order, cameras, their shape or gripper ranges differ; says
            which.
        RobotSpecError: the checkpoint's robot file has a fault.
    """
    faults = [
        *_names("state", config.state_names, spec.columns),
        *_names("action", config.action_names, spec.columns),
        *_cameras(config, {}, spec),
    ]
    if not faults:
        trained = parse_robot(robot_yaml, "in the checkpoint")
        faults += _names("robot file", trained.columns, spec.columns) or [
            *_cameras(config, {c.name: (c.height_px, c.width_px) for c in trained.cameras}, spec),
            *_meaning(trained, spec, config.cameras),
        ]
    if faults:
        raise CheckpointError(
            f"the checkpoint does not fit robot '{spec.name}': {'; '.join(faults)}"
        )


def check_brought(config: ACTConfig, statistics: Statistics, robot: RobotSpec) -> None:
    """Compare a policy whose files name no robot with the robot that it is said to be of.

    Raises:
        CheckpointError: cameras, the shape of their pictures or the number of columns differ, or
            the mean action is out of the robot's reach.
    """
    seen_px = dict.fromkeys(config.cameras, (config.image_height_px, config.image_width_px))
    faults = _cameras(config, seen_px, robot)
    if {*config.cameras} - {camera.name for camera in robot.cameras}:
        faults.append("--camera says which is which")
    counts = {"states": len(statistics.state_mean), "actions": len(statistics.action_mean)}
    wrong = [f"{what} of {n} columns" for what, n in counts.items() if n != robot.dim]
    faults += [f"{each}, robot {robot.dim}: {', '.join(robot.columns)}" for each in wrong]
    faults += [] if wrong else _out_of_reach(statistics, robot)
    if faults:
        raise CheckpointError(f"the policy does not fit robot '{robot.name}': {'; '.join(faults)}")


def _out_of_reach(statistics: Statistics, robot: RobotSpec) -> list[str]:
    margin = _MEAN_MARGIN * (robot.upper - robot.lower)
    mean = statistics.action_mean
    out = np.flatnonzero((mean < robot.lower - margin) | (mean > robot.upper + margin))
    return [
        f"column '{robot.columns[i]}': the mean of its actions is {mean[i]:.3g}, the robot has "
        f"{robot.lower[i]:.3g} … {robot.upper[i]:.3g}; is it another robot, another order of "
        "columns, or another unit?"
        for i in out[:1]
    ]


def _names(what: str, trained: Sequence[str], robot: Sequence[str]) -> list[str]:
    if tuple(trained) == tuple(robot):
        return []
    missing = [n for n in trained if n not in robot]
    extra = [n for n in robot if n not in trained]
    if not (missing or extra):
        return [f"{what} order: checkpoint {', '.join(trained)}, robot {', '.join(robot)}"]
    return [
        f"{what} names: only in the checkpoint: {', '.join(missing) or '(none)'}, "
        f"only in the robot: {', '.join(extra) or '(none)'}"
    ]


def _meaning(trained: RobotSpec, spec: RobotSpec, cameras: Sequence[str]) -> list[str]:
    harmful = [d for d in differences(trained, spec, cameras) if d.changes_meaning]
    return [in_words(harmful, "checkpoint", "robot")] if harmful else []


def _cameras(
    config: ACTConfig, before: Mapping[str, tuple[int, int]], spec: RobotSpec
) -> list[str]:
    """Return what is wrong with the cameras; images of another size than `before` are resized."""
    sizes = {c.name: (c.height_px, c.width_px) for c in spec.cameras}
    faults = []
    for name in config.cameras:
        if name not in sizes:
            known = ", ".join(sizes) or "(none)"
            faults.append(f"camera '{name}' is not among the robot's: {known}")
        elif name in before and not _same_shape(before[name], sizes[name]):
            was, now = ("x".join(map(str, size)) for size in (before[name], sizes[name]))
            faults.append(
                f"camera '{name}': checkpoint {was}, robot {now} (height x width): its picture "
                "would be squeezed"
            )
    return faults


def _same_shape(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return math.isclose(a[0] * b[1], a[1] * b[0], rel_tol=_SHAPE_TOLERANCE)

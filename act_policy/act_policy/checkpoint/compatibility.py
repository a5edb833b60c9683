# SPDX-License-Identifier: Apache-2.0
"""Does a checkpoint belong to this robot? Everything that could hurt is compared by name."""

from collections.abc import Sequence

import numpy as np

from act_core.robot.robot_file import parse_robot
from act_core.robot.robot_spec import RobotSpec
from act_policy.errors import CheckpointError
from act_policy.model.act_config import ACTConfig


def check_robot(config: ACTConfig, robot_yaml: str, spec: RobotSpec) -> None:
    """Compare what the checkpoint was trained on with the robot at hand.

    Raises:
        CheckpointError: names, order, rate, cameras or gripper ranges differ; says which.
        RobotSpecError: the checkpoint's robot file has a fault.
    """
    faults = [
        *_names("state", config.state_names, spec.columns),
        *_names("action", config.action_names, spec.columns),
        *_cameras(config, spec),
    ]
    if config.rate_hz != spec.rate_hz:
        faults.append(f"rate: checkpoint {config.rate_hz:g} Hz, robot {spec.rate_hz:g} Hz")
    if not faults:
        trained = parse_robot(robot_yaml, "in the checkpoint")
        faults += _names("robot file", trained.columns, spec.columns) or _grippers(trained, spec)
    if faults:
        raise CheckpointError(
            f"the checkpoint does not fit robot '{spec.name}': {'; '.join(faults)}"
        )


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


def _cameras(config: ACTConfig, spec: RobotSpec) -> list[str]:
    sizes = {c.name: (c.height_px, c.width_px) for c in spec.cameras}
    wanted = (config.image_height_px, config.image_width_px)
    faults = []
    for name in config.cameras:
        if name not in sizes:
            known = ", ".join(sizes) or "(none)"
            faults.append(f"camera '{name}' is not among the robot's: {known}")
        elif sizes[name] != wanted:
            got = "x".join(map(str, sizes[name]))
            faults.append(f"camera '{name}': checkpoint {wanted[0]}x{wanted[1]}, robot {got}")
    return faults


def _grippers(trained: RobotSpec, robot: RobotSpec) -> list[str]:
    faults = []
    for stream in ("state", "command"):
        a, b = getattr(trained, stream), getattr(robot, stream)
        for i, column in enumerate(robot.columns):
            if not np.allclose([a.zero[i], a.span[i]], [b.zero[i], b.span[i]]):
                faults.append(
                    f"{stream} range of '{column}': checkpoint {a.zero[i]:g} … "
                    f"{a.zero[i] + a.span[i]:g}, robot {b.zero[i]:g} … {b.zero[i] + b.span[i]:g}"
                )
    return faults

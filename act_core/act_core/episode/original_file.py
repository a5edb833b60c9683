# SPDX-License-Identifier: Apache-2.0
"""Episode files without /meta, as the original code, act-plus-plus and Interbotix write them.

What such a file does not say is taken from the robot that its reader names: joint names, rate,
gripper ranges. Stamps are counted in control periods.
"""

from pathlib import Path

import h5py

from act_core.episode.meta import EpisodeMeta
from act_core.errors import EpisodeError
from act_core.robot.robot_spec import RobotSpec

FOREIGN_VERSION = 0
# Linear and angular velocity of a mobile base, as the loader of act-plus-plus joins them.
BASE_COLUMNS = 2


def describe_original(
    file: h5py.File, path: Path, robot: RobotSpec | None, *, with_base: bool = False
) -> EpisodeMeta:
    """Return what is known of an episode without a description of its own.

    `with_base` lets BASE_COLUMNS follow the robot's vector.

    Raises:
        EpisodeError: no robot is named, or its vector has another length.
    """
    if robot is None:
        raise EpisodeError(
            f"{path}: no /meta, so it does not say which robot it is of; if the original ALOHA or "
            "ACT code wrote it, name its robot (--robot)"
        )
    for name in ("observations/qpos", "action"):
        columns = file[name].shape[1] if file[name].ndim == 2 else 0  # noqa: PLR2004
        base = columns == robot.dim + BASE_COLUMNS
        if columns != robot.dim and not (base and with_base):
            raise EpisodeError(
                f"{path}: /{name} has {columns} columns, robot '{robot.name}' has {robot.dim}: "
                f"{', '.join(robot.columns)}"
                + ("; if the last two are a base's: act dataset convert --base" if base else "")
            )
    return EpisodeMeta.for_robot(
        robot, sim=bool(file.attrs.get("sim", False)), complete=True,
        origin="a file without description", format_version=FOREIGN_VERSION,
    )  # fmt: skip

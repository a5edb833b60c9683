# SPDX-License-Identifier: Apache-2.0
"""What an episode file says about itself beside the original ALOHA layout."""

from dataclasses import asdict, fields
from typing import Any

import numpy as np
from pydantic.dataclasses import dataclass

from act_core.checked import CHECKED, checked
from act_core.errors import EpisodeError
from act_core.robot.robot_file import parse_robot
from act_core.robot.robot_spec import RobotSpec

FORMAT_VERSION = 2
# Version 1 wrote zeros for velocities and efforts that nobody measured, and neither /stamps/row
# nor /source.
READABLE_VERSIONS = (1, FORMAT_VERSION)


@dataclass(frozen=True, config=CHECKED)
class EpisodeMeta:
    """Self-description of an episode, stored as attributes of the file's group /meta.

    Attributes:
        joint_names: (D,) names of the columns of qpos, qvel, effort and action.
        joint_units: (D,) units of those columns: rad, or 1 for a gripper (0 closed … 1 open).
        rate_hz: control rate.
        robot_yaml: the robot file's text, ranges and limits included.
        sim: whether a simulator was recorded.
        task: name of the task, empty where there is none.
        seed: seed of the simulated scene.
        disturbance: scale of the motion that the simulator added to commands.
        success: what the task state said at the end.
        software_version: version of the recorder.
        color_order: channel order of the images.
        complete: False until the file was closed properly.
        skipped_ticks: control ticks without a row between the first row and the last.
        skipped_reason: what kept most of them from being rows.
        format_version: version of this description.
    """

    joint_names: tuple[str, ...]
    joint_units: tuple[str, ...]
    rate_hz: float
    robot_yaml: str
    sim: bool
    task: str = ""
    seed: int = 0
    disturbance: float = 0.0
    success: bool = False
    software_version: str = ""
    color_order: str = "rgb"
    complete: bool = False
    skipped_ticks: int = 0
    skipped_reason: str = ""
    format_version: int = FORMAT_VERSION

    @classmethod
    def for_robot(cls, spec: RobotSpec, *, sim: bool, **more: Any) -> "EpisodeMeta":
        """Fill what the robot determines; `more` gives further fields."""
        units = tuple(u for a in spec.arms for u in (*("rad" for _ in a.joints), "1"))
        return cls(spec.columns, units, spec.rate_hz, spec.yaml_text, sim, **more)

    @property
    def robot(self) -> RobotSpec:
        """The robot that was recorded."""
        return parse_robot(self.robot_yaml, "in the episode file")

    def to_attributes(self) -> dict[str, Any]:
        """Return HDF5 attributes."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @classmethod
    def from_attributes(cls, attributes: Any, source: str) -> "EpisodeMeta":
        """Read HDF5 attributes back; `source` names the file in errors."""
        version = attributes.get("format_version", 0)
        if version not in READABLE_VERSIONS:
            readable = ", ".join(map(str, READABLE_VERSIONS))
            raise EpisodeError(
                f"{source}: format version {version}, this software reads {readable}"
            )
        names = [field.name for field in fields(cls)]
        values = {n: _plain(attributes[n]) for n in names if n in attributes}
        try:
            return checked(cls, values)
        except ValueError as error:
            raise EpisodeError(f"{source}: attributes of /meta: {error}") from error


def _plain(value: Any) -> Any:
    """Return an attribute of HDF5 as plain Python."""
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value

# SPDX-License-Identifier: Apache-2.0
"""What an episode file says about itself beside the original ALOHA layout."""

import re
from dataclasses import asdict, fields
from typing import Any, Literal

import h5py
import numpy as np
from pydantic.dataclasses import dataclass

from act_core.checked import CHECKED, Names, checked
from act_core.errors import EpisodeError
from act_core.robot.robot_file import parse_robot
from act_core.robot.robot_spec import Rate, RobotSpec

FORMAT_VERSION = 3
# Version 1 wrote zeros for velocities and efforts that nobody measured, and neither /stamps/row
# nor /source. Until version 2 `success` was true or false, also where nobody had judged.
READABLE_VERSIONS = (1, 2, FORMAT_VERSION)
VERDICTS = ("success", "failure")

Verdict = Literal["", "success", "failure"]


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
        verdict: success, failure, or empty where nobody has judged.
        judge: who did: `task` (the simulated task's state), `operator`, or empty.
        labels: words that people sort episodes by.
        origin: where an imported or edited episode comes from, in words.
        software_version: version of the recorder.
        color_order: channel order of the images.
        complete: False until the file was closed properly.
        skipped_ticks: control ticks without a row between the first row and the last.
        skipped_reason: what kept most of them from being rows.
        format_version: version of this description.
    """

    joint_names: tuple[str, ...]
    joint_units: tuple[str, ...]
    rate_hz: Rate
    robot_yaml: str
    sim: bool
    task: str = ""
    seed: int = 0
    disturbance: float = 0.0
    verdict: Verdict = ""
    judge: Literal["", "task", "operator"] = ""
    labels: Names = ()
    origin: str = ""
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

    @property
    def success(self) -> bool:
        """Whether it was judged a success."""
        return self.verdict == "success"

    def to_attributes(self) -> dict[str, Any]:
        """Return HDF5 attributes."""
        return {k: _storable(v) for k, v in asdict(self).items()}

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
        if garbled := [n for n, value in values.items() if not _is_text(value)]:
            raise EpisodeError(f"{source}: attribute {garbled[0]} of /meta is no UTF-8 text")
        if "success" in attributes and values.get("sim"):  # version 1 or 2
            values |= {"verdict": VERDICTS[not attributes["success"]], "judge": "task"}
        try:
            return checked(cls, values)
        except ValueError as error:
            raise EpisodeError(f"{source}: attributes of /meta: {error}") from error


def _storable(value: Any) -> Any:
    """Return a field as HDF5 takes it: h5py makes numbers of an empty list."""
    return np.array(value, h5py.string_dtype()) if isinstance(value, tuple) else value


def _plain(value: Any) -> Any:
    """Return an attribute of HDF5 as plain Python."""
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def _is_text(value: Any) -> bool:
    """Return False for text, or a list with text, that h5py could not decode."""
    texts = value if isinstance(value, list) else [value]
    bytes_kept = re.compile("[\udc80-\udcff]")  # how h5py keeps what it cannot decode
    return not any(bytes_kept.search(text) for text in texts if isinstance(text, str))

# SPDX-License-Identifier: Apache-2.0
"""Robot files: YAML to RobotSpec, with every fault named before anything moves."""

import re
from collections.abc import Mapping
from contextlib import suppress
from importlib.resources import files
from math import isfinite
from pathlib import Path
from typing import Any

from act_core.errors import RobotSpecError, suggestion
from act_core.paths import user_path
from act_core.robot.robot_spec import (
    ArmSpec,
    CameraSpec,
    GripperEnd,
    GripperSpec,
    JointSpec,
    RobotSpec,
)
from act_core.yaml_file import parse_yaml

UNITS = ("m", "rad")
# Far beyond any arm or camera; more is a slip, and would end in the middle of an allocation.
MOST_HZ, MOST_PX = 10_000.0, 16_384
CAMERA_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def shipped_robots() -> dict[str, str]:
    """Return name → YAML text of the robots that come with the suite."""
    folder = files("act_core") / "robots"
    return {
        Path(f.name).stem: f.read_text(encoding="utf-8")
        for f in folder.iterdir()
        if f.name.endswith(".yaml")
    }


def load_robot(name_or_path: str) -> RobotSpec:
    """Load a shipped robot by name, or any robot by the path of its YAML file.

    Raises:
        RobotSpecError: no such robot, or the file has a fault (which is named).
    """
    shipped = shipped_robots()
    if name_or_path in shipped:
        return parse_robot(shipped[name_or_path], name_or_path)
    path = user_path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        raise RobotSpecError(
            f"no robot '{name_or_path}'{suggestion(name_or_path, shipped)}; "
            "or give the path of a .yaml file"
        )
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RobotSpecError(f"robot file {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RobotSpecError(f"robot file {path}: not UTF-8 text: {error}") from error
    except ValueError as error:  # a path with a NUL
        raise RobotSpecError(f"robot file {name_or_path!r}: {error}") from error
    return parse_robot(text, str(path))


def parse_robot(text: str, source: str) -> RobotSpec:
    """Build a RobotSpec from YAML text; `source` names it in errors.

    Raises:
        RobotSpecError: the text has a fault (which is named).
    """
    try:
        root = _Node(parse_yaml(text), f"robot {source}")
    except ValueError as error:
        raise RobotSpecError(f"robot {source}: {error}") from error
    root.only("name", "rate_hz", "arms", "cameras", optional=("anchors",))
    spec = RobotSpec(
        name=root.text("name"),
        rate_hz=root.rate("rate_hz"),
        arms=tuple(_arm(node) for node in root.items("arms")),
        cameras=tuple(_camera(node) for node in root.items("cameras", may_be_empty=True)),
        yaml_text=text,
    )
    root.unique("arm", [a.name for a in spec.arms])
    root.unique("camera", [c.name for c in spec.cameras])
    root.unique("column", list(spec.columns))
    for channel in (spec.state, spec.command, spec.leader):
        root.unique(f"{channel.label} joint", list(channel.names))
    return spec


class _Node:
    """A mapping of the file with its place in it, so that each fault can be located."""

    def __init__(self, data: Any, where: str) -> None:
        if not isinstance(data, Mapping):
            raise RobotSpecError(f"{where}: expected a mapping, got {data!r}")
        self.data, self.where = data, where

    def fault(self, text: str) -> RobotSpecError:
        return RobotSpecError(f"{self.where}: {text}")

    def only(self, *required: str, optional: tuple[str, ...] = ()) -> None:
        known = (*required, *optional)
        for key in self.data:
            if key not in known:
                raise self.fault(f"unknown key '{key}'{suggestion(str(key), known)}")
        for key in required:
            if key not in self.data:
                raise self.fault(f"key '{key}' is missing; expected {', '.join(required)}")

    def unique(self, what: str, names: list[str]) -> None:
        doubled = sorted({n for n in names if names.count(n) > 1})
        if doubled:
            raise self.fault(f"{what} '{doubled[0]}' is there twice, among {', '.join(names)}")

    def text(self, key: str) -> str:
        value = self.data[key]
        may_be_empty = key.endswith("_prefix")
        if not isinstance(value, str) or not (value or may_be_empty) or not value.isprintable():
            raise self.fault(f"{key} is {value!r}, expected text")
        return value

    def number(self, key: str) -> float:
        return self.as_number(self.data[key], key)

    def as_number(self, value: Any, what: str) -> float:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            with suppress(OverflowError):
                if isfinite(value):
                    return float(value)
        raise self.fault(f"{what} is {value!r:.40}, expected a finite number")

    def positive(self, key: str) -> float:
        value = self.number(key)
        if value <= 0:
            raise self.fault(f"{key} is {value:g}, expected more than 0")
        return value

    def rate(self, key: str) -> float:
        value = self.number(key)
        if not 0.1 <= value <= MOST_HZ:
            raise self.fault(f"{key} is {value:g}, expected 0.1 … {MOST_HZ:g}")
        return value

    def pixels(self, key: str) -> int:
        value = self.data[key]
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_PX:
            raise self.fault(f"{key} is {value!r:.40}, expected a whole number, 1 … {MOST_PX}")
        return value

    def child(self, key: str) -> "_Node":
        return _Node(self.data[key], f"{self.where}: {key}")

    def items(self, key: str, may_be_empty: bool = False) -> list["_Node"]:
        value = self.data[key]
        if not isinstance(value, list) or not (value or may_be_empty):
            raise self.fault(f"{key} is {value!r}, expected a list with at least one entry")
        return [
            _Node(v, f"{self.where}: {key} {v.get('name', i)!r}" if isinstance(v, dict) else
                  f"{self.where}: {key}[{i}]")
            for i, v in enumerate(value)
        ]  # fmt: skip


def _arm(node: _Node) -> ArmSpec:
    node.only(
        "name", "state_prefix", "command_prefix", "leader_prefix",
        "joints", "gripper", "start", "sleep",
    )  # fmt: skip
    joints = tuple(_joint(n) for n in node.items("joints"))
    gripper = _gripper(node.child("gripper"))
    names = [j.name for j in joints] + [gripper.name]
    node.unique("joint", names)
    return ArmSpec(
        name=node.text("name"),
        state_prefix=node.text("state_prefix"),
        command_prefix=node.text("command_prefix"),
        leader_prefix=node.text("leader_prefix"),
        joints=joints,
        gripper=gripper,
        start=_pose(node.child("start"), joints, gripper),
        sleep=_pose(node.child("sleep"), joints, gripper),
    )


def _joint(node: _Node) -> JointSpec:
    node.only("name", "limits_rad", "max_velocity_rad_s")
    limits = node.data["limits_rad"]
    if not isinstance(limits, list) or len(limits) != 2:
        raise node.fault(f"limits_rad is {limits!r}, expected [lower, upper]")
    lower, upper = (node.as_number(v, "limits_rad") for v in limits)
    if lower >= upper:
        raise node.fault(f"limits_rad is reversed: lower {lower:g} is not below upper {upper:g}")
    return JointSpec(node.text("name"), lower, upper, node.positive("max_velocity_rad_s"))


def _gripper(node: _Node) -> GripperSpec:
    node.only("name", "state", "command", "leader", "max_velocity_per_s")
    return GripperSpec(
        name=node.text("name"),
        state=_gripper_end(node.child("state")),
        command=_gripper_end(node.child("command")),
        leader=_gripper_end(node.child("leader")),
        max_velocity_per_s=node.positive("max_velocity_per_s"),
    )


def _gripper_end(node: _Node) -> GripperEnd:
    node.only("joint", "closed", "open", "unit")
    end = GripperEnd(
        node.text("joint"), node.number("closed"), node.number("open"), node.text("unit")
    )
    if end.unit not in UNITS:
        raise node.fault(f"unit is '{end.unit}', expected one of {', '.join(UNITS)}")
    if end.closed == end.open:
        raise node.fault(f"closed and open are both {end.open:g}, expected two values")
    return end


def _pose(node: _Node, joints: tuple[JointSpec, ...], gripper: GripperSpec) -> tuple[float, ...]:
    names = [j.name for j in joints] + [gripper.name]
    node.only(*names)
    bounds = [(j.lower_rad, j.upper_rad) for j in joints] + [(0.0, 1.0)]
    values = [node.number(name) for name in names]
    for name, value, (lower, upper) in zip(names, values, bounds, strict=True):
        if not lower <= value <= upper:
            raise node.fault(f"{name} is {value:g}, outside {lower:g} … {upper:g}")
    return tuple(values)


def _camera(node: _Node) -> CameraSpec:
    node.only("name", "height_px", "width_px")
    name = node.text("name")
    if not CAMERA_NAME.fullmatch(name):
        raise node.fault(
            f"name is {name!r}, expected letters, digits and underscores with a letter first, "
            "since it is part of topic names"
        )
    return CameraSpec(name, node.pixels("height_px"), node.pixels("width_px"))

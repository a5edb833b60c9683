# SPDX-License-Identifier: Apache-2.0
"""Frames of a robot's links by its URDF: what robot_state_publisher would say. No ROS."""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from act_core.errors import RobotSpecError

_TURNS, _SLIDES, _FIXED = ("revolute", "continuous"), ("prismatic",), ("fixed",)


@dataclass(frozen=True)
class Frame:
    """Where a link is in its parent.

    Attributes:
        parent: link.
        child: link.
        translation: (3,) m.
        quaternion: (4,) x, y, z, w.
    """

    parent: str
    child: str
    translation: NDArray[np.float64]
    quaternion: NDArray[np.float64]


@dataclass(frozen=True)
class _Joint:
    name: str
    kind: str
    parent: str
    child: str
    origin: NDArray[np.float64]
    rotation: Rotation
    axis: NDArray[np.float64]
    follows: tuple[str, float, float] | None  # joint, multiplier, offset

    def frame(self, value: float) -> Frame:
        """Return the child's place when the joint is at `value`, rad or m."""
        moved, rotation = self.origin, self.rotation
        if self.kind in _SLIDES:
            moved = moved + rotation.apply(self.axis * value)
        elif self.kind in _TURNS:
            rotation = rotation * Rotation.from_rotvec(self.axis * value)
        return Frame(self.parent, self.child, moved, rotation.as_quat())


class JointFrames:
    """The joints of a URDF.

    Args:
        text: of the URDF.
        where: names it in errors.

    Raises:
        RobotSpecError: it is no URDF, or has a joint of a kind that no arm has.
    """

    def __init__(self, text: str, where: str) -> None:
        try:
            # The user's own file; entities that grow are not expanded since Expat 2.4.
            root = ElementTree.fromstring(text)  # noqa: S314
            self._joints = [_joint(each) for each in root.findall("joint")]
        except (ElementTree.ParseError, ValueError) as error:
            raise RobotSpecError(f"URDF {where}: {error}") from error
        except KeyError as error:
            raise RobotSpecError(f"URDF {where}: a joint has no {error}") from error
        kinds = (*_TURNS, *_SLIDES, *_FIXED)
        for joint in self._joints:
            if joint.kind not in kinds:
                raise RobotSpecError(
                    f"URDF {where}: joint '{joint.name}' is {joint.kind}, expected one of "
                    f"{', '.join(kinds)}"
                )
        if not self._joints:
            raise RobotSpecError(f"URDF {where}: <{root.tag}> has no joint")

    def fixed(self) -> list[Frame]:
        """Return the frames that never move."""
        return [joint.frame(0.0) for joint in self._joints if joint.kind in _FIXED]

    def moved(self, values: Mapping[str, float]) -> list[Frame]:
        """Return the other frames; those of joints without a value are left out."""
        frames = []
        for joint in self._joints:
            leader, factor, offset = joint.follows or (joint.name, 1.0, 0.0)
            if joint.kind not in _FIXED and leader in values:
                frames.append(joint.frame(factor * values[leader] + offset))
        return frames

    def without_value(self, names: list[str]) -> list[str]:
        """Return the joints that move and are neither among `names` nor follow one of them."""
        moving = [joint for joint in self._joints if joint.kind not in _FIXED]
        return [j.name for j in moving if (j.follows or (j.name,))[0] not in names]


def _joint(element: ElementTree.Element) -> _Joint:
    mimic = element.find("mimic")
    follows = None if mimic is None else (
        mimic.attrib["joint"], float(mimic.get("multiplier", 1)), float(mimic.get("offset", 0))
    )  # fmt: skip
    axis, name = _numbers(element.find("axis"), "xyz", "1 0 0"), element.get("name", "")
    if not axis.any():
        raise ValueError(f"joint '{name}' has an axis of 0")
    origin = element.find("origin")
    return _Joint(
        name, element.attrib["type"], _link(element, "parent"),
        _link(element, "child"), _numbers(origin, "xyz", "0 0 0"),
        # About the fixed x, then y, then z axis.
        Rotation.from_euler("xyz", _numbers(origin, "rpy", "0 0 0")),
        axis / np.linalg.norm(axis), follows,
    )  # fmt: skip


def _link(element: ElementTree.Element, name: str) -> str:
    found = element.find(name)
    if found is None:
        raise ValueError(f"joint '{element.get('name')}' has no <{name}>")
    return found.attrib["link"]


def _numbers(element: ElementTree.Element | None, name: str, default: str) -> NDArray[np.float64]:
    text = default if element is None else element.get(name, default)
    values = np.array([float(word) for word in text.split()])
    if values.shape != (3,):
        raise ValueError(f"{name} is '{text}', expected three numbers")
    return values

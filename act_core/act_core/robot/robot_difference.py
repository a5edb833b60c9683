# SPDX-License-Identifier: Apache-2.0
"""In which keys two robot files differ; comments, formatting and unused cameras are none."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from act_core.robot.robot_spec import RobotSpec

_MOST_TOLD = 6
_NOTHING = (None, "")
# Says how to mirror what was recorded, and nothing of what it means.
_NOT_COMPARED = "mirrored"


@dataclass(frozen=True)
class Difference:
    """A key of the robot file with two values.

    Attributes:
        place: keys from the outside in; an entry of a list by its name.
        first: value in the one, None where it is not there.
        second: value in the other.
    """

    place: tuple[str, ...]
    first: object
    second: object

    @property
    def changes_meaning(self) -> bool:
        """Whether numbers that one robot has recorded mean another pose on the other.

        So do other arms, other joints, and other ends of a gripper's range. Poses, limits, topics
        and names on the wire do not.
        """
        if self.place[-1] in ("arms", "joints"):
            return True
        if not self.place[0].startswith("arms") or self.place[1] != "gripper":
            return False
        return self.place[2] == "name" or (
            self.place[2] in ("state", "command") and self.place[3] != "joint"
        )

    def text(self, first: str, second: str) -> str:
        """Return it in words, the two files called `first` and `second`."""
        key = ": ".join(self.place)
        return f"{key}: {first} {_shown(self.first)}, {second} {_shown(self.second)}"


def differences(a: RobotSpec, b: RobotSpec, cameras: Collection[str]) -> list[Difference]:
    """Return where two robots differ, of their cameras only in those called `cameras`."""
    return list(_compared((), _plain(a, cameras), _plain(b, cameras)))


def in_words(found: Sequence[Difference], first: str, second: str) -> str:
    """Return differences as one text, the files called `first` and `second`; many are counted."""
    told = [difference.text(first, second) for difference in found[:_MOST_TOLD]]
    rest = [f"and {len(found) - _MOST_TOLD} more"] if len(found) > _MOST_TOLD else []
    return "; ".join(told + rest)


def _plain(spec: RobotSpec, cameras: Collection[str]) -> dict[str, Any]:
    values = asdict(spec)
    del values["yaml_text"]
    values["cameras"] = [c for c in values["cameras"] if c["name"] in cameras]
    return values


def _compared(place: tuple[str, ...], a: Any, b: Any) -> Iterator[Difference]:
    if isinstance(a, dict) or isinstance(b, dict):
        a, b = a or {}, b or {}
        for key in dict.fromkeys([*a, *b]):
            if key == _NOT_COMPARED:
                continue
            yield from _compared((*place, key), a.get(key), b.get(key))
    elif _is_named(a) or _is_named(b):
        yield from _compared_lists(place, a, b)
    elif a != b and not (a in _NOTHING and b in _NOTHING):
        yield Difference(place, a, b)


def _compared_lists(place: tuple[str, ...], a: Any, b: Any) -> Iterator[Difference]:
    entries_a, entries_b = ({entry["name"]: entry for entry in entries} for entries in (a, b))
    if list(entries_a) != list(entries_b):
        yield Difference(place, list(entries_a), list(entries_b))
    for name in entries_a:
        if name in entries_b:
            entry = (*place[:-1], f"{place[-1]} '{name}'")
            yield from _compared(entry, entries_a[name], entries_b[name])


def _is_named(value: Any) -> bool:
    """Tell whether it is a list of entries that have a name each."""
    return isinstance(value, (list, tuple)) and any(isinstance(entry, dict) for entry in value)


def _shown(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_shown, value)) or "(none)"
    if value in _NOTHING:
        return "(none)"
    return f"{value:g}" if isinstance(value, float) else str(value)

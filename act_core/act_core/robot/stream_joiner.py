# SPDX-License-Identifier: Apache-2.0
"""Joins the joint states of several arms into those of one robot. No ROS."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from act_core.errors import JointNamesError, OtherJointsError


@dataclass(frozen=True)
class Part:
    """One arm's share of a stream.

    Attributes:
        topic: where its driver publishes.
        names: the driver's joint name → name on the joined topic.
    """

    topic: str
    names: Mapping[str, str]


@dataclass(frozen=True)
class Joints:
    """Joint values by name, as a JointState has them; NaN is what was not measured."""

    stamp_ns: int
    names: tuple[str, ...]
    positions: tuple[float, ...]
    velocities: tuple[float, ...]
    efforts: tuple[float, ...]


class StreamJoiner:
    """Gives a whole robot's joints each time that every arm has said something new.

    Args:
        parts: the arms, in the order of the joined message.
        max_skew_s: largest time between the oldest part and the newest; beyond it nothing whole
            is given, since no pose was ever like that.

    Attributes:
        reason: why nothing whole came last, "" when it did.
    """

    def __init__(self, parts: Sequence[Part], max_skew_s: float) -> None:
        self._parts, self._max_skew_s = tuple(parts), max_skew_s
        self._newest: dict[int, Joints] = {}
        self._heard_s = dict.fromkeys((p.topic for p in parts), -math.inf)
        self.reason = "no sample yet"

    @property
    def topics(self) -> tuple[str, ...]:
        """The drivers' topics, none twice."""
        return tuple(self._heard_s)

    def silent(self, now_s: float, limit_s: float) -> str:
        """Return which topics have been out for longer than `limit_s`, in words."""
        ages = {topic: now_s - at_s for topic, at_s in self._heard_s.items()}
        return "; ".join(
            f"{topic}: " + ("no sample yet" if math.isinf(s) else f"nothing for {s:.1f} s")
            for topic, s in ages.items()
            if s > limit_s
        )

    def add(self, topic: str, seen: Joints, now_s: float) -> Joints | None:
        """Take what came on a driver's topic; return the whole robot's joints if that makes them.

        The stamp is the oldest part's.

        Raises:
            OtherJointsError: it has none of the arms' joints, so it is another device's.
            JointNamesError: the message lacks joints of an arm; names them.
        """
        expected = {name for part in self._parts if part.topic == topic for name in part.names}
        if not expected & set(seen.names):
            raise OtherJointsError(f"{topic}: {', '.join(seen.names) or '(no names)'}")
        for i, part in enumerate(self._parts):
            if part.topic == topic:
                self._newest[i] = _renamed(seen, part)
        self._heard_s[topic] = now_s
        if len(self._newest) < len(self._parts):
            return None
        parts = [self._newest[i] for i in range(len(self._parts))]
        stamps = [p.stamp_ns for p in parts]
        skew_s = (max(stamps) - min(stamps)) / 1e9
        if skew_s > self._max_skew_s:
            older, newer = (self._parts[stamps.index(f(stamps))].topic for f in (min, max))
            self.reason = (
                f"{older} is {skew_s:.3f} s behind {newer} (limit {self._max_skew_s:g} s); is one "
                "of them late, or one of their clocks wrong?"
            )
            return None
        self._newest.clear()
        self.reason = ""
        return Joints(
            min(stamps),
            tuple(chain.from_iterable(p.names for p in parts)),
            tuple(chain.from_iterable(p.positions for p in parts)),
            tuple(chain.from_iterable(p.velocities for p in parts)),
            tuple(chain.from_iterable(p.efforts for p in parts)),
        )


def _renamed(seen: Joints, part: Part) -> Joints:
    missing = [name for name in part.names if name not in seen.names]
    if missing:
        raise JointNamesError(
            f"{part.topic}: missing {', '.join(map(repr, missing))}. Got: "
            f"{', '.join(seen.names) or '(none)'}. Expected: {', '.join(part.names)}"
        )
    picked = [seen.names.index(name) for name in part.names]

    def values(raw: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(raw[i] if i < len(raw) else math.nan for i in picked)

    return Joints(
        seen.stamp_ns, tuple(part.names.values()), values(seen.positions),
        values(seen.velocities), values(seen.efforts),
    )  # fmt: skip

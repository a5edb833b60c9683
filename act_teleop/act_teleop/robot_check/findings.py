# SPDX-License-Identifier: Apache-2.0
"""What was found of an expected topic, and what to do about the difference. No ROS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from act_teleop.robot_check.expectations import Expected

# Slower than this share of the robot's rate, joint states lag behind what is commanded.
SLOW_SHARE = 0.8
FAR_S = 0.05


@dataclass
class Found:
    """What was found of one topic.

    Attributes:
        types: message types on it.
        peers: nodes on its other side, publishers or, of commands, subscribers.
        best_effort: whether a publisher offers no more than that.
        ages_s: age of each message by its stamp, on this machine's clock.
        seconds: how long it was listened to.
        joints: names in the newest message.
        size_px: (height, width) of the newest image.
        encoding: of the newest image.
    """

    types: Sequence[str] = ()
    peers: Sequence[str] = ()
    best_effort: bool = False
    ages_s: list[float] = field(default_factory=list)
    seconds: float = 0.0
    joints: Sequence[str] = ()
    size_px: tuple[int, int] | None = None
    encoding: str = ""

    @property
    def rate_hz(self) -> float:
        """Messages a second."""
        return len(self.ages_s) / self.seconds if self.seconds else 0.0


def summary(found: Found) -> str:
    """Return what there is, in a few words."""
    parts = [", ".join(found.peers) or "nobody"]
    if found.ages_s:
        parts.append(f"{found.rate_hz:.0f} Hz, {1000 * min(found.ages_s):.0f} ms old")
    if found.size_px:
        parts.append(f"{found.size_px[0]}x{found.size_px[1]} {found.encoding}")
    if found.best_effort:
        parts.append("best effort")
    return " · ".join(parts)


def faults(
    expected: Expected, found: Found, graph: Mapping[str, Sequence[str]], rate_hz: float
) -> list[str]:
    """Return what is wrong, each with the line of the robot file to change or another remedy.

    Args:
        expected: the topic.
        found: what there is of it.
        graph: every topic → its types, to suggest others from.
        rate_hz: the robot's.
    """
    if found.types and expected.kind not in found.types:
        return [
            f"carries {', '.join(found.types)}, expected {expected.kind}{_other_type(expected)}"
        ]
    if not found.peers:
        side = "listens" if expected.commands else "publishes"
        return [f"nobody {side}{_near(expected, graph)}"]
    if expected.commands:
        return []
    if not found.ages_s:
        return [f"no message in {found.seconds:.1f} s; is the driver running?"]
    return [
        *_wrong_joints(expected, found, rate_hz),
        *_wrong_image(expected, found),
        *_late(found),
    ]


def _other_type(expected: Expected) -> str:
    return "; change its type" if expected.commands else "; change transport, or the topic"


def _near(expected: Expected, graph: Mapping[str, Sequence[str]]) -> str:
    alike = [t.lstrip("/") for t, types in graph.items() if expected.kind in types]
    near = get_close_matches(expected.topic.lstrip("/"), alike, n=1, cutoff=0.5)
    if near:
        return f"; {expected.key} could be '{near[0]}'"
    compressed = f"/{expected.topic.strip('/')}/compressed"
    if compressed in graph:
        return f"; {expected.key} could be '{compressed[1:]}', with transport: compressed"
    there = ", ".join(sorted(alike)[:6]) or "none"
    return f"; topics with {expected.kind}: {there} ({expected.key})"


def _wrong_joints(expected: Expected, found: Found, rate_hz: float) -> list[str]:
    lines = []
    missing = [name for name in expected.joints if name not in found.joints]
    if missing:
        lines.append(
            f"lacks joint {', '.join(missing)}; it has {', '.join(found.joints)}: change the "
            "prefix or the joints' names"
        )
    if expected.joints and found.rate_hz < SLOW_SHARE * rate_hz:
        lines.append(
            f"{found.rate_hz:.0f} Hz, slower than the robot's rate_hz {rate_hz:g}: raise the "
            "driver's rate or lower rate_hz"
        )
    return lines


def _wrong_image(expected: Expected, found: Found) -> list[str]:
    camera = expected.camera
    if camera is None or found.size_px in (None, camera.source_size_px):
        return []
    height, width = found.size_px
    return [
        f"images are {height}x{width}, expected {camera.source_size_px[0]}x"
        f"{camera.source_size_px[1]}: set source_height_px: {height}, source_width_px: {width} to "
        "have them resized, or change the driver"
    ]


def _late(found: Found) -> list[str]:
    least_s = min(found.ages_s)
    if least_s < -FAR_S:
        return [
            f"stamps are {-least_s:.2f} s ahead of this machine's clock: synchronise the clocks "
            "(chrony), or set use_sim_time"
        ]
    if least_s > 1e6:
        return ["stamps are 0 or count from boot: the driver has to stamp with the ROS clock"]
    if least_s > 10 * FAR_S:
        return [
            f"stamps are {least_s:.2f} s old when they come: synchronise the clocks (chrony); is "
            "the driver this slow?"
        ]
    return []

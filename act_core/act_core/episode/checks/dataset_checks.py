# SPDX-License-Identifier: Apache-2.0
"""Do the episodes of a folder belong together?"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from act_core.episode.checks.finding import Check, Finding
from act_core.episode.checks.rows import Rows
from act_core.robot.arm_spec import ArmSpec

_POINTS = 64
# One step of a Dynamixel's encoder, 2 pi / 4096.
_DUPLICATE_RAD = 0.0015
_ALIKE_LENGTH = 0.95
_LEAST_EPISODES = 3
_NEARER = 0.5
# Of 255: cameras that see the same are not told apart.
_APART = 10.0

ROBOTS = Check(
    "mixed-robots", "error",
    "Episodes have other columns, units or gripper ranges than most of the folder.",
    "one folder per robot; train on them separately",
)  # fmt: skip
RATES = Check(
    "mixed-rates", "warning", "Episodes have another control rate than most of the folder.",
    "none where it is meant: training cuts its chunks at one rate (rate_hz)",
)  # fmt: skip
CAMERAS = Check(
    "mixed-cameras", "warning",
    "Episodes have other cameras or image sizes than most of the folder.",
    "name the cameras that all have (cameras), or take those episodes out",
)  # fmt: skip
TASKS = Check(
    "mixed-tasks", "warning", "Episodes are of another task than most of the folder.",
    "one folder per task: ACT is not told which one to do (act dataset split)",
)  # fmt: skip
FAILURES = Check(
    "failures", "warning", "Episodes were judged failures.",
    "train on successes alone (select.verdicts), or take them out: act dataset delete",
)  # fmt: skip
DUPLICATES = Check(
    "near-duplicates", "warning",
    f"The commands of episodes differ nowhere by more than {_DUPLICATE_RAD:g} (rad; of a "
    "gripper's range), one step of a Dynamixel's encoder: the same motion again, perhaps "
    "once to train on and once held out.",
    "keep one of them: act dataset delete",
)  # fmt: skip
SWAPPED_CAMERAS = Check(
    "swapped-cameras", "error",
    f"In one episode two cameras see what in the others ({_LEAST_EPISODES} and more) the other "
    f"one sees: exchanged, their pictures are less than {_NEARER:g} times as far from those.",
    "correct the names of the devices (udev rules by port or serial number); convert with the two "
    "exchanged, or take the episode out",
)  # fmt: skip
SWAPPED_COLOURS = Check(
    "swapped-colours", "error",
    f"In one episode red and blue of a camera are exchanged, compared with the others "
    f"({_LEAST_EPISODES} and more).",
    "convert with the right color_order, or take the episode out",
)  # fmt: skip
PARTIALS = Check(
    "partials", "warning", "The folder holds episodes that were never finished (.partial).",
    "finish them: act dataset recover",
)  # fmt: skip
CHECKS = (
    ROBOTS, RATES, CAMERAS, TASKS, FAILURES, DUPLICATES, SWAPPED_CAMERAS, SWAPPED_COLOURS,
    PARTIALS,
)  # fmt: skip


@dataclass(frozen=True)
class EpisodeFacts:
    """What is kept of an episode to compare it with others.

    Attributes:
        path: the file.
        robot: what has to agree of the robot.
        rate_hz: control rate.
        cameras: camera → (height, width), as sorted pairs.
        task: its name.
        verdict: success, failure or empty.
        num_frames: rows.
        motion: (64, D) float32, commands at even times.
        looks: camera → (h, w, 3) float32, mean of its pictures.
    """

    path: Path
    robot: Hashable
    rate_hz: float
    cameras: tuple[tuple[str, tuple[int, int]], ...]
    task: str
    verdict: str
    num_frames: int
    motion: NDArray[np.float32]
    looks: dict[str, NDArray[np.float32]]

    @classmethod
    def of(cls, path: Path, rows: Rows, looks: dict[str, NDArray[np.float32]]) -> "EpisodeFacts":
        """Take them from an episode that has rows."""
        arms = rows.robot.arms if rows.robot is not None else ()
        at = np.linspace(0, len(rows) - 1, _POINTS).round().astype(np.int64)
        return cls(
            path, (rows.columns, rows.meta.joint_units, *map(_ends, arms)), rows.meta.rate_hz,
            tuple(sorted(rows.image_shapes.items())), rows.meta.task, rows.meta.verdict,
            len(rows), rows.actions[at].astype(np.float32), looks,
        )  # fmt: skip


def _ends(arm: ArmSpec) -> Hashable:
    """Return what the numbers of a gripper mean; limits, poses and topics may change."""
    ends = (arm.gripper.state, arm.gripper.command)
    return tuple((end.closed, end.open, end.unit) for end in ends)


def dataset_findings(facts: Sequence[EpisodeFacts]) -> Iterator[Finding]:
    """Give what is wrong between the episodes of a folder."""
    yield from _mixed(ROBOTS, facts, lambda f: f.robot, lambda _: "another robot")
    yield from _mixed(RATES, facts, lambda f: f.rate_hz, lambda f: f"{f.rate_hz:g} Hz")
    yield from _mixed(CAMERAS, facts, lambda f: f.cameras, _camera_text)
    yield from _mixed(TASKS, facts, lambda f: f.task, lambda f: f"'{f.task}'")
    failed = [f for f in facts if f.verdict == "failure"]
    if failed:
        yield FAILURES.found(f"{len(failed)} of {len(facts)} episodes: {_names(failed)}")
    yield from _duplicates(facts)
    yield from _swapped(facts)


def _mixed(
    check: Check,
    facts: Sequence[EpisodeFacts],
    key: Callable[[EpisodeFacts], Hashable],
    text: Callable[[EpisodeFacts], str],
) -> Iterator[Finding]:
    values = Counter(key(f) for f in facts)
    for value, count in values.most_common()[1:]:
        odd = [f for f in facts if key(f) == value]
        usual = next(f for f in facts if key(f) == values.most_common(1)[0][0])
        yield check.found(
            f"{count} of {len(facts)} episodes have {text(odd[0])}, most have "
            f"{text(usual) if check is not ROBOTS else 'one'}: {_names(odd)}"
        )


def _camera_text(facts: EpisodeFacts) -> str:
    sizes = [f"{name} {height}x{width}" for name, (height, width) in facts.cameras]
    return f"cameras {', '.join(sizes) or '(none)'}"


def _names(facts: Sequence[EpisodeFacts]) -> str:
    more = f" and {len(facts) - 5} more" if len(facts) > 5 else ""  # noqa: PLR2004
    return ", ".join(f.path.name for f in facts[:5]) + more


def _duplicates(facts: Sequence[EpisodeFacts]) -> Iterator[Finding]:
    groups: dict[tuple[int, ...], list[EpisodeFacts]] = {}
    for each in facts:
        groups.setdefault(each.motion.shape, []).append(each)
    for group in groups.values():
        told: set[int] = set()
        for one, others in _near(np.stack([f.motion for f in group])):
            lengths = [group[i].num_frames for i in (one, *others)]
            alike = [
                other
                for other, length in zip(others, lengths[1:], strict=True)
                if min(length, lengths[0]) >= _ALIKE_LENGTH * max(length, lengths[0])
            ]
            if alike and one not in told:
                told |= {one, *alike}
                yield DUPLICATES.found(_names([group[i] for i in sorted((one, *alike))]))


def _near(motions: NDArray[np.float32]) -> Iterator[tuple[int, list[int]]]:
    """Give each of some motions (N, points, D) with those nearly the same that sort behind it.

    In the order of one value, near ones stand near each other, and few have to be compared whole.
    """
    middle = motions[:, motions.shape[1] // 2]
    values = middle[:, int(middle.std(axis=0).argmax())]
    order = np.argsort(values, kind="stable")
    for place, one in enumerate(order.tolist()):
        last = np.searchsorted(values[order], values[one] + _DUPLICATE_RAD, side="right")
        others = order[place + 1 : int(last)]
        apart = np.abs(motions[others] - motions[one]).max(axis=(1, 2), initial=0.0)
        yield one, others[apart <= _DUPLICATE_RAD].tolist()


def _swapped(facts: Sequence[EpisodeFacts]) -> Iterator[Finding]:
    usual = {}
    for name in sorted({camera for f in facts for camera in f.looks}):
        looks = [f.looks[name] for f in facts if name in f.looks]
        if len(looks) >= _LEAST_EPISODES:
            usual[name] = np.median(np.stack(looks), axis=0)
    for each in facts:
        known = {name: look for name, look in each.looks.items() if name in usual}
        for one, other in combinations(known, 2):
            own = _far(known[one], usual[one]) + _far(known[other], usual[other])
            crossed = _far(known[one], usual[other]) + _far(known[other], usual[one])
            if _far(usual[one], usual[other]) > _APART and crossed < _NEARER * own:
                yield SWAPPED_CAMERAS.found(
                    f"{each.path.name}: '{one}' and '{other}' ({own / 2:.0f} of 255 from what "
                    f"they see in others, {crossed / 2:.0f} when exchanged)"
                )
        for name, look in known.items():
            own, turned = _far(look, usual[name]), _far(look[..., ::-1], usual[name])
            if own > _APART and turned < _NEARER * own:
                yield SWAPPED_COLOURS.found(
                    f"{each.path.name}: camera '{name}' ({own:.0f} of 255 from others, "
                    f"{turned:.0f} with red and blue exchanged)"
                )


def _far(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.abs(one - other).mean())

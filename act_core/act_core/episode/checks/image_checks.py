# SPDX-License-Identifier: Apache-2.0
"""Do the cameras of an episode see?"""

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from act_core.episode.checks.finding import Check, Finding
from act_core.episode.checks.image_scan import CameraScan
from act_core.episode.checks.rows import Rows
from act_core.episode.checks.runs import longest, runs

_FROZEN_S, _FROZEN_PART = 0.5, 0.2
_MOVED_RAD = 0.1
_REPEATED_PART = 0.65
_LOST_PART = 0.05
# Of 255. Pictures of anything have 25 and more; a covered lens's noise stays below.
_BLANK_SPREAD = 5.0
_DARK, _BRIGHT = 6.0, 249.0
_BLANK_PART = 0.2

DAMAGED = Check(
    "damaged-image", "error",
    "An image is not in the file, is cut off, or is no JPEG that can be decoded to its size.",
    "cut those rows off (act dataset trim, split) or take the episode out",
)  # fmt: skip
FROZEN = Check(
    "frozen-camera", "error",
    f"For {_FROZEN_PART:.0%} of the episode or more a camera gives one and the same picture while "
    f"the robot moves: for {_FROZEN_S:g} s and more at a time; in simulation, where pictures of "
    f"what is still are equal, only where each arm moves by more than {_MOVED_RAD:g} rad.",
    "take the episode out; look at the camera's cable and driver",
)  # fmt: skip
STALLS = Check(
    "camera-stalls", "warning", "The same, for a smaller part of the episode.",
    "look at the camera's cable and driver; cut it out: act dataset trim, split",
)  # fmt: skip
REPEATED = Check(
    "repeated-frames", "warning",
    f"More than {_REPEATED_PART:.0%} of the rows hold the frame of the row before: the camera is "
    "slower than 0.35 times the control rate.",
    "raise the camera's rate (exposure, USB bandwidth), or record at a lower one",
)  # fmt: skip
LOST = Check(
    "lost-frames", "warning",
    f"More than {_LOST_PART:.0%} of a camera's frames were sent and never came.",
    "look at the network and the load of the recording machine",
)  # fmt: skip
BLANK = Check(
    "blank-camera", "error",
    f"{_BLANK_PART:.0%} of a camera's pictures or more are black, white or of one colour: their "
    f"spread is below {_BLANK_SPREAD:g}, or their mean outside {_DARK:g} … {_BRIGHT:g}, of 255.",
    "take the episode out; look at lens cap, exposure and cable",
)  # fmt: skip
BLANKS = Check(
    "blank-images", "warning", "The same, of fewer pictures.",
    "look at the camera's cable and exposure; cut it out: act dataset trim, split",
)  # fmt: skip
TWINS = Check(
    "twin-cameras", "error", "Two cameras of an episode give the same pictures in every row.",
    "one camera's topic is named twice in the robot file: correct it and record again",
)  # fmt: skip
CHECKS = (DAMAGED, FROZEN, STALLS, REPEATED, LOST, BLANK, BLANKS, TWINS)


def image_findings(rows: Rows, scans: Mapping[str, CameraScan]) -> Iterator[Finding]:
    """Give what is wrong with the pictures of an episode that has rows of finite numbers."""
    for camera, scan in scans.items():
        if scan.damaged:
            more = f"; {len(scan.damaged)} such rows" if len(scan.damaged) > 1 else ""
            yield DAMAGED.found(f"camera '{camera}': {scan.damaged[min(scan.damaged)]}{more}")
        yield from _frozen(rows, camera, scan)
        yield from _counts(rows, camera, scan)
        yield from _blank(camera, scan)
    for (one, scan), (other, twin) in combinations(scans.items(), 2):
        if len(scan.grids) > 1 and np.array_equal(scan.grids, twin.grids):
            yield TWINS.found(f"cameras '{one}' and '{other}' have the same pictures in all rows")


def _frozen(rows: Rows, camera: str, scan: CameraScan) -> Iterator[Finding]:
    stuck = [
        (first, last)
        for first, last in (_ends(scan, each) for each in runs(scan.same))
        if (last - first + 1) * rows.period_s >= _FROZEN_S and _sees_motion(rows, first, last)
    ]
    if not stuck:
        return
    frozen = sum(last - first + 1 for first, last in stuck)
    first, last = longest(stuck)
    check = FROZEN if frozen >= _FROZEN_PART * len(rows) else STALLS
    yield check.found(
        f"camera '{camera}': one picture in rows {first} … {last} "
        f"({(last - first + 1) * rows.period_s:.1f} s); {frozen / len(rows):.0%} of the episode"
    )


def _ends(scan: CameraScan, run: tuple[int, int]) -> tuple[int, int]:
    """Return the first row and the last that show the picture of a run of `same`."""
    return int(scan.rows[max(0, run[0] - 1)]), int(scan.rows[run[1] - 1])


def _sees_motion(rows: Rows, first: int, last: int) -> bool:
    """Return whether a living camera's picture would have changed in these rows."""
    if not rows.meta.sim:
        return True  # noise changes each picture of a sensor
    moved = np.ptp(rows.positions[first : last + 1], axis=0)
    return all(bool((moved[arm] > _MOVED_RAD).any()) for arm in rows.arms)


def _counts(rows: Rows, camera: str, scan: CameraScan) -> Iterator[Finding]:
    if rows.has_stamps:
        repeated = np.diff(rows.image_ns[camera]) == 0
    elif rows.meta.sim:
        repeated = np.zeros(0, bool)  # a still scene's pictures are equal
    else:
        repeated = scan.same[1:] if len(scan.rows) == len(rows) else np.zeros(0, bool)
    part = float(repeated.mean()) if len(repeated) else 0.0
    if part > _REPEATED_PART:
        yield REPEATED.found(f"camera '{camera}': {part:.0%} of the rows")
    if count := rows.counts.get(camera):
        sent = count.frames_used + count.frames_unused + count.frames_lost
        if sent and count.frames_lost > _LOST_PART * sent:
            yield LOST.found(f"camera '{camera}': {count.frames_lost} of {sent} frames")


def _blank(camera: str, scan: CameraScan) -> Iterator[Finding]:
    blank = is_blank(scan.grids)
    if not blank.any():
        return
    mean = float(scan.grids[blank].mean())
    kind = "black" if mean < 2 * _DARK else "white" if mean > _BRIGHT - _DARK else "of one colour"
    check = BLANK if blank.mean() >= _BLANK_PART else BLANKS
    yield check.found(
        f"camera '{camera}': {int(blank.sum())} of {len(blank)} pictures looked at are {kind}, "
        f"the first in row {int(scan.grid_rows[np.argmax(blank)])}"
    )


def is_blank(grids: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return (M,) which of the pictures (M, h, w, 3) show nothing."""
    pixels = grids.reshape(len(grids), grids.shape[1] * grids.shape[2], 3)
    spread = pixels.std(axis=1, dtype=np.float32).max(axis=1)
    mean = pixels.mean(axis=(1, 2), dtype=np.float32)
    return np.asarray((spread < _BLANK_SPREAD) | (mean < _DARK) | (mean > _BRIGHT))

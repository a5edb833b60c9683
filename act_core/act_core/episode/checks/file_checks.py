# SPDX-License-Identifier: Apache-2.0
"""Is the file whole, and does it fit what it says of itself?"""

from collections.abc import Iterator

import numpy as np

from act_core.episode.checks.finding import Check, Finding
from act_core.episode.checks.rows import Rows

UNREADABLE = Check(
    "unreadable", "error",
    "The file cannot be opened, is no episode, or its parts do not fit together: lengths, "
    "numbers of columns, types, attributes, the version of the format.",
    "take it out of the folder, or record it again",
)  # fmt: skip
EMPTY = Check(
    "empty", "error", "The episode has no row.", "delete it: act dataset delete",
)  # fmt: skip
UNFINISHED = Check(
    "unfinished", "warning",
    "The recorder never closed the file; its rows are whole, its end and its verdict are missing.",
    "finish it: act dataset recover",
)  # fmt: skip
NOT_FINITE = Check(
    "not-finite", "error", "A position or action is NaN or infinite.",
    "cut those rows off or take the episode out: act dataset trim, delete",
)  # fmt: skip
BAD_ROBOT = Check(
    "bad-robot", "error",
    "The robot description in the file cannot be read, or has other columns than the file.",
    "convert the file anew with the right robot file (--robot)",
)  # fmt: skip
NO_ROBOT = Check(
    "no-robot", "warning",
    "The file carries no robot description, so what depends on limits is not checked.",
    "convert the file with a robot file (--robot)",
)  # fmt: skip
NO_CAMERA = Check(
    "no-camera", "warning",
    "The file holds no colour image, or lacks a camera that its robot description names.",
    "look at the cameras' topics in the robot file and record again",
)  # fmt: skip
IMAGE_SIZE = Check(
    "image-size", "warning",
    "A camera's images have another size than the robot description says.",
    "record with the robot file that was meant, or correct its height_px and width_px",
)  # fmt: skip
CHECKS = (
    UNREADABLE, EMPTY, UNFINISHED, NOT_FINITE, BAD_ROBOT, NO_ROBOT, NO_CAMERA, IMAGE_SIZE,
)  # fmt: skip


def file_findings(rows: Rows) -> Iterator[Finding]:
    """Give what is wrong with the file as such."""
    if not rows.meta.complete:
        yield UNFINISHED.found(f"{len(rows)} rows, and no end")
    if not len(rows):
        yield EMPTY.found("0 rows")
    for name, values in (("positions", rows.positions), ("actions", rows.actions)):
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            row, column = bad[0].tolist()
            yield NOT_FINITE.found(
                f"{len(bad)} of {values.size} {name}, the first in row {row}, column "
                f"'{rows.columns[column]}'"
            )
    yield from _robot(rows)
    yield from _cameras(rows)


def _robot(rows: Rows) -> Iterator[Finding]:
    if rows.robot_fault:
        yield BAD_ROBOT.found(rows.robot_fault)
    elif rows.robot is None:
        yield NO_ROBOT.found("/meta has an empty robot_yaml")
    elif rows.robot.columns != rows.columns:
        odd = sorted(set(rows.columns) ^ set(rows.robot.columns))
        names = f"; not in both: {', '.join(odd[:6])}" if odd else ", in another order"
        yield BAD_ROBOT.found(
            f"the file has {len(rows.columns)} columns, robot '{rows.robot.name}' has "
            f"{rows.robot.dim}{names}"
        )


def _cameras(rows: Rows) -> Iterator[Finding]:
    wanted = {c.name: (c.height_px, c.width_px) for c in rows.robot.cameras} if rows.robot else {}
    lacking = sorted(set(wanted) - set(rows.image_ns))
    if lacking:
        there = ", ".join(sorted(rows.image_ns)) or "no camera"
        yield NO_CAMERA.found(f"no images of {', '.join(lacking)}; the file has {there}")
    elif not rows.image_ns:
        yield NO_CAMERA.found("no colour images in /observations/images")
    for camera, got in sorted(rows.image_shapes.items()):
        if camera in wanted and got != wanted[camera]:
            yield IMAGE_SIZE.found(
                f"camera '{camera}' has {got[0]} x {got[1]} px (height x width), its robot says "
                f"{wanted[camera][0]} x {wanted[camera][1]}"
            )

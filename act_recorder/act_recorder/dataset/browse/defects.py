# SPDX-License-Identifier: Apache-2.0
"""What is wrong with an episode, as the page shows it: the findings of `validate`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from act_core.episode.checks.check_episode import Thoroughness, check_episode
from act_core.robot.robot_spec import RobotSpec

# A page shall not read a hundred gigabytes to open; `validate` looks at every image.
IMAGES_LOOKED_AT = 50


@dataclass(frozen=True)
class Defect:
    """One finding.

    Attributes:
        code: what people filter by.
        severity: `error` or `warning`.
        text: what was found, with numbers.
    """

    code: str
    severity: str
    text: str


# It reads far into the file, so it is called behind the page's back, one episode at a time.
Inspect = Callable[[Path], Sequence[Defect]]


def findings(robot: RobotSpec | None) -> Inspect:
    """Return what looks for the defects that `validate` knows, at some of the images."""
    how = Thoroughness(num_images=IMAGES_LOOKED_AT, robot=robot)

    def inspect(path: Path) -> list[Defect]:
        return [
            Defect(found.check.code, found.check.severity, f"{found.text}; {found.check.remedy}")
            for found in check_episode(path, how).findings
        ]

    return inspect

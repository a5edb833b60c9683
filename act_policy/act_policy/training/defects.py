# SPDX-License-Identifier: Apache-2.0
"""A look at the episodes before a training of hours on them."""

import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from act_core.episode.checks.check_episode import Thoroughness, check_folder
from act_core.episode.checks.check_files import check_files
from act_core.robot.robot_spec import RobotSpec
from act_policy.errors import DatasetError

# Of each camera: enough to see one that is frozen, dark or swapped; `validate` looks at all.
_IMAGES = 12
_MOST_LINES = 10


def refuse_defects(paths: Sequence[Path], chunk_size: int, robot: RobotSpec | None = None) -> None:
    """Print what may be wrong with episodes of a folder, as `act dataset validate` finds it.

    Args:
        paths: the episodes.
        chunk_size: actions in a chunk.
        robot: of files that do not say theirs.

    Raises:
        DatasetError: there are errors among it; says which.
    """
    how = Thoroughness(chunk_size, _IMAGES, robot)
    done = tqdm(
        check_files(paths, how), "looking for defects", len(paths), unit="episode", leave=False,
        disable=None,
    )  # fmt: skip
    reports = sorted(done, key=lambda report: paths.index(report.path))
    found = [(f"{report.path}: ", f) for report in reports for f in report.findings]
    found += [("", finding) for finding in check_folder(None, reports)]
    errors = [f"{where}{finding}" for where, finding in found if finding.is_error]
    warnings = [f"{where}{finding}" for where, finding in found if not finding.is_error]
    sys.stderr.writelines(f"{line}\n" for line in _first(warnings))
    if errors:
        folder = paths[0].parent
        raise DatasetError(
            "\n  ".join(["episodes with defects are not trained on:", *_first(errors)])
            + f"\nAll of it: act dataset validate {folder}; to train on them all the same: "
            "--set validate_episodes=false"
        )


def _first(lines: Sequence[str]) -> list[str]:
    more = [f"… and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
    return [*lines[:_MOST_LINES], *more]

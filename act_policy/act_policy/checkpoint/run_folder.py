# SPDX-License-Identifier: Apache-2.0
"""The checkpoints of a training run: `step_<n>` each, and links to the best of them."""

import os
import re
from pathlib import Path

from act_policy.checkpoint.description import read_description

BY_VALIDATION = "best_by_validation"
BY_ROLLOUTS = "best_by_rollouts"
_STEP = re.compile(r"step_(\d+)")


def step_folder(run: Path, step: int) -> Path:
    """Return the folder of the checkpoint at `step`."""
    return run / f"step_{step:06d}"


def checkpoints_of(run: Path) -> dict[int, Path]:
    """Return step → checkpoint, in the order of the steps; empty where there is none."""
    if not run.is_dir():
        return {}
    found = {int(m[1]): p for p in run.iterdir() if (m := _STEP.fullmatch(p.name)) and p.is_dir()}
    return dict(sorted(found.items()))


def best_of(run: Path) -> Path | None:
    """Return the checkpoint to drive with: best by rollouts, by validation, or the newest."""
    for name in (BY_ROLLOUTS, BY_VALIDATION):
        if (run / name).is_dir():
            return (run / name).resolve()
    return next(reversed(checkpoints_of(run).values()), None)


def mark_best_by_validation(checkpoint: Path) -> None:
    """Let the run's link lead to `checkpoint` if its held-out L1 is below that of the last one."""
    link = checkpoint.with_name(BY_VALIDATION)
    if not link.is_dir() or _held_out_l1(checkpoint) < _held_out_l1(link):
        mark_best(checkpoint, BY_VALIDATION)


def _held_out_l1(checkpoint: Path) -> float:
    return float(read_description(checkpoint).provenance["validation"]["l1"])


def mark_best(checkpoint: Path, name: str) -> None:
    """Let the link `name` in the checkpoint's run lead to it."""
    partial = checkpoint.with_name(f"{name}.partial")
    partial.unlink(missing_ok=True)
    partial.symlink_to(checkpoint.name, target_is_directory=True)
    os.replace(partial, checkpoint.with_name(name))

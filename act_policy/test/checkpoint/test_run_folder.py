# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np
import pytest

from act_policy.checkpoint.checkpoint import save_checkpoint
from act_policy.checkpoint.find_checkpoint import find_checkpoint
from act_policy.checkpoint.run_folder import (
    BY_ROLLOUTS,
    BY_VALIDATION,
    best_of,
    checkpoints_of,
    mark_best,
    mark_best_by_validation,
    step_folder,
)
from act_policy.testing import make_checkpoint


@pytest.fixture
def run(tmp_path):
    rows = np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32)
    made = make_checkpoint(rows, rows)
    for step, l1 in ((500, 0.3), (1000, 0.1), (20000, 0.2)):
        told = {"step": step, "validation": {"l1": l1}}
        save_checkpoint(step_folder(tmp_path, step), replace(made, provenance=told))
    (tmp_path / "tensorboard").mkdir()
    return tmp_path


def test_a_run_is_found_by_its_newest_best_validated_or_best_driving_checkpoint(run):
    assert list(checkpoints_of(run)) == [500, 1000, 20000]
    assert find_checkpoint(str(run)) == run / "step_020000"
    for folder in checkpoints_of(run).values():
        mark_best_by_validation(folder)
    assert best_of(run) == find_checkpoint(str(run)) == run / "step_001000"
    assert (run / BY_VALIDATION).is_symlink()
    mark_best(run / "step_000500", BY_ROLLOUTS)
    assert find_checkpoint(str(run)) == run / "step_000500"
    # Moved with its run, it still leads there.
    moved = run.rename(run.with_name(f"{run.name}_moved"))
    assert find_checkpoint(str(moved)) == moved / "step_000500"


def test_a_checkpoint_itself_is_found_and_other_folders_are_not_taken_for_runs(run):
    assert find_checkpoint(str(run / "step_001000")) == run / "step_001000"
    assert best_of(run / "tensorboard") is None
    assert best_of(run / "absent") is None

# SPDX-License-Identifier: Apache-2.0
"""What is told of a training run: success over its steps, and errors over joints and horizon."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from act_bringup.cli.main import main
from act_bringup.studies.training_steps import best_row
from act_policy.checkpoint.checkpoint import load_checkpoint, save_checkpoint
from act_policy.checkpoint.find_checkpoint import find_checkpoint
from act_policy.model.act import ACT

pytestmark = [pytest.mark.sim, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def run(tmp_path: Path, checkpoint: Path) -> Path:
    """A run whose first checkpoint knows nothing and whose second is the shipped policy."""
    known = load_checkpoint(checkpoint)
    torch.manual_seed(0)
    ignorant = replace(
        known, weights=ACT(known.config).state_dict(), provenance={"validation": {"l1": 1.0}}
    )
    save_checkpoint(tmp_path / "run" / "step_000050", ignorant)
    shutil.copytree(checkpoint, tmp_path / "run" / "step_000100")
    return tmp_path / "run"


def test_success_rises_over_the_steps_and_the_best_is_taken_from_then_on(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, plot = tmp_path / "steps.json", tmp_path / "steps.png"
    words = ["study", "steps", str(run), "--episodes", "1", "--processes", "1", "--out", str(out)]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("| 50 | 1.0000 | 0/1 | 0.000 … 0.793 | 0 | 0 0 0 0 |")
    assert lines[3].startswith("| 100 | 0.0409 | 1/1 | 0.207 … 1.000 | 1 | 1 1 1 1 |")
    assert lines[-1].startswith("best: step 100, 1/1; ")
    assert find_checkpoint(str(run)) == run / "step_000100"
    # A second call rolls nothing out again, and draws.
    assert main([*words, "--plot", str(plot)]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines() == lines
    assert captured.err == ""
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert [row["step"] for row in json.loads(out.read_text())["rows"]] == [50, 100]


def test_the_best_row_is_that_of_most_successes_then_of_those_held_then_the_later() -> None:
    rows = [
        {"step": s, "successes": n, "held": h}
        for s, n, h in [(1, 4, 4), (2, 5, 3), (3, 5, 4), (4, 5, 4), (5, 5, 2)]
    ]
    assert best_row(rows)["step"] == 4


def test_a_folder_that_is_no_run_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["study", "steps", str(tmp_path)]) == 1
    assert capsys.readouterr().err.endswith(
        "has no step_<n> in it, expected a run folder of act train\n"
    )


def test_open_loop_errors_of_a_policy_that_knows_are_far_below_those_of_standing_still(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, plot = tmp_path / "data", tmp_path / "open_loop.png"
    words = ["demonstrate", "--episodes", "1", "--first-seed", "40", "--processes", "1"]
    assert main([*words, "--dataset-dir", str(data)]) == 0
    capsys.readouterr()
    words = ["study", "open_loop", "transfer_cube", "--samples", "20", "--engine", "torch"]
    assert main([*words, "--dataset", str(data), "--plot", str(plot)]) == 0
    rows = [line.split("|")[1:4] for line in capsys.readouterr().out.splitlines()[2:]]
    ahead, error, still = np.array(rows, float).T
    assert ahead.tolist() == [1, 5, 10, 25, 50, 100]
    assert np.all(np.diff(still) > 0)
    assert error[2:].max() < 0.05
    assert np.all(error[3:] < 0.4 * still[3:])
    assert plot.read_bytes().startswith(b"\x89PNG")
    # Its own held-out episodes are not here.
    assert main(["study", "open_loop", "transfer_cube"]) == 1
    assert "held-out episodes: " in capsys.readouterr().err


def test_modes_are_driven_told_and_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plot = tmp_path / "modes.png"
    words = ["study", "modes", "--episodes", "1", "--processes", "1", "--modes", "whole chunk"]
    assert main([*words, "--plot", str(plot)]) == 0
    (row,) = (line.split("|") for line in capsys.readouterr().out.splitlines()[-1:])
    assert row[3].strip() == "1/1"
    assert abs(float(row[7])) < 10  # ticks behind the demonstrator, whom it was trained on
    assert float(row[8]) > 5.0
    assert plot.read_bytes().startswith(b"\x89PNG")

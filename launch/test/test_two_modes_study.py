# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from act_bringup.studies.two_modes import KINDS, OBSTACLE_M, demonstrations, driven, main, trained

MIDDLE = 10


def test_demonstrations_pass_on_either_side_and_never_through() -> None:
    across = demonstrations(1000, torch.Generator().manual_seed(0))[:, MIDDLE, 1].numpy()
    assert abs((across > 0).mean() - 0.5) < 0.05
    assert np.abs(across).min() > 2 * OBSTACLE_M


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_squared_error_drives_into_the_obstacle_and_a_live_latent_around_it() -> None:
    def passes(name: str) -> np.ndarray:
        kind = next(kind for kind in KINDS if kind.name == name)
        model, _ = trained(kind, 300, seed=0)
        return driven(model, sampled=kind.sampled, seed=0)[:, MIDDLE, 1]

    cloned = passes("cloning, squared error")
    assert np.abs(cloned).max() < OBSTACLE_M
    assert np.ptp(cloned) < 1e-6  # one observation, one motion
    sampled = passes("ACT, KL weight 0.01, z sampled")
    assert (sampled > OBSTACLE_M).mean() > 0.2
    assert (sampled < -OBSTACLE_M).mean() > 0.2


def test_it_prints_draws_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plot, out = tmp_path / "p.png", tmp_path / "o.json"
    assert main(["--steps", "2", "--plot", str(plot), "--out", str(out)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 2 + len(KINDS)
    rows = json.loads(out.read_text())["rows"]
    for row in rows:
        assert row["left"] + row["right"] + row["into"] == pytest.approx(1.0)
    assert plot.read_bytes().startswith(b"\x89PNG")

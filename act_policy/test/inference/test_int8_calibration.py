# SPDX-License-Identifier: Apache-2.0
"""Eight bits: calibrated on recorded observations, or refused."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from act_policy.errors import EngineError
from act_policy.inference.compile_engine import compile_engine
from act_policy.inference.driving_network import DrivingNetwork
from act_policy.inference.engine import build_engine
from act_policy.inference.engine_names import CALIBRATED, EXACT
from act_policy.testing import make_checkpoint

RNG = np.random.default_rng(0)
ROWS = RNG.normal(1.0, 2.0, (20, 3)).astype(np.float32)
CHECKPOINT = make_checkpoint(ROWS, ROWS, image_height_px=32, image_width_px=32, chunk_size=4)
RECORDED = [(row, RNG.integers(0, 256, (1, 32, 32, 3), dtype=np.uint8)) for row in ROWS]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACT_CACHE_DIR", str(tmp_path / "cache"))


def test_what_was_not_calibrated_is_refused_with_what_to_do() -> None:
    said = (
        "^engine openvino_int8: this checkpoint was not calibrated on this machine; run: act "
        "checkpoint compile CHECKPOINT --engine openvino_int8 --dataset DIR, with episodes like "
        "those that it was trained on$"
    )
    with pytest.raises(EngineError, match=said):
        list(compile_engine(CHECKPOINT, CALIBRATED))


def test_calibrated_it_follows_the_observations_that_it_has_not_seen() -> None:
    _, difference, _ = compile_engine(CHECKPOINT, CALIBRATED, recorded=RECORDED)
    assert "of 10 observations (recorded)" in difference
    assert sys.modules["openvino_telemetry"] is None  # NNCF would report to it
    network = DrivingNetwork(CHECKPOINT, torch.device("cpu")).eval()
    built, exact = (build_engine(name, network) for name in (CALIBRATED, EXACT))
    unseen = RECORDED[1::2]
    chunks, expected = (np.array([e.run(*each) for each in unseen]) for e in (built, exact))
    told = re.search(r"by (\S+) at most", difference)
    assert told
    assert np.abs(chunks - expected).max() == pytest.approx(float(told[1]), rel=0.05)
    assert np.abs(chunks - expected).max() > 1e-5  # it is in eight bits
    moved, expected_to = (each - each.mean(0) for each in (chunks, expected))
    assert np.linalg.norm(moved - expected_to) < 0.2 * np.linalg.norm(expected_to)


def test_without_nncf_it_is_told_what_to_install() -> None:
    script = (
        "import sys; sys.modules['nncf'] = None\n"
        "from act_policy.inference.int8_calibration import calibrate\n"
        "calibrate(None, [])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=100
    )
    assert "EngineError: NNCF cannot be used: " in done.stderr
    assert "install the group 'engines' of pyproject.toml" in done.stderr

# SPDX-License-Identifier: Apache-2.0
"""Studies that train: what they tell of networks, and that an interrupted one goes on."""

from pathlib import Path

import numpy as np
import pytest

from act_bringup.cli.main import main
from act_bringup.studies.sweeps import kl_weight
from act_bringup.studies.sweeps.kl_weight import latent_report
from act_bringup.studies.sweeps.sweep import Variant
from act_policy.checkpoint.description import read_description
from act_policy.checkpoint.run_folder import checkpoints_of

pytestmark = [pytest.mark.sim, pytest.mark.slow, pytest.mark.timeout(300)]

SMALL = [
    "--set", "model.dim_model=16", "--set", "model.n_heads=2", "--set", "model.dim_feedforward=16",
    "--set", "image_size_px=[32,32]", "--set", "batch_size=2", "--set", "num_workers=0",
    "--set", "validation_fraction=0.5", "--set", "validation_samples=4",
]  # fmt: skip


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two demonstrations of the small cell."""
    folder = tmp_path_factory.mktemp("blocks")
    words = ["--robot", "desk_arm", "--task", "place_block", "--episodes", "2"]
    assert main(["demonstrate", *words, "--processes", "1", "--dataset-dir", str(folder)]) == 0
    return folder


def test_chunk_sizes_are_trained_judged_and_driven_once(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs, plot = tmp_path / "runs", tmp_path / "chunk_size.png"
    words = ["study", "chunk_size", "--dataset", str(dataset), "--runs", str(runs), *SMALL]
    words += ["--set", "steps=2", "--sizes", "1", "8", "--episodes", "1", "--samples", "6"]
    words += ["--processes", "1"]
    assert main(words) == 0
    first, second = capsys.readouterr().out.splitlines()[2:]
    assert first.split("|")[1:5][3].strip() == "–"  # single actions cannot disagree
    assert first.startswith("| 1 | ")
    assert second.startswith("| 8 | ")
    assert float(second.split("|")[4]) > 0
    trained_at = {p: p.stat().st_mtime_ns for p in runs.glob("*/step_000002")}
    assert len(trained_at) == 2
    assert main([*words, "--plot", str(plot)]) == 0
    assert {p: p.stat().st_mtime_ns for p in runs.glob("*/step_000002")} == trained_at
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_kl_weights_make_a_table_and_a_picture(
    dataset: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(kl_weight, "VARIANTS", kl_weight.VARIANTS[:1])
    plot = tmp_path / "kl.png"
    words = ["study", "kl_weight", "--dataset", str(dataset), "--runs", str(tmp_path / "runs")]
    words += [*SMALL, "--set", "steps=2", "--samples", "6", "--plot", str(plot)]
    assert main(words) == 0
    rows = capsys.readouterr().out.splitlines()[2:]
    assert [row.split("|")[1].strip() for row in rows] == ["kl_0.1"]
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_a_weightless_kl_leaves_a_latent_that_tells_and_a_heavy_one_none(
    dataset: Path, tmp_path: Path
) -> None:
    variants = [Variant(f"kl_{w}", (f"model.kl_weight={w}",)) for w in (0.0, 1000.0)]
    free, heavy = (report(dataset, tmp_path / v.name, v) for v in variants)
    assert free.kl_nats > 5 * heavy.kl_nats
    assert free.active_units >= heavy.active_units
    # With the latent that has seen the actions, and with none, a heavy KL makes no difference.
    assert abs(heavy.l1_posterior - heavy.l1_zero) < 0.02
    assert np.isfinite(free.l1_sampled)


def report(dataset: Path, run: Path, variant: Variant) -> kl_weight.LatentReport:
    words = ["train", "--config", "desk_arm", "--dataset", str(dataset), "--out", str(run)]
    words += [*SMALL, "--set", "steps=60", "--set", "checkpoint_interval_steps=60"]
    for setting in (*variant.settings, "learning_rate=3.0e-3", "loss.kl_schedule=constant"):
        words += ["--set", setting]
    assert main(words) == 0
    return latent_report(checkpoints_of(run)[60], samples=20)


def test_demonstrations_are_made_trained_on_and_driven_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plot, out = tmp_path / "data.png", tmp_path / "data.json"
    words = ["study", "data", "--runs", str(tmp_path / "runs"), "--out", str(out), *SMALL]
    words += ["--set", "steps=2", "--demonstrations", "2", "--episodes", "1", "--processes", "1"]
    assert main([*words, "--only", "both", "as_it_is"]) == 0
    table = capsys.readouterr().out.splitlines()[-2:]
    assert table[0].startswith("| 2, even starts, disturbed | 0/1 | ")
    assert table[1].startswith("| both cameras | 0/1 | ")
    # One folder of demonstrations serves both.
    assert len(list((tmp_path / "runs/episodes/2_even_1").glob("*.hdf5"))) == 2
    assert read_description(tmp_path / "runs/both/step_000002").config.cameras == ("top", "front")
    assert main([*words, "--only", "both", "as_it_is", "--plot", str(plot)]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == table
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert main([*words, "--task", "insertion"]) == 1
    assert "is of task place_block and robot desk_arm alone" in capsys.readouterr().err
    assert main([*words, "--only", "doubel"]) == 1
    assert "unknown difference 'doubel'; did you mean 'double'?" in capsys.readouterr().err

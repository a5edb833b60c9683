# SPDX-License-Identifier: Apache-2.0
"""The first start on a machine translates, the next one reads; a bad cache costs time alone."""

import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from act_policy.inference import openvino_engine
from act_policy.inference.compile_engine import compile_engine
from act_policy.inference.engine_cache import KEPT, cache_folder, fingerprint
from act_policy.inference.network_policy import NetworkPolicy
from act_policy.inference.openvino_engine import FILE
from act_policy.testing import make_checkpoint

ROWS = np.random.default_rng(0).normal(1.0, 2.0, (9, 3)).astype(np.float32)
CHECKPOINT = make_checkpoint(ROWS, ROWS, image_height_px=32, image_width_px=32, chunk_size=4)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ACT_CACHE_DIR", str(tmp_path / "cache"))
    return cache_folder()


@pytest.fixture
def translations(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the translations that are made."""
    made: list[int] = []
    translate = openvino_engine.translate
    monkeypatch.setattr(openvino_engine, "translate", lambda *a: made.append(1) or translate(*a))
    return made


def _chunk() -> np.ndarray:
    policy = NetworkPolicy(CHECKPOINT, engine="openvino", num_threads=1)
    return policy.predict_chunk(*policy.example_observation())


def test_the_second_start_reads_what_the_first_has_kept(folder, translations):
    first = _chunk()
    (entry,) = folder.iterdir()
    assert sorted(f.name for f in entry.iterdir()) == ["network.bin", FILE]
    np.testing.assert_array_equal(_chunk(), first)
    assert translations == [1]


@pytest.mark.parametrize("name", [FILE, "network.bin"])
@pytest.mark.parametrize("damage", [b"", b"not a network"])
def test_a_damaged_entry_is_translated_anew(folder, translations, name, damage):
    first = _chunk()
    (entry,) = folder.iterdir()
    (entry / name).write_bytes(damage)
    for _ in range(2):
        np.testing.assert_array_equal(_chunk(), first)
    assert (entry / name).stat().st_size > 10_000
    assert translations == [1, 1]


def test_a_cache_that_cannot_be_written_to_costs_time_and_nothing_else(folder, translations):
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where the folder should be")
    np.testing.assert_array_equal(_chunk(), _chunk())
    assert translations == [1, 1]
    assert folder.read_text() == "a file where the folder should be"


def test_whatever_changes_the_network_changes_its_name():
    weights = dict(CHECKPOINT.weights)
    name = sorted(weights)[0]
    weights[name] = weights[name] + 1e-6
    scaled = replace(
        CHECKPOINT.statistics, state_mean=CHECKPOINT.statistics.state_mean + np.float32(1e-3)
    )
    names = {
        fingerprint(CHECKPOINT, "a 1"),
        fingerprint(CHECKPOINT, "a 2"),
        fingerprint(replace(CHECKPOINT, weights=weights), "a 1"),
        fingerprint(replace(CHECKPOINT, statistics=scaled), "a 1"),
    }
    assert len(names) == 4
    assert fingerprint(CHECKPOINT, "a 1") in names


def test_only_the_newest_are_kept(folder):
    for age in range(KEPT + 3):
        (folder / f"old{age}").mkdir(parents=True)
        os.utime(folder / f"old{age}", (1000 - age, 1000 - age))
    _chunk()
    left = sorted(e.name for e in folder.iterdir() if e.name.startswith("old"))
    assert left == [f"old{age}" for age in range(KEPT - 1)]


def test_compile_says_what_it_gains_and_where_it_is_kept(folder):
    gain, difference, where = compile_engine(CHECKPOINT, "openvino")
    assert re.fullmatch(
        r"engine openvino: [\d.]+ ms a prediction, torch [\d.]+ ms, with 1 threads", gain
    )
    assert re.fullmatch(
        r"differs from torch's float32 by \S+ at most, by \S+ in the median of 1 observations "
        r"\(mean positions, black\); a node with a smaller engine_tolerance uses torch",
        difference,
    )
    assert where == f"kept in {folder.parent}, which may be deleted at any time"
    (nothing,) = compile_engine(CHECKPOINT, "torch")
    told = make_checkpoint(ROWS, ROWS, prefix_size=2)
    assert len(list(compile_engine(told, "openvino"))) == 3
    assert nothing.startswith("engine torch: nothing to translate, ")


def test_a_damaged_onnx_network_is_exported_anew(folder):
    def chunk():
        policy = NetworkPolicy(CHECKPOINT, engine="onnxruntime", num_threads=1)
        return policy.predict_chunk(*policy.example_observation())

    first = chunk()
    (entry,) = folder.iterdir()
    (entry / "network.onnx").write_bytes(b"not a network")
    np.testing.assert_array_equal(chunk(), first)
    assert (entry / "network.onnx").stat().st_size > 10_000

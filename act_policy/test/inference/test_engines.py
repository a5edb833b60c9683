# SPDX-License-Identifier: Apache-2.0
"""Engines against torch's float32, on one small network with random weights."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from act_policy.checkpoint.checkpoint import Checkpoint, save_checkpoint
from act_policy.errors import EngineError, PolicyInputError
from act_policy.inference.driving_network import DrivingNetwork
from act_policy.inference.engine import build_engine, largest_difference
from act_policy.inference.engine_names import AUTO, EXACT, ON_GPU, ON_PROCESSOR
from act_policy.inference.network_policy import NetworkPolicy
from act_policy.inference.openvino_engine import best_engine, import_openvino
from act_policy.testing import make_checkpoint

ROWS = np.random.default_rng(0).normal(1.0, 2.0, (9, 3)).astype(np.float32)
CHECKPOINT = make_checkpoint(
    ROWS, ROWS, cameras=("top", "wrist"), image_height_px=64, image_width_px=96, chunk_size=6
)
TOLD = make_checkpoint(
    ROWS, ROWS, cameras=("top", "wrist"), image_height_px=64, image_width_px=96, chunk_size=6,
    prefix_size=2, delta_actions=True,
)  # fmt: skip
HAS_BF16 = "BF16" in import_openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
needs_bf16 = pytest.mark.skipif(not HAS_BF16, reason="this processor has no bfloat16")


def _observation(seed: int) -> tuple[NDArray[np.float64], dict[str, NDArray[np.uint8]]]:
    rng = np.random.default_rng(seed)
    images = {c: rng.integers(0, 256, (64, 96, 3), dtype=np.uint8) for c in ("wrist", "top")}
    return rng.normal(1.0, 2.0, 3), images


@pytest.mark.parametrize(
    ("engine", "tolerance"),
    [
        ("openvino", 1e-5),
        pytest.param("openvino_bf16", 0.05, marks=needs_bf16),
        ("onnxruntime", 1e-5),
        pytest.param("torch_compile", 1e-5, marks=pytest.mark.timeout(180)),
    ],
)
def test_an_engine_predicts_what_torch_predicts(engine: str, tolerance: float) -> None:
    policy = NetworkPolicy(CHECKPOINT, engine=engine, num_threads=1)
    exact = NetworkPolicy(CHECKPOINT)
    chunks = []
    for seed in range(5):
        observation = _observation(seed)
        chunk = policy.predict_chunk(*observation)
        assert chunk.dtype == np.float32
        np.testing.assert_allclose(chunk, exact.predict_chunk(*observation), atol=tolerance)
        chunks.append(chunk)
    assert np.ptp(chunks, axis=0).max() > 3 * tolerance  # they follow the observation
    np.testing.assert_array_equal(policy.predict_chunk(*_observation(0)), chunks[0])
    assert policy.describe()["engine"] == engine


@pytest.mark.parametrize("engine", [EXACT, "openvino", "onnxruntime"])
def test_an_engine_takes_as_many_known_actions_as_there_are(engine: str) -> None:
    policy, exact = NetworkPolicy(TOLD, engine=engine, num_threads=1), NetworkPolicy(TOLD)
    positions, images = _observation(0)
    chunks = []
    for known in (0, 1, 2):
        prefix = ROWS[:known].astype(np.float64)
        chunk = policy.predict_chunk(positions, images, prefix)
        np.testing.assert_array_equal(chunk[:known], ROWS[:known])
        expected = exact.predict_chunk(positions, images, prefix)
        np.testing.assert_allclose(chunk, expected, atol=1e-5)
        chunks.append(chunk[2:])
    assert abs(chunks[0] - chunks[1]).max() > 1e-3
    assert abs(chunks[1] - chunks[2]).max() > 1e-3
    np.testing.assert_allclose(policy.predict_chunk(positions, images)[2:], chunks[0], atol=1e-5)


def test_an_engine_that_is_wrong_only_where_actions_are_known_gives_way_to_torch() -> None:
    class Forgetful:
        name = "openvino"

        def run(
            self, vector: NDArray[np.float32], images: NDArray[np.uint8]
        ) -> NDArray[np.float32]:
            return policy._exact.run(np.where(np.arange(len(vector)) < 3, vector, 0), images)

    policy = NetworkPolicy(TOLD)
    policy._engine = Forgetful()
    positions, images = _observation(0)
    difference = policy.check_engine(positions, images, tolerance=1e-3)
    assert difference is not None
    assert difference > 1e-3
    assert policy.engine == EXACT


def test_more_known_actions_than_the_network_takes_are_refused() -> None:
    with pytest.raises(PolicyInputError) as caught:
        NetworkPolicy(CHECKPOINT).predict_chunk(*_observation(0), ROWS[:1])
    assert str(caught.value) == (
        "prefix has shape (1, 3), the policy takes at most 0 actions of 3 columns"
    )


def test_an_engine_within_the_tolerance_stays_and_one_beyond_it_gives_way_to_torch() -> None:
    policy, observation = NetworkPolicy(CHECKPOINT, engine="openvino"), _observation(0)
    difference = policy.check_engine(*observation, tolerance=1e-3)
    assert difference is not None
    assert 0 < difference < 1e-5
    assert policy.engine == "openvino"
    assert policy.check_engine(*observation, tolerance=0.0) == difference
    assert policy.engine == EXACT
    exact = NetworkPolicy(CHECKPOINT).predict_chunk(*observation)
    np.testing.assert_array_equal(policy.predict_chunk(*observation), exact)
    assert policy.check_engine(*observation, tolerance=0.0) is None


def test_auto_is_the_fastest_here_and_torch_elsewhere() -> None:
    network = DrivingNetwork(CHECKPOINT, torch.device("cpu"))
    flags = Path("/proc/cpuinfo").read_text()
    native = "amx_bf16" in flags or "avx512_bf16" in flags
    assert build_engine(AUTO, network).name == ("openvino_bf16" if native else "openvino")
    network.device = torch.device("cuda")
    assert best_engine(network) == "cuda_graph"


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_chunk_that_is_not_finite_is_infinitely_far_off(value: float) -> None:
    chunk = np.zeros((4, 3))
    chunk[2, 1] = value
    assert largest_difference(chunk, np.zeros((4, 3))) == np.inf


def test_an_engine_of_the_processor_refuses_a_network_that_is_elsewhere() -> None:
    network = DrivingNetwork(CHECKPOINT, torch.device("cpu"))
    network.device = torch.device("cuda")
    for name in ON_PROCESSOR:
        with pytest.raises(
            EngineError, match=f"^engine {name} runs on the processor, not on cuda"
        ):
            build_engine(name, network)


def test_an_engine_of_a_gpu_refuses_a_network_on_the_processor() -> None:
    network = DrivingNetwork(CHECKPOINT, torch.device("cpu"))
    for name in ON_GPU:
        with pytest.raises(EngineError, match=f"^engine {name} runs on a GPU, not on cpu; use d"):
            build_engine(name, network)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no GPU here")
@pytest.mark.parametrize(
    ("engine", "tolerance"), [("cuda_graph", 1e-3), ("cuda_graph_bf16", 0.05)]
)
@pytest.mark.parametrize("checkpoint", [CHECKPOINT, TOLD], ids=["published", "told"])
def test_a_recorded_graph_follows_its_observation(
    engine: str, tolerance: float, checkpoint: Checkpoint
) -> None:
    policy = NetworkPolicy(checkpoint, "cuda", engine)
    exact = NetworkPolicy(checkpoint, "cuda")
    chunks, prefix = [], ROWS[: checkpoint.config.prefix_size]
    for seed in (0, 1, 2, 0):
        chunks.append(policy.predict_chunk(*_observation(seed), prefix))
        expected = exact.predict_chunk(*_observation(seed), prefix)
        np.testing.assert_allclose(chunks[-1], expected, atol=tolerance)
    np.testing.assert_array_equal(chunks[0], chunks[3])
    assert np.ptp(chunks, axis=0).max() > 3 * tolerance


def _run(script: str, folder: Path, engine: str = "openvino") -> str:
    save_checkpoint(folder, CHECKPOINT)
    load = (
        "from pathlib import Path; from act_policy.inference.network_policy import NetworkPolicy; "
        f"NetworkPolicy.load(Path({str(folder)!r}), engine={engine!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script.replace("LOAD", load)],
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_what_is_not_installed_is_told_with_what_to_do(tmp_path: Path) -> None:
    said = _run("import sys; sys.modules['openvino'] = None; LOAD", tmp_path / "c")
    assert "EngineError: OpenVINO cannot be used: " in said
    assert "install the one that pyproject.toml pins, or use engine torch" in said


def test_without_a_compiler_torch_compile_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CXX", "/nonexistent")
    monkeypatch.setenv("ACT_CACHE_DIR", str(tmp_path / "cache"))
    said = _run("LOAD", tmp_path / "c", "torch_compile")
    assert "EngineError: engine torch_compile: torch cannot compile here: InvalidCxx" in said
    assert said.strip().endswith("it needs a C++ compiler (g++), or use engine torch")


def test_openvino_reports_to_nobody(tmp_path: Path) -> None:
    said = _run(
        "import sys; LOAD; print('telemetry', sys.modules['openvino_telemetry'], "
        "[m for m in sys.modules if m.startswith('openvino_telemetry.')])",
        tmp_path / "c",
    )
    assert said.strip().endswith("telemetry None []")


@needs_bf16
@pytest.mark.parametrize(("n_heads", "height_px", "width_px"), [(8, 64, 96), (4, 32, 64)])
def test_bfloat16_is_not_used_where_openvino_mixes_heads_and_tokens_up(
    n_heads: int, height_px: int, width_px: int
) -> None:
    # As many tokens of the encoder as heads: two, and 2x3 or 1x2 of the image.
    checkpoint = make_checkpoint(
        ROWS, ROWS, n_heads=n_heads, image_height_px=height_px, image_width_px=width_px
    )
    network = DrivingNetwork(checkpoint, torch.device("cpu")).eval()
    assert best_engine(network) == "openvino"
    with pytest.raises(EngineError, match=f"many tokens as heads, {n_heads} here; use openvino"):
        build_engine("openvino_bf16", network)
    more_heads = make_checkpoint(
        ROWS, ROWS, n_heads=16, image_height_px=height_px, image_width_px=width_px
    )
    other = DrivingNetwork(more_heads, torch.device("cpu")).eval()
    build_engine("openvino_bf16", other)

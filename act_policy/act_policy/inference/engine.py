# SPDX-License-Identifier: Apache-2.0
"""Engines: what can run the network, by name."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from act_policy.errors import EngineError
from act_policy.inference.compiled_engine import CompiledEngine
from act_policy.inference.cuda_engine import CudaGraphEngine
from act_policy.inference.driving_network import DrivingNetwork
from act_policy.inference.engine_names import AUTO, COMPILED, EXACT, ON_GPU, ON_PROCESSOR, ONNX
from act_policy.inference.onnx_engine import OnnxEngine
from act_policy.inference.openvino_engine import OpenVinoEngine, best_engine
from act_policy.inference.torch_engine import TorchEngine


class Engine(Protocol):
    """Runs one network on one observation at a time.

    Attributes:
        name: one of engine_names.ENGINES.
    """

    name: str

    def run(self, state: NDArray[np.float32], images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return (K, A) float32, physical units, from a `network_input` and (N, H, W, 3) uint8."""
        ...


def build_engine(name: str, network: DrivingNetwork, num_threads: int = 0) -> Engine:
    """Make an engine ready.

    Args:
        name: one of engine_names.ENGINES.
        network: to run.
        num_threads: of an engine that has threads of its own; 0 leaves the choice to it.

    Raises:
        EngineError: it is not installed, or cannot run on this device or processor.
    """
    if name == AUTO:
        name = best_engine(network)
    if name in ON_PROCESSOR and network.device.type != "cpu":
        raise EngineError(
            f"engine {name} runs on the processor, not on {network.device}; use device cpu or "
            "engine torch"
        )
    if name == EXACT:
        return TorchEngine(network)
    if name in ON_GPU:
        return CudaGraphEngine(name, network)
    if name == COMPILED:
        return CompiledEngine(network)
    if name == ONNX:
        return OnnxEngine(network, num_threads)
    return OpenVinoEngine(name, network, num_threads)


def largest_difference(chunk: NDArray[Any], exact: NDArray[Any]) -> float:
    """Return by how much two chunks differ at most; infinite where one is not finite."""
    difference = float(np.max(np.abs(chunk - exact)))
    return difference if np.isfinite(difference) else float("inf")

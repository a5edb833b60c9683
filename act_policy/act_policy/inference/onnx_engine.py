# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime on the processor, in float32."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from act_policy.errors import EngineError
from act_policy.inference.driving_network import DrivingNetwork
from act_policy.inference.engine_cache import fingerprint, kept
from act_policy.inference.engine_names import ONNX

FILE = "network.onnx"
INPUTS = "state", "images"


def _import_onnxruntime() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise EngineError(
            f"ONNX Runtime cannot be used: {error}; install the group 'engines' of "
            "pyproject.toml, or use engine torch"
        ) from error
    return onnxruntime


class OnnxEngine:
    """Runs a network that is exported at the first start on a machine, and then kept.

    Args:
        network: on the processor.
        num_threads: 0 leaves the choice to ONNX Runtime.

    Raises:
        EngineError: not installed.
    """

    name = ONNX

    def __init__(self, network: DrivingNetwork, num_threads: int = 0) -> None:
        runtime = _import_onnxruntime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = num_threads
        # Threads that wait by spinning take the processor from those who command and draw.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")

        def start(model: bytes) -> Any:
            return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

        def read(folder: Path) -> Any:
            model = (folder / FILE).read_bytes()
            try:
                return start(model)
            except Exception as error:  # ONNX Runtime's own have no better base
                raise RuntimeError(f"{folder / FILE}: {error}") from error

        name = fingerprint(network.checkpoint, f"{ONNX} {runtime.__version__}")
        model = kept(name, read, lambda: export(network), _write)
        self._session = start(model) if isinstance(model, bytes) else model

    def run(self, state: NDArray[np.float32], images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See Engine."""
        (chunk,) = self._session.run(None, dict(zip(INPUTS, (state, images), strict=True)))
        return np.asarray(chunk, np.float32)


def _write(model: bytes, folder: Path) -> None:
    (folder / FILE).write_bytes(model)


def export(network: DrivingNetwork) -> bytes:
    """Return the network as an ONNX model.

    Raises:
        EngineError: what exports is not installed.
    """
    try:
        with warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore")  # of torch's own
            program = torch.onnx.export(
                network, network.example_inputs(), dynamo=True, verbose=False,
                input_names=INPUTS, output_names=["actions"],
            )  # fmt: skip
    except ImportError as error:
        raise EngineError(
            f"ONNX export cannot be used: {error}; install the group 'engines' of "
            "pyproject.toml, or use engine torch"
        ) from error
    assert program is not None
    model: bytes = program.model_proto.SerializeToString()
    return model

# SPDX-License-Identifier: Apache-2.0
"""Intel's OpenVINO on the processor: float32, bfloat16 where the processor has it, or int8."""

import re
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from act_policy.errors import EngineError
from act_policy.inference.driving_network import DrivingNetwork
from act_policy.inference.engine_cache import fingerprint, keep, kept, read_kept
from act_policy.inference.engine_names import CALIBRATED, EXACT

FILE = "network.xml"
NUM_OTHER_TOKENS = 2  # beside those of the images: latent and joints


def import_openvino() -> Any:
    """Return the module.

    Raises:
        EngineError: it is not installed.
    """
    # OpenVINO tells a statistics server of each import, unless it does not find this module.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino
    except ImportError as error:
        raise EngineError(
            f"OpenVINO cannot be used: {error}; install the one that pyproject.toml pins, or use "
            "engine torch"
        ) from error
    return openvino


def best_engine(network: DrivingNetwork) -> str:
    """Return the name of the fastest engine for a network, where it is and on this processor."""
    if network.device.type != "cpu":
        return "cuda_graph"
    try:
        import_openvino()
    except EngineError:
        return EXACT
    usable = _computes_in_bf16() and not _mixes_up_heads(network)
    return "openvino_bf16" if usable else "openvino"


def _computes_in_bf16() -> bool:
    # OpenVINO offers bfloat16 also where it has to be emulated, which is slower than float32.
    flags = Path("/proc/cpuinfo").read_text(errors="replace") if sys.platform == "linux" else ""
    return re.search(r"\b(amx_bf16|avx512_bf16)\b", flags) is not None


def _mixes_up_heads(network: DrivingNetwork) -> bool:
    """Tell whether OpenVINO's bfloat16 attention is wrong, by tenths of a radian.

    It is where the encoder has as many tokens as heads; found in 2026.4 with 4 and 8 of them.
    """
    model = network.model
    return len(model.image_pos_enc) + NUM_OTHER_TOKENS == model.config.n_heads


class OpenVinoEngine:
    """Runs a network that is translated at the first start on a machine, and then kept.

    Args:
        name: `openvino`, `openvino_bf16` or `openvino_int8`.
        network: on the processor.
        num_threads: 0 leaves the choice to OpenVINO.

    Raises:
        EngineError: not installed, no bfloat16 here, or not calibrated.
    """

    def __init__(self, name: str, network: DrivingNetwork, num_threads: int = 0) -> None:
        self.name = name
        openvino = import_openvino()
        core = openvino.Core()
        can = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        if name == "openvino_bf16" and "BF16" not in can:
            raise EngineError(
                f"engine {name}: this processor has no bfloat16 ({', '.join(can)}); use openvino"
            )
        mixes_up = _mixes_up_heads(network)
        if name == "openvino_bf16" and mixes_up:
            raise EngineError(
                f"engine {name}: OpenVINO's bfloat16 is wrong where the encoder has as many "
                f"tokens as heads, {network.model.config.n_heads} here; use openvino"
            )
        # Of whatever is not in eight bits.
        half = name == "openvino_bf16" or (
            name == CALIBRATED and _computes_in_bf16() and not mixes_up
        )
        options = {
            "INFERENCE_PRECISION_HINT": "bf16" if half else "f32",
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": num_threads,
        }
        model = _calibrated(network) if name == CALIBRATED else _translated(network)
        compiled = core.compile_model(model, "CPU", options)
        self._request = compiled.create_infer_request()

    def run(self, state: NDArray[np.float32], images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See Engine."""
        outputs = self._request.infer([state, images], share_inputs=True)
        return np.array(outputs[0], np.float32)


def keep_calibrated(network: DrivingNetwork, model: Any) -> None:
    """Keep a network in eight bits, for `openvino_int8` of this checkpoint.

    Raises:
        OSError: the cache cannot be written to.
    """
    keep(_name(network, CALIBRATED), model, _write)


def _calibrated(network: DrivingNetwork) -> Any:
    try:
        return read_kept(_name(network, CALIBRATED), _read)
    except (RuntimeError, OSError) as error:
        raise EngineError(
            f"engine {CALIBRATED}: this checkpoint was not calibrated on this machine; run: act "
            f"checkpoint compile CHECKPOINT --engine {CALIBRATED} --dataset DIR, with episodes "
            "like those that it was trained on"
        ) from error


def _translated(network: DrivingNetwork) -> Any:
    return kept(_name(network, "openvino"), _read, lambda: translate(network), _write)


def _name(network: DrivingNetwork, translator: str) -> str:
    return fingerprint(network.checkpoint, f"{translator} {import_openvino().get_version()}")


def _read(folder: Path) -> Any:
    return import_openvino().Core().read_model(folder / FILE)


def _write(model: Any, folder: Path) -> None:
    import_openvino().save_model(model, folder / FILE, compress_to_fp16=False)


def translate(network: DrivingNetwork) -> Any:
    """Return the network as OpenVINO's model, in float32."""
    openvino = import_openvino()
    example = network.example_inputs()
    # Tracing warns of sizes, which are fixed here, and that torch would rather export, which takes
    # three times as long and left bfloat16 half as fast (torch 2.13, OpenVINO 2026.4).
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        model = openvino.convert_model(network, example_input=example)
    # Traced sizes are open again; fixed ones are faster, and a wrong one is refused.
    model.reshape({i: list(tensor.shape) for i, tensor in enumerate(example)})
    return model

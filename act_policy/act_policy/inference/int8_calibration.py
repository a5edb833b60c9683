# SPDX-License-Identifier: Apache-2.0
"""A network whose convolutions compute in eight bits, in ranges of recorded observations.

With linear layers and layer norms in eight bits too, the shipped policy succeeded in 92 of 100
rollouts instead of 100; the convolutions alone cost less than bfloat16 does, and are most of the
work (docs/results/engines.md). The rest is in bfloat16 where the processor has it, else in
float32.
"""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from act_policy.errors import EngineError
from act_policy.inference.driving_network import DrivingNetwork
from act_policy.inference.openvino_engine import import_openvino, keep_calibrated, translate


def calibrate(
    network: DrivingNetwork, inputs: Sequence[tuple[NDArray[np.float32], NDArray[np.uint8]]]
) -> None:
    """Quantize a network and keep it for the engine `openvino_int8`.

    Args:
        network: on the processor.
        inputs: observations as an engine takes them: a `network_input` and (N, H, W, 3).

    Raises:
        EngineError: NNCF or OpenVINO is not installed, or the cache cannot be written to.
    """
    import_openvino()  # before NNCF, whose import would report to a statistics server
    nncf = _import_nncf()
    ranges = nncf.quantization.range_estimator.RangeEstimatorParametersSet
    model = translate(network)
    left = {operation.get_type_name() for operation in model.get_ops()} - {"Convolution"}
    quantized = nncf.quantize(
        model,
        nncf.Dataset(inputs, list),
        subset_size=len(inputs),
        ignored_scope=nncf.IgnoredScope(types=sorted(left)),
        advanced_parameters=nncf.AdvancedQuantizationParameters(
            activations_range_estimator_params=ranges.HISTOGRAM
        ),
    )
    try:
        keep_calibrated(network, quantized)
    except OSError as error:
        raise EngineError(f"what was calibrated cannot be kept: {error}") from error


def _import_nncf() -> Any:
    try:
        import nncf
    except ImportError as error:
        raise EngineError(
            f"NNCF cannot be used: {error}; install the group 'engines' of pyproject.toml"
        ) from error
    nncf.set_log_level(logging.ERROR)
    return nncf

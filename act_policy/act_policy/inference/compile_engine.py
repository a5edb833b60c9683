# SPDX-License-Identifier: Apache-2.0
"""Prepares an engine for a checkpoint ahead of its first start, and tells what it gains."""

import statistics
import time
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from act_policy.checkpoint.checkpoint import Checkpoint
from act_policy.inference.driving_network import DrivingNetwork
from act_policy.inference.engine import Engine, build_engine, largest_difference
from act_policy.inference.engine_cache import cache_folder
from act_policy.inference.engine_names import CALIBRATED, EXACT
from act_policy.inference.int8_calibration import calibrate
from act_policy.model.network_input import network_input

# Observations, as an engine takes them.
Inputs = Sequence[tuple[NDArray[np.float32], NDArray[np.uint8]]]

WARM_UP_RUNS, TIMED_RUNS, COMPARED = 3, 15, 100


def compile_engine(
    checkpoint: Checkpoint, engine: str, num_threads: int = 1, recorded: Inputs = ()
) -> Iterator[str]:
    """Translate a checkpoint, keep that for later starts, and yield lines for people.

    Args:
        checkpoint: to run.
        engine: one of engine_names.ENGINES.
        num_threads: of the timing.
        recorded: observations to compare on; `openvino_int8` is calibrated on every other one.

    Raises:
        CheckpointError: the weights do not fit.
        EngineError: the engine cannot be used here.
    """
    torch.set_num_threads(num_threads)
    network = DrivingNetwork(checkpoint, torch.device("cpu")).eval()
    exact = build_engine(EXACT, network)
    if engine == CALIBRATED and recorded:
        calibrate(network, recorded[::2])
    built = build_engine(engine, network, num_threads)
    _, black = network.example_inputs()
    mean = network_input(checkpoint.config, checkpoint.statistics.state_mean)
    inputs = recorded[1::2] or recorded or [(mean, black.numpy())]
    if built.name == EXACT:
        took_ms = _median_ms(exact, inputs)
        yield f"engine {EXACT}: nothing to translate, {took_ms:.1f} ms a prediction"
        return
    yield (
        f"engine {built.name}: {_median_ms(built, inputs):.1f} ms a prediction, torch "
        f"{_median_ms(exact, inputs):.1f} ms, with {num_threads} threads"
    )
    yield _difference(built, exact, inputs, "recorded" if recorded else "mean positions, black")
    yield f"kept in {cache_folder().parent}, which may be deleted at any time"


def _difference(built: Engine, exact: Engine, inputs: Inputs, what: str) -> str:
    compared = inputs[:: -(-len(inputs) // COMPARED)]
    found = [largest_difference(built.run(*each), exact.run(*each)) for each in compared]
    return (
        f"differs from torch's float32 by {max(found):.2g} at most, by "
        f"{statistics.median(found):.2g} in the median of {len(found)} observations ({what}); a "
        "node with a smaller engine_tolerance uses torch"
    )


def _median_ms(engine: Engine, inputs: Inputs) -> float:
    times = []
    for _ in range(WARM_UP_RUNS + TIMED_RUNS):
        started_s = time.perf_counter()
        engine.run(*inputs[0])
        times.append(time.perf_counter() - started_s)
    return 1000 * statistics.median(times[WARM_UP_RUNS:])

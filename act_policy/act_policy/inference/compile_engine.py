# SPDX-License-Identifier: Apache-2.0
"""Prepares an engine for a checkpoint ahead of its first start, and tells what it gains."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from act_policy.inference.engine_cache import cache_folder
from act_policy.inference.engine_names import EXACT
from act_policy.inference.network_policy import NetworkPolicy

WARM_UP_RUNS, TIMED_RUNS = 3, 15


def compile_engine(folder: Path, engine: str, num_threads: int = 1) -> Iterator[str]:
    """Translate a checkpoint, keep that for later starts, and yield lines for people.

    Args:
        folder: checkpoint.
        engine: one of engine_names.ENGINES.
        num_threads: of the timing.

    Raises:
        CheckpointError: the checkpoint cannot be used.
        EngineError: the engine cannot be used here.
    """
    policy = NetworkPolicy.load(folder, num_threads=num_threads, engine=engine)
    exact = NetworkPolicy(policy.checkpoint, num_threads=num_threads)
    if policy.engine == EXACT:
        yield f"engine {EXACT}: nothing to translate, {_median_ms(exact):.1f} ms a prediction"
        return
    difference = policy.check_engine(*policy.example_observation(), tolerance=float("inf"))
    yield (
        f"engine {policy.engine}: {_median_ms(policy):.1f} ms a prediction, torch "
        f"{_median_ms(exact):.1f} ms, with {num_threads} threads; differs from torch's float32 by "
        f"{difference:.2g} at most (mean positions, black images)"
    )
    yield f"kept in {cache_folder()}, which may be deleted at any time"


def _median_ms(policy: NetworkPolicy) -> float:
    observation = policy.example_observation()
    times = []
    for _ in range(WARM_UP_RUNS + TIMED_RUNS):
        started_s = time.perf_counter()
        policy.predict_chunk(*observation)
        times.append(time.perf_counter() - started_s)
    return 1000 * statistics.median(times[WARM_UP_RUNS:])

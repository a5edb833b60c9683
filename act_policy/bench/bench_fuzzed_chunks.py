# SPDX-License-Identifier: Apache-2.0
"""Do commands keep the robot's limits, whatever a policy predicts?

    python3 act_policy/bench/bench_fuzzed_chunks.py [--chunks 100000]

Chunks are noise, jumps, drifts, values in degrees, NaN; they arrive late, early, twice, in every
mode of ensembling, at ticks that jitter and are left out.
"""

import argparse
import sys
from contextlib import suppress

import numpy as np

from act_core.errors import JointValuesError
from act_core.robot.robot_file import load_robot
from act_policy.driving.chunk_broker import ChunkBroker
from act_policy.driving.ensembler import MODES

SPEC = load_robot("aloha_sim")
CHUNK_SIZE, CHUNKS_A_RUN = 20, 500


def breaches_of_a_run(rng: np.random.Generator, chunks: int) -> int:
    """Return how many commands of one run are out of range, too fast, or accelerate too much."""
    broker = ChunkBroker(SPEC, CHUNK_SIZE, ensemble=str(rng.choice(MODES)))
    pose = SPEC.lower + rng.random(SPEC.dim) * (SPEC.upper - SPEC.lower)
    broker.start(0, pose)
    previous, speed, now_ns, last_ns, found = pose, np.zeros(SPEC.dim), 0, None, 0
    size = rng.choice([0.01, 0.3, 60.0])
    for _ in range(chunks):
        chunk = previous + np.cumsum(rng.normal(0, size, (CHUNK_SIZE, SPEC.dim)), axis=0)
        if rng.random() < 0.02:
            chunk[rng.integers(CHUNK_SIZE), rng.integers(SPEC.dim)] = np.nan
        stamp_ns = now_ns - int(rng.integers(0, 10)) * SPEC.period_ns
        with suppress(JointValuesError):
            broker.add_prediction(stamp_ns, chunk)
        now_ns += int(SPEC.period_ns * rng.choice([0.0, 0.9, 1.0, 1.1, 2.0, 5.0]))
        command = broker.command(now_ns)
        if command is None:
            continue
        # As much time as a command may use: two periods at most, one for the first.
        used_ns = SPEC.period_ns if last_ns is None else min(now_ns - last_ns, 2 * SPEC.period_ns)
        if last_ns is not None and now_ns - last_ns > 2 * SPEC.period_ns:  # meanwhile it stopped
            speed = np.zeros(SPEC.dim)
        last_ns, step = now_ns, command.vector - previous
        found += _breaks(command.vector, step, speed, used_ns / 1e9)
        if used_ns:
            speed = step / (used_ns / 1e9)
        previous = command.vector
    return found


def _breaks(vector: np.ndarray, step: np.ndarray, speed: np.ndarray, used_s: float) -> bool:
    """Tell whether a command is out of range, too fast, or accelerates too much."""
    in_range = np.all((SPEC.lower <= vector) & (vector <= SPEC.upper))
    if not used_s:
        return not (in_range and not step.any())
    slow = np.all(np.abs(step) <= SPEC.max_velocity * used_s + 1e-9)
    gain = np.abs(step / used_s - speed)
    smooth = np.all(gain <= SPEC.max_acceleration * used_s + 1e-9 / used_s)
    return not (in_range and slow and smooth)


def main() -> None:
    """Print the number of breaches; the exit status is 1 if there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=100_000)
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    runs = range(max(args.chunks // CHUNKS_A_RUN, 1))
    found = sum(breaches_of_a_run(rng, CHUNKS_A_RUN) for _ in runs)
    print(
        f"{len(runs) * CHUNKS_A_RUN} fuzzed chunks: {found} breaches of position, speed or "
        "acceleration"
    )
    sys.exit(found > 0)


if __name__ == "__main__":
    main()

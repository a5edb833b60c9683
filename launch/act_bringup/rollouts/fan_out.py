# SPDX-License-Identifier: Apache-2.0
"""Lockstep rollouts over many seeds, spread over processes; the results are those of one."""

import atexit
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from act_bringup.rollouts.outcome import Outcome
from act_bringup.rollouts.process_pool import spread
from act_core.errors import ActError
from act_core.robot.robot_file import load_robot
from act_policy.driving.local_policy import LocalPolicy
from act_policy.inference.engine_names import EXACT
from act_sim.cell.session import SimSession
from act_sim.demonstrator.demonstrator import Demonstrator
from act_sim.evaluation.lag import lag_ticks
from act_sim.evaluation.local_rollout import LocalRollout, roll_out
from act_sim.evaluation.smoothness import mean_abs_jerk


@dataclass(frozen=True)
class Driver:
    """A policy, how its chunks are executed, and where.

    Attributes:
        checkpoint: folder.
        robot: name or file.
        task: of the scene.
        ensemble: mode of the ensembler.
        coefficient: m of its weights.
        query_interval_ticks: between queries; 0 for whole chunks.
        engine: what runs the network.
        threads: of the engine, in each process.
    """

    checkpoint: Path
    robot: str = "aloha_sim"
    task: str = "transfer_cube"
    ensemble: str = "paper"
    coefficient: float = 0.01
    query_interval_ticks: int = 1
    engine: str = EXACT
    threads: int = 1


class _Cell(NamedTuple):
    session: SimSession
    policy: LocalPolicy
    demonstrator: Demonstrator


_cells: dict[Driver, _Cell] = {}


def _cell(driver: Driver) -> _Cell:
    """Return this process's cell, which is the same for all seeds of one driver."""
    if driver not in _cells:
        _close()
        _cells[driver] = _open(driver)
        atexit.register(_close)  # after MuJoCo's own, so that it comes before: OpenGL is there
    return _cells[driver]


def _close() -> None:
    for cell in _cells.values():
        cell.session.close()
    _cells.clear()


def _open(driver: Driver) -> _Cell:
    spec = load_robot(driver.robot)
    policy = LocalPolicy.load(
        driver.checkpoint, spec, ensemble=driver.ensemble, coefficient=driver.coefficient,
        query_interval_ticks=driver.query_interval_ticks, num_threads=driver.threads,
        engine=driver.engine,
    )  # fmt: skip
    session = SimSession(spec, driver.task, start_ns=0)
    return _Cell(session, policy, Demonstrator(spec, driver.task))


def drive(driver: Driver, seed: int) -> tuple[LocalRollout, int]:
    """Roll out one seed in this process; return it, and its lag behind the demonstrator."""
    session, policy, demonstrator = _cell(driver)
    objects = session.reset(driver.task, seed).objects
    rollout = roll_out(session, policy, task=driver.task, seed=seed)
    arms = ~session.spec.is_gripper
    plan = demonstrator.begin(objects).plan
    return rollout, lag_ticks(rollout.positions[:, arms], plan[:, arms])


def _outcome(driver: Driver, seed: int) -> Outcome:
    rollout, lag = drive(driver, seed)
    moved = np.abs(np.diff(rollout.positions, axis=0)).sum()
    jerk = mean_abs_jerk(rollout.positions, load_robot(driver.robot).rate_hz)
    return Outcome(seed, rollout.stage, rollout.held, rollout.ticks, jerk, float(moved), lag)


def roll_outs(
    driver: Driver, seeds: Iterable[int], processes: int = -1, label: str = ""
) -> list[Outcome]:
    """Roll out every seed; return the outcomes in the order of the seeds.

    Args:
        driver: what drives.
        seeds: of the scenes.
        processes: to spread them over; see `spread`.
        label: what counts on stderr, in one line; empty for none.

    Raises:
        ActError: the checkpoint, the robot or the task cannot be used.
    """
    seeds = list(seeds)
    if not seeds:
        raise ActError("0 rollouts: expected at least one")
    outcomes: list[Outcome] = []
    for outcome in spread(_outcome, [(driver, seed) for seed in seeds], processes):
        outcomes.append(outcome)
        if label:
            successes = sum(o.success for o in outcomes)
            sys.stderr.write(f"\r{label}: {successes}/{len(outcomes)} of {len(seeds)}")
    if label:
        sys.stderr.write("\n")
    return sorted(outcomes, key=lambda o: o.seed)

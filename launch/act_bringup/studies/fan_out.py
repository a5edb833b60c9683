# SPDX-License-Identifier: Apache-2.0
"""Lockstep rollouts over many seeds, spread over processes; the results are those of one."""

import atexit
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import joblib
import numpy as np

from act_core.errors import ActError
from act_core.robot.robot_file import load_robot
from act_policy.driving.local_policy import LocalPolicy
from act_policy.inference.engine_names import EXACT
from act_sim.cell.session import SimSession
from act_sim.demonstrator.demonstrator import Demonstrator
from act_sim.evaluation.lag import lag_ticks
from act_sim.evaluation.local_rollout import LocalRollout, roll_out
from act_sim.evaluation.results import wilson_interval
from act_sim.evaluation.smoothness import mean_abs_jerk
from act_sim.tasks.task import SUCCESS_REWARD


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


@dataclass(frozen=True)
class Outcome:
    """How a rollout went.

    Attributes:
        seed: of the scene.
        stage: highest reward, 0 … 4.
        held: success was kept.
        ticks: of the rollout.
        jerk_rad_s3: mean absolute jerk of the joints.
        path_rad: how far all joints moved together.
        lag_ticks: by how much it ran behind the demonstrator in the same scene.
    """

    seed: int
    stage: int
    held: bool
    ticks: int
    jerk_rad_s3: float
    path_rad: float
    lag_ticks: int

    @property
    def success(self) -> bool:
        """Whether the highest reward was reached (the published criterion)."""
        return self.stage == SUCCESS_REWARD


def tally(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return what the rollouts come to, as plain values."""
    successes = sum(o.success for o in outcomes)
    return {
        "successes": successes,
        "rollouts": len(outcomes),
        "wilson_95": wilson_interval(successes, len(outcomes)),
        "held": sum(o.held for o in outcomes),
        "stages_reached": [sum(o.stage >= s for o in outcomes) for s in range(1, 5)],
        "mean_abs_jerk_rad_s3": fmean(o.jerk_rad_s3 for o in outcomes),
        "mean_path_rad": fmean(o.path_rad for o in outcomes),
        "mean_lag_ticks": fmean(o.lag_ticks for o in outcomes),
        "mean_ticks": fmean(o.ticks for o in outcomes),
        "failed_seeds": [o.seed for o in outcomes if not o.success],
    }


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
    driver: Driver,
    seeds: Iterable[int],
    processes: int = -1,
    on_outcome: Callable[[Outcome], object] = lambda _: None,
) -> list[Outcome]:
    """Roll out every seed; return the outcomes in the order of the seeds.

    Args:
        driver: what drives.
        seeds: of the scenes.
        processes: to spread them over; -1 for one on each core, 1 for this one alone.
        on_outcome: called with each as it comes.

    Raises:
        ActError: the checkpoint, the robot or the task cannot be used.
    """
    seeds = list(seeds)
    if not seeds or not processes:
        raise ActError(
            f"{len(seeds)} rollouts over {processes} processes: expected at least one rollout, "
            "and -1 (one process on each core) or 1 …"
        )
    outcomes = []
    jobs = (joblib.delayed(_outcome)(driver, seed) for seed in seeds)
    pool = joblib.Parallel(n_jobs=processes, return_as="generator_unordered")
    for outcome in pool(jobs):
        outcomes.append(outcome)
        on_outcome(outcome)
    return sorted(outcomes, key=lambda o: o.seed)

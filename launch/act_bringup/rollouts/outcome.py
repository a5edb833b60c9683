# SPDX-License-Identifier: Apache-2.0
"""How a rollout went, and what many of them come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from act_sim.evaluation.results import wilson_interval
from act_sim.tasks.task import SUCCESS_REWARD


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

# SPDX-License-Identifier: Apache-2.0
"""Results of an evaluation: per rollout, in sum, as a table and as JSON. No ROS."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scipy.stats import binomtest

from act_sim.tasks.task import SUCCESS_REWARD


@dataclass(frozen=True)
class Rollout:
    """How one rollout ended.

    Attributes:
        seed: of the scene.
        stage: highest reward, 0 … 4.
        held: the highest reward was kept to the end of the episode.
        ticks: control ticks used.
        first_success_tick: tick of the first success, -1 without.
        mean_reward: mean over the ticks that were seen.
        wall_s: wall time from the reset.
        real_time_factor: simulated time of the rollout over its wall time, from its first
            command; in real time 1 is as it should be.
        jerk_rad_s3: mean absolute jerk of the joints.
        trajectory_sha256: of the joint positions over all ticks, float64.
    """

    seed: int
    stage: int
    held: bool
    ticks: int
    first_success_tick: int
    mean_reward: float
    wall_s: float
    real_time_factor: float
    jerk_rad_s3: float
    trajectory_sha256: str

    @property
    def success(self) -> bool:
        """Whether the highest reward was reached (the published criterion)."""
        return self.stage == SUCCESS_REWARD


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval (Wilson 1927); (0, 1) without trials."""
    if trials == 0:
        return 0.0, 1.0
    interval = binomtest(successes, trials).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def summarise(rollouts: Sequence[Rollout]) -> dict[str, Any]:
    """Return the figures over all rollouts; proportions with their 95 % Wilson interval."""
    total = len(rollouts)
    successes = sum(r.success for r in rollouts)
    held = sum(r.held for r in rollouts)
    return {
        "rollouts": total,
        "successes": successes,
        "success": successes / total if total else 0.0,
        "success_wilson_95": wilson_interval(successes, total),
        "held": held,
        "held_wilson_95": wilson_interval(held, total),
        "stages_reached": [
            sum(r.stage >= s for r in rollouts) for s in range(1, SUCCESS_REWARD + 1)
        ],
        "mean_reward": sum(r.mean_reward for r in rollouts) / total if total else 0.0,
        "mean_jerk_rad_s3": sum(r.jerk_rad_s3 for r in rollouts) / total if total else 0.0,
        "lowest_real_time_factor": min((r.real_time_factor for r in rollouts), default=0.0),
        "failed_seeds": [r.seed for r in rollouts if not r.success],
    }


def to_json(rollouts: Sequence[Rollout], context: dict[str, Any]) -> dict[str, Any]:
    """Return everything for the results file."""
    return {
        **context,
        "summary": summarise(rollouts),
        "rollouts": [{**asdict(r), "success": r.success} for r in rollouts],
    }


def table(rollouts: Sequence[Rollout], stage_names: Sequence[str]) -> str:
    """Return the success table for people."""
    figures = summarise(rollouts)
    total = figures["rollouts"]
    rows = [
        (f"reward ≥ {s}  {name}", figures["stages_reached"][s - 1])
        for s, name in enumerate(stage_names, 1)
    ]
    rows += [(f"success  (reward {SUCCESS_REWARD} reached)", figures["successes"])]
    rows += [(f"held  (reward {SUCCESS_REWARD} kept to the end)", figures["held"])]
    lines = [f"{'':34}{'rollouts':>10}{'share':>8}   95 % interval"]
    for name, count in rows:
        low, high = wilson_interval(count, total)
        share = f"{100 * count / total:.0f} %" if total else "–"
        lines.append(f"{name:34}{f'{count}/{total}':>10}{share:>8}   {low:.3f} … {high:.3f}")
    if total:
        jerk, slowest = figures["mean_jerk_rad_s3"], figures["lowest_real_time_factor"]
        lines.append(f"mean absolute jerk {jerk:.0f} rad/s³  ·  real-time factor ≥ {slowest:.2f}")
    return "\n".join(lines)

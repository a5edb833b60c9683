# SPDX-License-Identifier: Apache-2.0
"""What a policy did from engage to disengage, in figures and in words. No ROS."""

from array import array
from dataclasses import dataclass
from typing import Any

import numpy as np

from act_policy.driving.command_loop import State

LATE_PERIODS = 1.5
MOST_REASONS = 20
OTHERS = "other reasons"


@dataclass
class _Hold:
    times: int = 0
    seconds: float = 0.0


class RunRecord:
    """Takes note of commands, predictions and states as they come.

    Args:
        period_s: of the control rate; 0 where ticks are not kept by a clock, so that none is late.
        now_s: on the clock of the other methods.
    """

    def __init__(self, period_s: float, now_s: float) -> None:
        self._period_s, self._began_s = period_s, now_s
        self._state, self._entered_s, self._sent_s = State.WAITING, now_s, 0.0
        self._driving_s, self._reason = 0.0, ""
        self._holds: dict[str, _Hold] = {}
        # Four bytes each: an hour at 50 Hz are 2 MB.
        self._gaps_s, self._inferences_s, self._ages_s = array("f"), array("f"), array("f")
        self._spread, self._commands, self._rejected = 0.0, 0, 0

    def sent(self, now_s: float, chunk_age_s: float, spread: float) -> None:
        """Note a command, the age of its newest chunk, and by how much its chunks disagree."""
        if self._sent_s:
            self._gaps_s.append(now_s - self._sent_s)
        self._sent_s = now_s
        self._commands += 1
        self._ages_s.append(chunk_age_s)
        self._spread = max(self._spread, spread)

    def inferred(self, duration_s: float) -> None:
        """Note a prediction."""
        self._inferences_s.append(duration_s)

    def rejected(self) -> None:
        """Note an observation or a prediction that was refused."""
        self._rejected += 1

    def entered(self, state: State, reason: str, now_s: float) -> None:
        """Note the state; only a change counts. A hold is counted under its first reason."""
        if state is self._state:
            return
        self._leave(now_s)
        self._state, self._entered_s = state, now_s
        if state not in (State.DRIVING, State.STARVED):
            self._sent_s = 0.0  # the silence that follows is no late command
        if state in (State.HOLDING, State.PAUSED):
            known = reason in self._holds or len(self._holds) < MOST_REASONS
            self._reason = reason if known else OTHERS
            self._holds.setdefault(self._reason, _Hold()).times += 1

    def _leave(self, now_s: float) -> None:
        stayed_s = now_s - self._entered_s
        if self._state in (State.DRIVING, State.STARVED):
            self._driving_s += stayed_s
        elif self._state in (State.HOLDING, State.PAUSED):
            self._holds[self._reason].seconds += stayed_s
        self._entered_s = now_s

    def report(self, now_s: float) -> dict[str, Any]:
        """Return the figures so far, of types that JSON knows; times in s unless they say ms."""
        self._leave(now_s)
        gaps = np.array(self._gaps_s)
        clocked = self._period_s > 0 and gaps.size
        late = gaps[gaps > LATE_PERIODS * self._period_s] if clocked else gaps[:0]
        return {
            "duration_s": round(now_s - self._began_s, 3),
            "driving_s": round(self._driving_s, 3),
            "commands": self._commands,
            "rate_hz": round(1 / float(gaps.mean()), 1) if gaps.size else None,
            "late_commands": len(late) if clocked else None,
            "missed_ticks": int(np.round(late / self._period_s - 1).sum()) if clocked else None,
            "longest_gap_ms": _ms(gaps, 100),
            "predictions": len(self._inferences_s),
            "inference_p50_ms": _ms(self._inferences_s, 50),
            "inference_p95_ms": _ms(self._inferences_s, 95),
            "chunk_age_p50_ms": _ms(self._ages_s, 50),
            "chunk_age_p95_ms": _ms(self._ages_s, 95),
            "largest_spread": round(self._spread, 4),
            "rejected": self._rejected,
            "holds": [
                {"reason": reason, "times": hold.times, "seconds": round(hold.seconds, 3)}
                for reason, hold in self._holds.items()
            ],
        }


def _ms(values_s: Any, percent: float) -> float | None:
    """Return a percentile in ms, None of nothing."""
    return round(1000 * float(np.percentile(values_s, percent)), 1) if len(values_s) else None


def in_words(report: dict[str, Any]) -> str:
    """Return what RunRecord.report says, for people."""
    lines = [f"run of {report['duration_s']:.1f} s, {report['driving_s']:.1f} s of it driving"]
    if report["commands"] and report["rate_hz"]:
        line = f"commands: {report['commands']} at {report['rate_hz']:g} Hz"
        if report["late_commands"] is not None:
            line += (
                f", {report['late_commands']} late, {report['missed_ticks']} ticks missed, "
                f"longest gap {report['longest_gap_ms']:g} ms"
            )
        lines.append(line)
        lines.append(
            f"chunk age: p50 {report['chunk_age_p50_ms']:g} ms, p95 "
            f"{report['chunk_age_p95_ms']:g} ms; chunks disagree by {report['largest_spread']:g} "
            "rad or gripper opening at most"
        )
    if report["predictions"]:
        lines.append(
            f"predictions: {report['predictions']}, p50 {report['inference_p50_ms']:g} ms, p95 "
            f"{report['inference_p95_ms']:g} ms"
        )
    if report["rejected"]:
        lines.append(f"refused: {report['rejected']} observations or predictions")
    for hold in report["holds"]:
        lines.append(f"held {hold['times']} times, {hold['seconds']:.1f} s: {hold['reason']}")
    return "\n  ".join(lines)

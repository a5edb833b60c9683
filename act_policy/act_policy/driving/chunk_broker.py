# SPDX-License-Identifier: Apache-2.0
"""From predictions to commands: when to ask, how to blend, what may leave. No ROS, no torch."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from act_core.errors import JointValuesError
from act_core.robot.command_limits import CommandLimits
from act_core.robot.robot_spec import RobotSpec
from act_policy.driving.ensembler import Blend, TemporalEnsembler

# Of so many predictions the slowest tells how long the next one may take.
DELAYS = 10


@dataclass(frozen=True)
class Command:
    """A command with what it was made of.

    Attributes:
        vector: (D,) rad, grippers 0 closed … 1 open.
        blend: the ensembler's answer it came from.
    """

    vector: NDArray[np.float64]
    blend: Blend


def covered_ns(chunk_size: int, chunk_period_ns: int, period_ns: int) -> int:
    """Return the time from an observation to the first tick that its chunk does not cover.

    Args:
        chunk_size: rows of the chunk.
        chunk_period_ns: from one row to the next.
        period_ns: from one tick to the next.
    """
    return (chunk_size - 1) * chunk_period_ns // period_ns * period_ns + period_ns


class ChunkBroker:
    """One robot under one policy, from a start to a stop.

    `start` begins.

    The robot may be commanded at another rate than the policy was trained at: rows of a chunk lie
    where they were meant, and what lies between them is interpolated.

    Args:
        spec: the robot.
        chunk_size: rows of a prediction, K.
        chunk_period_ns: from one row to the next; 0 = a period of the robot.
        ensemble: mode of TemporalEnsembler.
        coefficient: its m.
        query_interval_ticks: ticks between two observations that are given to the policy;
            0 = when the last chunk has run out.
        prefix_size: most actions that the policy can be told; see `ACTConfig`.

    Attributes:
        limits: that every command has passed.
    """

    def __init__(
        self,
        spec: RobotSpec,
        chunk_size: int,
        *,
        chunk_period_ns: int = 0,
        ensemble: str = "paper",
        coefficient: float = 0.01,
        query_interval_ticks: int = 1,
        prefix_size: int = 0,
    ) -> None:
        self._period_ns = spec.period_ns
        row_ns = chunk_period_ns or spec.period_ns
        self._row_ns, self._prefix_size, self._dim = row_ns, prefix_size, spec.dim
        whole_ns = covered_ns(chunk_size, row_ns, spec.period_ns)
        self._interval_ns = query_interval_ticks * spec.period_ns or whole_ns
        self._ensembler = TemporalEnsembler(row_ns, ensemble, coefficient)
        self.limits = CommandLimits(spec)
        self._started_ns = 0
        self._asked_ns: int | None = None
        self._commanded_ns: int | None = None
        ticks = prefix_size * row_ns // spec.period_ns + 2
        self._sent: deque[tuple[int, NDArray[np.float64]]] = deque(maxlen=ticks)
        self._delays_ns: deque[int] = deque(maxlen=DELAYS)

    def start(self, stamp_ns: int, measured: NDArray[np.float64]) -> None:
        """Begin anew at `stamp_ns` from the robot's measured pose (D,).

        Predictions from observations before that are void, those still under way included.
        """
        self._started_ns = stamp_ns
        self._ensembler.clear()
        self.limits.start_from(measured)
        self._asked_ns = self._commanded_ns = None
        self._sent.clear()
        self._delays_ns.clear()

    @property
    def takes_prefix(self) -> bool:
        """Whether the policy can be told what is commanded before its prediction comes."""
        return self._prefix_size > 0

    def is_due(self, stamp_ns: int) -> bool:
        """Tell whether it is time for the observation of `stamp_ns` to go to the policy."""
        if self._asked_ns is None:
            return True
        # Half a tick of tolerance: stamps of real drivers jitter, and a tick that is early by a
        # microsecond must not wait for the next.
        due_ns = self._asked_ns + self._interval_ns - self._period_ns // 2
        return stamp_ns >= due_ns

    def note_asked(self, stamp_ns: int) -> None:
        """Remember that the observation of `stamp_ns` went to the policy."""
        self._asked_ns = stamp_ns

    def add_prediction(self, stamp_ns: int, chunk: NDArray[np.floating]) -> None:
        """Take a chunk (K, D) predicted from the observation of `stamp_ns`.

        Raises:
            JointValuesError: the chunk is not finite; it is refused as a whole.
        """
        if not np.isfinite(chunk).all():
            raise JointValuesError("the policy predicted values that are not finite; refused")
        if stamp_ns >= self._started_ns:
            self._ensembler.add(stamp_ns, chunk)

    def note_delay(self, stamp_ns: int, now_ns: int) -> None:
        """Remember that the prediction from the observation of `stamp_ns` comes at `now_ns`."""
        if stamp_ns >= self._started_ns:
            self._delays_ns.append(now_ns - stamp_ns)

    def prefix(self, stamp_ns: int) -> NDArray[np.float64]:
        """Return the first actions (p, D) of the chunk that is asked for from `stamp_ns`.

        They are what will have been commanded when it comes, if it takes as long as the longest of
        the last ones: commands that were sent, then those that are planned, before their limits.
        None are known before the first prediction, nor where, as in lockstep, nothing takes time.
        """
        until_ns = stamp_ns + max(self._delays_ns, default=0)
        rows: list[NDArray[np.float64]] = []
        while len(rows) < self._prefix_size:
            time_ns = stamp_ns + len(rows) * self._row_ns
            action = self._planned(time_ns) if time_ns < until_ns else None
            if action is None:
                break
            rows.append(action)
        return np.array(rows).reshape(-1, self._dim)

    def _planned(self, time_ns: int) -> NDArray[np.float64] | None:
        if self._sent and self._sent[0][0] <= time_ns <= self._sent[-1][0]:
            times, vectors = zip(*self._sent, strict=True)
            columns = np.stack(vectors, axis=1)
            return np.array([np.interp(time_ns, times, column) for column in columns])
        blend = self._ensembler.at(time_ns)
        return None if blend is None else blend.action

    def command(self, time_ns: int) -> Command | None:
        """Return the command of `time_ns`; None where no prediction covers it: hold."""
        self._ensembler.forget_before(time_ns)
        blend = self._ensembler.at(time_ns)
        if blend is None:
            return None
        elapsed_ns = self._period_ns
        if self._commanded_ns is not None:
            gap_ns = time_ns - self._commanded_ns
            if gap_ns > 2 * self._period_ns:  # meanwhile the robot has stopped
                self.limits.rest()
            elapsed_ns = min(max(gap_ns, 0), 2 * self._period_ns)
        vector = self.limits.apply(blend.action, elapsed_ns / 1e9)
        self._commanded_ns = time_ns
        self._sent.append((time_ns, vector))
        return Command(vector, blend)

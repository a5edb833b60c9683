# SPDX-License-Identifier: Apache-2.0
"""What every command passes before it may leave a process: finite, in range, never too fast."""

import numpy as np
from numpy.typing import NDArray

from act_core.errors import JointValuesError
from act_core.robot.robot_spec import RobotSpec

Vector = NDArray[np.float64]
# Rounding, in rad: a wish this near to what is admissible is taken as it is.
_ROUNDING = 1e-12
# A step this short moves nothing, and its speed would be rounding alone.
_SHORTEST_S = 1e-6


class CommandLimits:
    """Keeps commands within the robot file's ranges, speeds and accelerations from tick to tick.

    A stream of wishes that keeps the limits passes unchanged, to the bit. One that does not is
    followed as fast as they allow, and braked for in time: a wish that stands still is reached
    without overshoot, and no range is left because there was no room to brake.

    It starts without a previous command; call `start_from` before `apply`.
    """

    def __init__(self, spec: RobotSpec) -> None:
        self._spec = spec
        self._previous: Vector | None = None
        self._wish = self._speed = np.zeros(spec.dim)

    def start_from(self, measured: Vector) -> None:
        """Let the next commands lead away from the measured pose (D,), at rest.

        Raises:
            JointValuesError: the pose is not finite.
        """
        self.check_finite(measured, "pose")
        self._previous = self._wish = np.array(measured, dtype=np.float64)
        self._speed = np.zeros(self._spec.dim)

    def rest(self) -> None:
        """Take note that the robot stood at the last command: the next motion begins at rest."""
        if self._previous is not None:
            self._speed, self._wish = np.zeros(self._spec.dim), self._previous

    @property
    def reached(self) -> bool:
        """Whether the last command was all that was wished."""
        return self._previous is not None and np.array_equal(self._wish, self._previous)

    def apply(self, command: Vector, elapsed_s: float) -> Vector:
        """Return the admissible (D,) command nearest to `command`, `elapsed_s` after the last.

        From a pose outside the ranges (sag, a calibration) the way back is no faster than any
        other: the speed has the last word, and no command leads further out.

        Raises:
            JointValuesError: not finite (checked first: NaN passes every comparison), or
                no start pose yet.
        """
        self.check_finite(command, "command")
        if self._previous is None:
            raise JointValuesError("no measured pose to start from")
        if elapsed_s < _SHORTEST_S:
            return self._previous.copy()
        previous, spec = self._previous, self._spec
        wish = np.clip(command, spec.lower, spec.upper)
        low, high = self._reach(wish, elapsed_s)
        admissible = np.clip(wish, low, high)
        # Rounding must not lead out of a range either.
        admissible = np.clip(
            admissible, np.minimum(spec.lower, previous), np.maximum(spec.upper, previous)
        )
        self._speed = (admissible - previous) / elapsed_s
        self._previous, self._wish = admissible, wish
        return admissible.copy()

    def check_finite(self, vector: Vector, what: str) -> None:
        """Raise JointValuesError, naming the joint, if `vector` (D,) is not finite."""
        finite = np.isfinite(vector)
        if not finite.all():
            bad = self._spec.columns[int(np.flatnonzero(~finite)[0])]
            raise JointValuesError(
                f"{what} for '{bad}' is not finite; the whole vector is refused"
            )

    def _reach(self, wish: Vector, elapsed_s: float) -> tuple[Vector, Vector]:
        """Return the least and greatest (D,) values that may follow the last command."""
        assert self._previous is not None
        spec, previous = self._spec, self._previous
        step = spec.max_velocity * elapsed_s
        drift, change = self._speed * elapsed_s, spec.max_acceleration * elapsed_s**2
        low, high = np.maximum(-step, drift - change), np.minimum(step, drift + change)
        # Short of the range's end, so far that braking is still possible.
        high = np.minimum(high, self._braked(spec.upper - previous, elapsed_s))
        low = np.maximum(low, -self._braked(previous - spec.lower, elapsed_s))
        # As fast as the wish moves itself, and what lies between is braked for. Where a wish
        # turns about too suddenly for that, the acceleration has the last word.
        moved = np.clip(wish - self._wish, -step, step)
        behind = wish - previous - moved
        high = np.minimum(high, np.maximum(low, moved + self._braked(behind, elapsed_s)))
        low = np.maximum(low, np.minimum(high, moved - self._braked(-behind, elapsed_s)))
        low, high = previous + low, previous + high
        near = (wish >= low - _ROUNDING) & (wish <= high + _ROUNDING)
        return np.where(near, np.minimum(low, wish), low), np.where(
            near, np.maximum(high, wish), high
        )

    def _braked(self, distance: Vector, elapsed_s: float) -> Vector:
        """Return the longest (D,) step from which the rest of `distance` suffices to stop.

        That is v·dt with v·dt + v²/2a = distance: good for whatever time the next steps take.
        Beyond the end (a distance below 0) there is none.
        """
        room = np.maximum(distance, 0.0)
        acceleration = self._spec.max_acceleration
        root = np.sqrt(elapsed_s**2 + 2 * room / acceleration)
        # (root − dt)·a·dt, without the difference of two near numbers.
        step = 2 * room * elapsed_s / (root + elapsed_s)
        return np.asarray(step)

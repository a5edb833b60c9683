# SPDX-License-Identifier: Apache-2.0
"""What every command passes before it may leave a process: finite, in range, not too fast."""

import numpy as np
from numpy.typing import NDArray

from act_core.errors import JointValuesError
from act_core.robot.robot_spec import RobotSpec


class CommandLimits:
    """Clamps commands to the robot file's ranges and to its speeds from tick to tick.

    It starts without a previous command; call `start_from` before `apply`.
    """

    def __init__(self, spec: RobotSpec) -> None:
        self._spec = spec
        self._previous: NDArray[np.float64] | None = None

    def start_from(self, measured: NDArray[np.float64]) -> None:
        """Let the next command be within one step of the measured pose (D,).

        Raises:
            JointValuesError: the pose is not finite.
        """
        self._refuse_not_finite(measured, "pose")
        self._previous = np.array(measured, dtype=np.float64)

    def apply(self, command: NDArray[np.float64], elapsed_s: float) -> NDArray[np.float64]:
        """Return the admissible (D,) command nearest to `command`, `elapsed_s` after the last.

        From a pose outside the ranges (sag, a calibration) the way back is no faster than any
        other: the speed has the last word, and no command leads further out.

        Raises:
            JointValuesError: not finite (checked first: NaN passes every comparison), or
                no start pose yet.
        """
        self._refuse_not_finite(command, "command")
        if self._previous is None:
            raise JointValuesError("no measured pose to start from")
        step = self._spec.max_velocity * elapsed_s
        goal = np.clip(command, self._spec.lower, self._spec.upper)
        self._previous = np.clip(goal, self._previous - step, self._previous + step)
        return self._previous.copy()

    def _refuse_not_finite(self, vector: NDArray[np.float64], what: str) -> None:
        finite = np.isfinite(vector)
        if not finite.all():
            bad = self._spec.columns[int(np.flatnonzero(~finite)[0])]
            raise JointValuesError(
                f"{what} for '{bad}' is not finite; the whole vector is refused"
            )

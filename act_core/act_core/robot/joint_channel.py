# SPDX-License-Identifier: Apache-2.0
"""One stream of named joint values and its conversion to the robot's vector, by name."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from act_core.errors import JointNamesError, JointValuesError


@dataclass(frozen=True)
class JointChannel:
    """Joint names of one stream (state, command or leader) in the robot's vector order.

    A column of the vector is `(raw - zero) / span`: arm joints have zero 0 and span 1 (rad
    stays rad); a gripper has zero = its closed value and span = open - closed, so that its
    column is 0 closed and 1 open whatever the stream's unit is.

    Columns outside `least` … `greatest` are taken for a fault (degrees, encoder counts, another
    robot's order) and refused; these bounds are wider than the joints' limits.
    """

    label: str
    names: tuple[str, ...]
    zero: NDArray[np.float64]
    span: NDArray[np.float64]
    least: NDArray[np.float64] | float = -np.inf
    greatest: NDArray[np.float64] | float = np.inf
    _orders: dict[tuple[str, ...], NDArray[np.intp]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def to_columns(self, names: Sequence[str], raw: ArrayLike) -> NDArray[np.float64]:
        """Pick this channel's joints out of a message and convert them.

        Args:
            names: joint names of the message, any order; extra joints are ignored.
            raw: one value per name, SI units.

        Returns:
            (D,) float64, robot vector order; grippers 0 closed … 1 open.

        Raises:
            JointNamesError: a joint is missing or named twice.
            JointValuesError: the counts differ, or a value is NaN, infinite, or far out of its
                joint's range.
        """
        values = self._pick(names, raw)
        with np.errstate(over="ignore"):
            columns = (values - self.zero) / self.span
        far = (columns < self.least) | (columns > self.greatest)
        if far.any():
            i = int(np.flatnonzero(far)[0])
            bounds = (np.broadcast_to(b, columns.shape)[i] for b in (self.least, self.greatest))
            low, high = sorted(b * self.span[i] + self.zero[i] for b in bounds)
            raise JointValuesError(
                f"{self.label}: joint '{self.names[i]}' is {values[i]:g}, expected a value in "
                f"{low:g} … {high:g}; check its unit and the robot file"
            )
        return columns

    def rates_to_columns(self, names: Sequence[str], raw: ArrayLike) -> NDArray[np.float64]:
        """Convert velocities: as `to_columns`, without the offset."""
        return self._pick(names, raw) / self.span

    def pick(self, names: Sequence[str], raw: ArrayLike) -> NDArray[np.float64]:
        """Return this channel's values as the message has them, in vector order (efforts)."""
        return self._pick(names, raw)

    def to_raw(self, columns: ArrayLike) -> NDArray[np.float64]:
        """Convert a (D,) vector to SI values, one per name of this channel."""
        vector = np.asarray(columns, dtype=np.float64)
        if vector.shape != (len(self.names),):
            raise JointValuesError(
                f"{self.label}: got a vector of shape {vector.shape}, "
                f"this robot has {len(self.names)} columns"
            )
        return vector * self.span + self.zero

    def _pick(self, names: Sequence[str], raw: ArrayLike) -> NDArray[np.float64]:
        values = np.asarray(raw, dtype=np.float64)
        if values.shape != (len(names),):
            raise JointValuesError(
                f"{self.label}: got {values.size} values for {len(names)} joint names"
            )
        picked = values[self._order(tuple(names))]
        if not np.isfinite(picked).all():
            bad = self.names[int(np.flatnonzero(~np.isfinite(picked))[0])]
            raise JointValuesError(f"{self.label}: joint '{bad}' is not finite")
        return picked

    def _order(self, names: tuple[str, ...]) -> NDArray[np.intp]:
        order = self._orders.get(names)
        if order is None:
            order = self._find_order(names)
            if len(self._orders) > 64:  # a driver that shuffles its names must not grow memory
                self._orders.clear()
            self._orders[names] = order
        return order

    def _find_order(self, names: tuple[str, ...]) -> NDArray[np.intp]:
        doubled = sorted({n for n in names if n in self.names and names.count(n) > 1})
        missing = [n for n in self.names if n not in names]
        if not (doubled or missing):
            return np.array([names.index(n) for n in self.names], dtype=np.intp)
        faults = [
            f"{word} {', '.join(map(repr, which))}"
            for word, which in (("missing", missing), ("doubled", doubled))
            if which
        ]
        raise JointNamesError(
            f"{self.label}: {'; '.join(faults)}. Got: {', '.join(names) or '(none)'}. "
            f"Expected: {', '.join(self.names)}"
        )

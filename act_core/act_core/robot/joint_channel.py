# SPDX-License-Identifier: Apache-2.0
"""One stream of named joint values and its conversion to the robot's vector, by name."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from act_core.errors import JointNamesError, JointValuesError, OtherJointsError


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
            OtherJointsError: none of the joints is this channel's.
            JointNamesError: a joint is missing or named twice.
            JointValuesError: the counts differ, or a position of this channel's joints is NaN,
                infinite, or far out of its range.
        """
        order = self._order(tuple(names))
        given = np.asarray(raw, dtype=np.float64)
        if given.shape != (len(names),):
            raise JointValuesError(
                f"{self.label}: got {given.size} positions for {len(names)} joint names"
            )
        values = given[order]
        wrong = np.flatnonzero(~np.isfinite(values))
        if len(wrong):
            i = int(wrong[0])
            raise JointValuesError(
                f"{self.label}: position of joint '{self.names[i]}' is {values[i]:g}, expected a "
                "finite number"
            )
        with np.errstate(over="ignore"):
            columns = (values - self.zero) / self.span
        self._check_range(values, columns)
        return columns

    def _check_range(self, values: NDArray[np.float64], columns: NDArray[np.float64]) -> None:
        far = (columns < self.least) | (columns > self.greatest)
        if far.any():
            i = int(np.flatnonzero(far)[0])
            bounds = (np.broadcast_to(b, columns.shape)[i] for b in (self.least, self.greatest))
            low, high = sorted(b * self.span[i] + self.zero[i] for b in bounds)
            raise JointValuesError(
                f"{self.label}: joint '{self.names[i]}' is {values[i]:g}, expected a value in "
                f"{low:g} … {high:g}; check its unit and the robot file"
            )

    def rates_to_columns(self, names: Sequence[str], raw: ArrayLike) -> NDArray[np.float64]:
        """Convert velocities, (D,): without the offset, NaN = not measured, see `measured`."""
        return self.measured("velocity", names, raw) / self.span

    def measured(self, field: str, names: Sequence[str], raw: ArrayLike) -> NDArray[np.float64]:
        """Pick what a driver may leave out, as the message has it.

        Args:
            field: of the message, for errors.
            names: joint names of the message.
            raw: a value for each name, for the first of them, or none.

        Returns:
            (D,) float64, vector order; NaN where there is no value or none that is finite.

        Raises:
            JointNamesError: as `to_columns`.
            JointValuesError: there are more values than names.
        """
        given = np.asarray(raw, dtype=np.float64).ravel()
        if len(given) > len(names):
            raise JointValuesError(
                f"{self.label}: got {len(given)} values of {field} for {len(names)} joint names"
            )
        values = np.full(len(names), np.nan)
        values[: len(given)] = given
        picked = values[self._order(tuple(names))]
        picked[np.isinf(picked)] = np.nan
        return picked

    def to_raw(self, columns: ArrayLike) -> NDArray[np.float64]:
        """Convert a (D,) vector to SI values, one per name of this channel."""
        vector = np.asarray(columns, dtype=np.float64)
        if vector.shape != (len(self.names),):
            raise JointValuesError(
                f"{self.label}: got a vector of shape {vector.shape}, "
                f"this robot has {len(self.names)} columns"
            )
        return vector * self.span + self.zero

    def _order(self, names: tuple[str, ...]) -> NDArray[np.intp]:
        order = self._orders.get(names)
        if order is None:
            order = self._find_order(names)
            if len(self._orders) > 64:  # a driver that shuffles its names must not grow memory
                self._orders.clear()
            self._orders[names] = order
        return order

    def _find_order(self, names: tuple[str, ...]) -> NDArray[np.intp]:
        doubled = sorted(n for n in self.names if names.count(n) > 1)
        missing = [n for n in self.names if n not in names]
        if not (doubled or missing):
            return np.array([names.index(n) for n in self.names], dtype=np.intp)
        got = ", ".join(names) or "(none)"
        if names and len(missing) == len(self.names):
            raise OtherJointsError(
                f"{self.label}: none of the robot's joints. Got: {got}. "
                f"Expected: {', '.join(self.names)}"
            )
        faults = [
            f"{word} {', '.join(map(repr, which))}"
            for word, which in (("missing", missing), ("doubled", doubled))
            if which
        ]
        raise JointNamesError(
            f"{self.label}: {'; '.join(faults)}. Got: {got}. Expected: {', '.join(self.names)}"
        )

# SPDX-License-Identifier: Apache-2.0
"""Which samples make a row of an episode: the interface of a matcher for each pace. No ROS."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from act_core.errors import ActError
from act_core.observation import Missing, Observation, RawObservation
from act_core.streams.assembler import ObservationAssembler

COMMANDS = "joint_commands"
NOT_BEGUN = Missing("the first tick of an episode (task_state)")


class GapError(ActError):
    """What comes next would not continue the episode."""


@dataclass(frozen=True)
class Row:
    """An observation and the action (D,) that was commanded on it.

    Attributes:
        observation: what was sensed; for a file its images are pixels (H, W, 3) uint8, RGB, or
            JpegImage, on the way there as the recorder's `decode` leaves them.
        action: rad, grippers 0 closed … 1 open.
        action_stamp_ns: stamp of the command.
        time_ns: the control tick, on the recorder's ROS clock; in lockstep every stamp of the row.
        source: who commanded: policy, teleop, ….
    """

    observation: Observation | RawObservation
    action: NDArray[np.float64]
    action_stamp_ns: int
    time_ns: int
    source: str = ""


class RowMatcher(Protocol):
    """Takes samples and commands, gives rows between `begin` and the end.

    Attributes:
        assembler: takes joint samples and images.
        skipped_ticks: control ticks without a row since the first row of this episode.
        skipped_reason: what kept most of them from being rows; empty when there are none.
    """

    assembler: ObservationAssembler

    @property
    def skipped_ticks(self) -> int:
        """See the class."""

    @property
    def skipped_reason(self) -> str:
        """See the class."""

    def begin(self, stamp_ns: int) -> None:
        """Give rows from `stamp_ns` on."""

    def end(self, stamp_ns: int) -> None:
        """Give no row of `stamp_ns` and later."""

    def stop(self) -> None:
        """Give no row until the next `begin`."""

    @property
    def over(self) -> bool:
        """Whether no row can come any more."""

    def add_command(self, stamp_ns: int, command: NDArray[np.float64], source: str = "") -> None:
        """Take the command (D,) of `stamp_ns`, and who sent it."""

    def drop(self, reason: str) -> None:
        """Take note that the last row could not be kept."""

    def next_row(self, now_ns: int) -> Row | Missing:
        """Return the next row, or what keeps it from being whole.

        Raises:
            GapError: too much is missing for the episode to go on.
            ImageError: lockstep: an image cannot be used, and there is no other.
        """

    def look(self, now_ns: int) -> RawObservation | Missing:
        """Return what the next row would be made from, or what it waits for; changes nothing."""

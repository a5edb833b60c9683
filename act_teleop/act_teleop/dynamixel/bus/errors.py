# SPDX-License-Identifier: Apache-2.0
"""Errors of Dynamixel buses."""

from act_core.errors import ActError


class BusError(ActError):
    """A Dynamixel bus cannot be used, or its file has a fault."""


class PortLostError(BusError):
    """The serial port is gone or cannot be opened."""


class AnswerError(BusError):
    """A motor's answer is missing, damaged, refused or not of this question.

    Attributes:
        kind: one of timeout, damaged, refused, stale; what is counted.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind

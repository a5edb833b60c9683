# SPDX-License-Identifier: Apache-2.0
"""Errors of the suite. Each message says what was got, expected, available, and what to do."""

from collections.abc import Iterable
from difflib import get_close_matches


class ActError(Exception):
    """Base of every error that the suite raises for bad input or a bad situation."""


class RobotSpecError(ActError):
    """A robot file cannot be used."""


class JointNamesError(ActError):
    """Joint names of a message or checkpoint do not fit the robot."""


class OtherJointsError(JointNamesError):
    """A message has none of the robot's joints: another device's, on the same topic."""


class JointValuesError(ActError):
    """Joint values of a message are not usable numbers, or not of the expected count."""


class ImageError(ActError):
    """An image does not have the size or encoding that was agreed."""


class EpisodeError(ActError):
    """An episode file cannot be written or read."""


class ParameterError(ActError):
    """A node parameter is unknown, of the wrong type, or out of its range."""


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'x'? Known: a, b" for an unknown `word`, shortest when far off."""
    names = sorted(known)
    near = get_close_matches(word, names, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else "."
    return f"{hint} Known: {', '.join(names) or '(none)'}"

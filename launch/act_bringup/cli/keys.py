# SPDX-License-Identifier: Apache-2.0
"""Verb `keys`: the operator's keys and display of a recording session, in this terminal."""

from collections.abc import Sequence

from act_bringup.cli.terminal_program import become
from act_recorder.record_system import KEYS


def main(words: Sequence[str]) -> int:
    """Become the operator's terminal, with the options `words`."""
    become(KEYS, words)
    return 0

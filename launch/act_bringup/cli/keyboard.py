# SPDX-License-Identifier: Apache-2.0
"""Verb `keyboard`: the keyboard node in this terminal."""

from collections.abc import Sequence

from act_bringup.cli.terminal_program import become
from act_sim.leaders.leader_systems import KEYBOARD


def main(words: Sequence[str]) -> int:
    """Become the keyboard node, with the options `words`."""
    become(KEYBOARD, words)
    return 0

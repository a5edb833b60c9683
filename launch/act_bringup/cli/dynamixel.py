# SPDX-License-Identifier: Apache-2.0
"""Verb `dynamixel`: the arms' nodes, and jobs at a bus that no node has."""

from collections.abc import Sequence

from act_bringup.cli.start import start
from act_teleop.dynamixel.dynamixel_tool import run_tool


def main(words: Sequence[str]) -> int:
    """Run `act dynamixel JOB …` or, with options alone, the nodes; return the exit status."""
    if words and not words[0].startswith("-") and ":=" not in words[0]:
        return run_tool(words[0], words[1:])
    return start("dynamixel", words)

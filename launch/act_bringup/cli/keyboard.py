# SPDX-License-Identifier: Apache-2.0
"""Verb `keyboard`: the keyboard node in this very terminal, whose keys it reads."""

import os
from collections.abc import Sequence

from act_bringup.cli.start import command
from act_core.ros.process.environment import environment_defaults
from act_core.system.command_line import CommandLine
from act_sim.leaders.leader_systems import KEYBOARD


def main(words: Sequence[str]) -> int:
    """Become the keyboard node, with the options `words`."""
    parser = CommandLine("act keyboard", KEYBOARD.summary)
    for declared in KEYBOARD.declared.values():
        parser.add_declared(declared)
    values = KEYBOARD.values(vars(parser.parse(words)))
    (process,) = KEYBOARD.processes
    path, *rest = command(process, values)
    environment = {**environment_defaults(), **os.environ}
    os.execve(path, [path, *rest], environment)  # noqa: S606 - no shell is wanted in between

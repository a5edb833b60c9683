# SPDX-License-Identifier: Apache-2.0
"""A program in this very terminal, whose keys it reads."""

import os
from collections.abc import Sequence

from act_bringup.cli.start import command
from act_core.ros.process.environment import environment_defaults
from act_core.system.command_line import CommandLine
from act_core.system.system import System


def become(system: System, words: Sequence[str]) -> None:
    """Become the one node of `system`, with the options `words`."""
    parser = CommandLine(f"act {system.name}", system.summary)
    for declared in system.declared.values():
        parser.add_declared(declared)
    values = system.values(vars(parser.parse(words)))
    (process,) = system.processes
    path, *rest = command(process, values)
    environment = {**environment_defaults(), **os.environ}
    os.execve(path, [path, *rest], environment)  # noqa: S606 - no shell is wanted in between

# SPDX-License-Identifier: Apache-2.0
"""Verb `checkpoint`: what can be done with a checkpoint folder."""

import sys
from collections.abc import Sequence

from act_core.system.command_line import CommandLine, choose


def main(words: Sequence[str]) -> int:
    """Run `act checkpoint ACTION …`; return its exit status."""
    actions = {"half": half}
    if not words or words[0] in ("-h", "--help"):
        sys.stdout.write("usage: act checkpoint half SOURCE DESTINATION\n")
        return 0
    return actions[choose(words[0], actions, "action")](words[1:])


def half(words: Sequence[str]) -> int:
    """Copy a checkpoint with weights as float16: half the size, three decimal digits."""
    parser = CommandLine("act checkpoint half", str(half.__doc__))
    parser.add_argument("source", help="checkpoint folder, or the name of a shipped one")
    parser.add_argument("destination", help="folder to write")
    options = parser.parse(words)
    from act_core.paths import user_path
    from act_policy.checkpoint.checkpoint import copy_as_half
    from act_policy.checkpoint.find_checkpoint import find_checkpoint

    copy_as_half(find_checkpoint(options.source), user_path(options.destination))
    return 0

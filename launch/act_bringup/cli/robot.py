# SPDX-License-Identifier: Apache-2.0
"""Verb `robot`: what can be done with a robot file."""

import json
import os
import sys
from collections.abc import Sequence

from act_core.system.command_line import CommandLine, choose


def main(words: Sequence[str]) -> int:
    """Run `act robot ACTION …`; return its exit status."""
    actions = {"check": check}
    if not words or words[0] in ("-h", "--help"):
        sys.stdout.write("usage: act robot check ROBOT [--leader false] [--listen-s 2]\n")
        return 0
    return actions[choose(words[0], actions, "action")](words[1:])


def check(words: Sequence[str]) -> int:
    """Compare what a robot file asks for with what runs, and say what to change."""
    from act_core.ros.process.environment import environment_defaults
    from act_core.system.declaration import declarations
    from act_teleop.robot_check.robot_check_node import check as run
    from act_teleop.robot_check.robot_check_params import RobotCheckParams

    parser = CommandLine("act robot check", str(check.__doc__))
    parser.add_argument("robot_file", help="a shipped robot's name, or the path of a robot file")
    known = declarations(RobotCheckParams)
    for name in ("leader", "listen_s"):
        parser.add_declared(known[name])
    given = vars(parser.parse(words))
    for name, value in environment_defaults().items():
        os.environ.setdefault(name, value)
    arguments = ["--ros-args"]
    for name, text in given.items():
        value = known[name].from_text(text)
        arguments += ["-p", f"{name}:={json.dumps(value, ensure_ascii=False)}"]
    return run(arguments)

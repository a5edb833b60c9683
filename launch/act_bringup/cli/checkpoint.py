# SPDX-License-Identifier: Apache-2.0
"""Verb `checkpoint`: what can be done with a checkpoint folder."""

import sys
from collections.abc import Sequence

from act_core.errors import ActError
from act_core.paths import user_path
from act_core.system.command_line import CommandLine, choose

USAGE = """usage: act checkpoint info CHECKPOINT
       act checkpoint import LEROBOT_FOLDER DESTINATION --robot ROBOT [--camera THEIRS=OURS …]
       act checkpoint half SOURCE DESTINATION
"""


def main(words: Sequence[str]) -> int:
    """Run `act checkpoint ACTION …`; return its exit status."""
    actions = {"info": info, "import": import_, "half": half}
    if not words or words[0] in ("-h", "--help"):
        sys.stdout.write(USAGE)
        return 0
    return actions[choose(words[0], actions, "action")](words[1:])


def info(words: Sequence[str]) -> int:
    """Say what a checkpoint is of and for."""
    parser = CommandLine("act checkpoint info", str(info.__doc__))
    parser.add_argument("checkpoint", help="checkpoint folder, or the name of a shipped one")
    options = parser.parse(words)
    from act_policy.checkpoint.description import read_description
    from act_policy.checkpoint.find_checkpoint import find_checkpoint

    for line in read_description(find_checkpoint(options.checkpoint)).in_words():
        sys.stdout.write(f"{line}\n")
    return 0


def import_(words: Sequence[str]) -> int:
    """Make a checkpoint of an ACT policy that was trained with LeRobot, for the robot it is of."""
    parser = CommandLine("act checkpoint import", str(import_.__doc__))
    parser.add_argument("source", help="LeRobot's folder: pretrained_model, or the one it is in")
    parser.add_argument("destination", help="folder to write")
    parser.add_argument(
        "--robot", required=True, help="shipped robot's name or robot file: whose columns state "
        "and action are, in their order and units",
    )  # fmt: skip
    parser.add_argument(
        "--camera", action="append", default=[], metavar="THEIRS=OURS",
        help="a camera by LeRobot's name and by the robot file's, where they differ",
    )  # fmt: skip
    options = parser.parse(words)
    cameras = {}
    for pair in options.camera:
        theirs, equals, ours = pair.partition("=")
        if not (theirs and equals and ours):
            parser.error(f"--camera '{pair}', expected THEIRS=OURS")
        cameras[theirs] = ours
    from act_core.robot.robot_file import load_robot
    from act_policy.checkpoint.checkpoint import save_checkpoint
    from act_policy.checkpoint.lerobot import read_lerobot

    destination = user_path(options.destination)
    if destination.exists():
        raise ActError(f"'{destination}' is there already; name another folder")
    robot = load_robot(options.robot)
    checkpoint = read_lerobot(user_path(options.source), robot, cameras)
    save_checkpoint(destination, checkpoint)
    for line in (*checkpoint.in_words(), f"written to {destination}"):
        sys.stdout.write(f"{line}\n")
    return 0


def half(words: Sequence[str]) -> int:
    """Copy a checkpoint with weights as float16: half the size, three decimal digits."""
    parser = CommandLine("act checkpoint half", str(half.__doc__))
    parser.add_argument("source", help="checkpoint folder, or the name of a shipped one")
    parser.add_argument("destination", help="folder to write")
    options = parser.parse(words)
    from act_policy.checkpoint.checkpoint import copy_as_half
    from act_policy.checkpoint.find_checkpoint import find_checkpoint

    copy_as_half(find_checkpoint(options.source), user_path(options.destination))
    return 0

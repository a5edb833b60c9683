# SPDX-License-Identifier: Apache-2.0
"""Verb `checkpoint`: what can be done with a checkpoint folder."""

import re
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from act_core.errors import ActError
from act_core.paths import user_path
from act_core.robot.robot_spec import RobotSpec
from act_core.system.command_line import CommandLine, choose

if TYPE_CHECKING:  # torch takes long to load
    from act_policy.checkpoint.checkpoint import Checkpoint

USAGE = """usage: act checkpoint info CHECKPOINT
       act checkpoint import SOURCE DESTINATION --robot ROBOT [--camera NAME …]
       act checkpoint export CHECKPOINT DESTINATION [--layout lerobot|original]
       act checkpoint compile CHECKPOINT [--engine ENGINE] [--dataset DIR]
       act checkpoint half SOURCE DESTINATION
"""


def main(words: Sequence[str]) -> int:
    """Run `act checkpoint ACTION …`; return its exit status."""
    actions = {
        "info": info, "import": import_, "export": export, "compile": compile_, "half": half,
    }  # fmt: skip
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
    """Make a checkpoint of an ACT policy that LeRobot, or the original code, has trained."""
    options = _import_line().parse(words)
    from act_core.robot.robot_file import load_robot
    from act_policy.checkpoint.checkpoint import save_checkpoint

    destination = user_path(options.destination)
    if destination.exists():
        raise ActError(f"'{destination}' is there already; name another folder")
    checkpoint = _read(user_path(options.source), load_robot(options.robot), options)
    save_checkpoint(destination, checkpoint)
    for line in (*checkpoint.in_words(), f"written to {destination}"):
        sys.stdout.write(f"{line}\n")
    return 0


def _import_line() -> CommandLine:
    parser = CommandLine("act checkpoint import", str(import_.__doc__))
    parser.add_argument(
        "source", help="LeRobot's folder (pretrained_model, or the one it is in), or the original "
        "code's policy_best.ckpt, or its folder",
    )  # fmt: skip
    parser.add_argument("destination", help="folder to write")
    parser.add_argument(
        "--robot", required=True, help="shipped robot's name or robot file: whose columns state "
        "and action are, in their order and units",
    )  # fmt: skip
    parser.add_argument(
        "--camera", action="append", default=[], metavar="NAME",
        help="LeRobot: THEIRS=OURS, where the robot file has another name; original: one for "
        "each of the training's camera_names, in their order",
    )  # fmt: skip
    parser.add_argument(
        "--image-size", default="480x640", metavar="HEIGHTxWIDTH", help="original: of its images"
    )
    parser.add_argument("--heads", type=int, default=8, help="original: attention heads")
    parser.add_argument(
        "--statistics", default="", metavar="FILE",
        help="original: dataset_stats.pkl, where it is not beside the policy",
    )  # fmt: skip
    return parser


def _read(source: Path, robot: RobotSpec, options: Namespace) -> "Checkpoint":
    from act_policy.checkpoint.lerobot import read_lerobot
    from act_policy.checkpoint.original_act import Untold, read_original

    best = source / "policy_best.ckpt"
    source = best if best.is_file() else source
    if source.suffix != ".ckpt":
        pairs = [camera.partition("=") for camera in options.camera]
        if odd := [theirs for theirs, equals, ours in pairs if not (theirs and equals and ours)]:
            raise ActError(f"--camera '{odd[0]}', expected THEIRS=OURS")
        return read_lerobot(source, robot, {theirs: ours for theirs, _, ours in pairs})
    size = re.fullmatch(r"(\d+)x(\d+)", options.image_size)
    if size is None:
        raise ActError(f"--image-size '{options.image_size}', expected HEIGHTxWIDTH")
    if not options.camera:
        raise ActError(
            f"'{source}' does not name its cameras: --camera for each of the training's "
            f"camera_names, in their order; robot '{robot.name}' has "
            f"{', '.join(camera.name for camera in robot.cameras)}"
        )
    statistics = user_path(options.statistics) if options.statistics else None
    height_px, width_px = map(int, size.groups())
    untold = Untold(options.camera, (height_px, width_px), options.heads, statistics)
    return read_original(source, robot, untold)


def export(words: Sequence[str]) -> int:
    """Write a checkpoint as LeRobot's ACT policy, or as the original code's."""
    parser = CommandLine("act checkpoint export", str(export.__doc__))
    parser.add_argument("checkpoint", help="checkpoint folder, or the name of a shipped one")
    parser.add_argument("destination", help="folder to write")
    parser.add_argument(
        "--layout", choices=("lerobot", "original"), default="lerobot",
        help="lerobot: a folder for its --policy.path; original: policy_best.ckpt and "
        "dataset_stats.pkl, a folder for its --ckpt_dir",
    )  # fmt: skip
    options = parser.parse(words)
    from act_policy.checkpoint.checkpoint import load_checkpoint
    from act_policy.checkpoint.find_checkpoint import find_checkpoint
    from act_policy.checkpoint.lerobot_writer import write_lerobot
    from act_policy.checkpoint.original_writer import arguments, write_original

    destination = user_path(options.destination)
    if destination.exists():
        raise ActError(f"'{destination}' is there already; name another folder")
    checkpoint = load_checkpoint(find_checkpoint(options.checkpoint))
    if options.layout == "lerobot":
        write_lerobot(destination, checkpoint)
    else:
        write_original(destination, checkpoint)
        sys.stdout.write(f"imitate_episodes.py --eval needs {arguments(checkpoint.config)}\n")
    sys.stdout.write(f"written to {destination}\n")
    return 0


def compile_(words: Sequence[str]) -> int:
    """Translate a checkpoint for an engine ahead of its first start; say what that gains."""
    from act_policy.inference.engine_names import AUTO, CALIBRATED, ENGINES

    parser = CommandLine("act checkpoint compile", str(compile_.__doc__))
    parser.add_argument("checkpoint", help="checkpoint folder, or the name of a shipped one")
    parser.add_argument("--engine", choices=ENGINES, default=AUTO, help="what it is for")
    parser.add_argument("--threads", type=int, default=1, help="of the timing")
    parser.add_argument(
        "--dataset", metavar="DIR", help=f"episodes to compare on; {CALIBRATED} is calibrated on "
        "half of the observations that are taken of them",
    )  # fmt: skip
    options = parser.parse(words)
    from act_policy.checkpoint.checkpoint import load_checkpoint
    from act_policy.checkpoint.find_checkpoint import find_checkpoint
    from act_policy.inference.compile_engine import compile_engine
    from act_policy.samples.recorded_inputs import recorded_inputs

    checkpoint = load_checkpoint(find_checkpoint(options.checkpoint))
    recorded = []
    if options.dataset:
        recorded = recorded_inputs(user_path(options.dataset), checkpoint)
    for line in compile_engine(checkpoint, options.engine, options.threads, recorded):
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

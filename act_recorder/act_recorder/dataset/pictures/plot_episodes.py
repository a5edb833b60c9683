# SPDX-License-Identifier: Apache-2.0
"""Verb `plot`: a picture of each episode's joints."""

import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.robot.robot_spec import RobotSpec
from act_recorder.dataset.pictures.episode_curves import read_curves
from act_recorder.dataset.pictures.episode_figure import episode_figure
from act_recorder.dataset.pictures.targets import add_target_options, targets
from act_recorder.dataset.selection import chosen_episodes, named_robot, verb_line

FOLDER = "plots"
FORMATS = ("png", "pdf", "svg")


def main(words: Sequence[str]) -> int:
    """Write a picture for each episode; return 0."""
    line = verb_line(
        "plot", "State against command, error, velocity, effort, ages: a picture each."
    )
    line.add_argument("--format", choices=FORMATS, default="png", help="of the pictures")
    add_target_options(line, FOLDER, "pictures")
    options = line.parse(words)
    robot, episodes = named_robot(options), chosen_episodes(options)
    files = targets(options, episodes, FOLDER, f".{options.format}")
    if files[0].suffix[1:] not in FORMATS:
        raise EpisodeError(f"{files[0]}: expected a name in {', '.join(FORMATS)}")
    for episode, file in zip(tqdm(episodes, "plot", unit="episode"), files, strict=True):
        plot(episode, file, robot)
    sys.stdout.write("".join(f"{file}\n" for file in files))
    return 0


def plot(episode: Path, file: Path, robot: RobotSpec | None) -> None:
    """Draw `episode` into `file`, whose name says in which format."""
    with EpisodeReader(episode, robot) as reader:
        curves = read_curves(reader)
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.stem}.partial{file.suffix}")
    episode_figure(curves).savefig(partial)
    partial.replace(file)

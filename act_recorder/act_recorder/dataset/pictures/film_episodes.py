# SPDX-License-Identifier: Apache-2.0
"""Verb `video`: an episode's cameras over its curves, or a contact sheet."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
from tqdm import tqdm

from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.images.video_file import VideoFile
from act_core.robot.robot_spec import RobotSpec
from act_core.system.command_line import choose
from act_recorder.dataset.pictures.contact_sheet import contact_sheet
from act_recorder.dataset.pictures.episode_film import EpisodeFilm
from act_recorder.dataset.pictures.targets import add_target_options, targets
from act_recorder.dataset.selection import chosen_episodes, named_robot, verb_line

FOLDER = "videos"
LEAST_SPEED, MOST_SPEED = 0.05, 20.0


def main(words: Sequence[str]) -> int:
    """Write a video or a sheet for each episode; return 0."""
    line = verb_line("video", "Cameras side by side over the curves: an MP4 each.")
    line.add_argument("--cameras", default="", metavar="A,B", help="to show; all if empty")
    line.add_argument("--speed", type=float, default=1.0, help="times as fast as recorded")
    line.add_argument(
        "--contact-sheet", action="store_true", help="a PNG each instead: cameras by times"
    )
    line.add_argument("--frames", type=int, default=8, help="columns of a contact sheet")
    add_target_options(line, FOLDER, "files")
    options = line.parse(words)
    _check(options)
    robot, episodes = named_robot(options), chosen_episodes(options)
    suffix = ".png" if options.contact_sheet else ".mp4"
    files = targets(options, episodes, FOLDER, suffix)
    if files[0].suffix != suffix:
        raise EpisodeError(f"{files[0]}: expected a name in {suffix}")
    for episode, file in zip(episodes, files, strict=True):
        if options.contact_sheet:
            _sheet(episode, file, robot, options)
        else:
            _film(episode, file, robot, options)
        sys.stdout.write(f"{file}\n")
    return 0


def _check(options: argparse.Namespace) -> None:
    if not LEAST_SPEED <= options.speed <= MOST_SPEED:
        raise EpisodeError(f"--speed {options.speed:g}, expected {LEAST_SPEED:g} … {MOST_SPEED:g}")
    if not 1 <= options.frames <= 100:
        raise EpisodeError(f"--frames {options.frames}, expected 1 … 100")


def _film(episode: Path, file: Path, robot: RobotSpec | None, options: argparse.Namespace) -> None:
    with EpisodeReader(episode, robot) as reader:
        film = EpisodeFilm(reader, _cameras(reader, options.cameras), options.speed)
        with VideoFile(file, film.frames_per_s) as video:
            for frame in tqdm(film.frames(), file.stem, total=len(film), unit="frame"):
                video.add(frame)


def _sheet(
    episode: Path, file: Path, robot: RobotSpec | None, options: argparse.Namespace
) -> None:
    with EpisodeReader(episode, robot) as reader:
        sheet = contact_sheet(reader, _cameras(reader, options.cameras), options.frames)
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.stem}.partial{file.suffix}")
    if not cv2.imwrite(str(partial), sheet[..., ::-1]):
        raise EpisodeError(f"{partial} cannot be written")
    partial.replace(file)


def _cameras(reader: EpisodeReader, text: str) -> tuple[str, ...]:
    """Return the cameras that `text` names; raises ParameterError for one that is not there."""
    named = [name.strip() for name in text.split(",") if name.strip()]
    return tuple(choose(name, reader.cameras, "camera") for name in named) or reader.cameras

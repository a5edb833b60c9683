# SPDX-License-Identifier: Apache-2.0
"""Verb `trim`: episodes without the idle time at their beginning and end."""

import argparse
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from act_core.episode.find_episodes import episode_index
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.paths import user_path
from act_core.robot.robot_spec import RobotSpec
from act_core.system.command_line import CommandLine
from act_recorder.dataset.mend.episode_copy import copy_episode
from act_recorder.dataset.mend.idle import moving_rows, widened
from act_recorder.dataset.mend.trash import TRASH, discard
from act_recorder.dataset.output_folder import new_folder
from act_recorder.dataset.progress import shown
from act_recorder.dataset.selection import chosen_episodes, named_robot, verb_line


@dataclass(frozen=True)
class Cut:
    """What is to be left of one episode; `kept` is None where nothing moves in it."""

    path: Path
    num_frames: int
    rate_hz: float
    kept: range | None

    @property
    def rows(self) -> range:
        """The rows that stay: all, where nothing moves."""
        return range(self.num_frames) if self.kept is None else self.kept

    @property
    def is_cut(self) -> bool:
        """Whether rows go."""
        return len(self.rows) < self.num_frames

    def __str__(self) -> str:
        """Say it in a line."""
        if self.kept is None:
            return f"{self.path.name}: nothing moves in its {self.num_frames} rows; left as it is"
        head_s, tail_s = self.kept.start / self.rate_hz, (
            self.num_frames - self.kept.stop
        ) / self.rate_hz  # fmt: skip
        return (
            f"{self.path.name}: rows {self.kept.start} … {self.kept.stop - 1} of "
            f"{self.num_frames}; {head_s:.2f} s before and {tail_s:.2f} s after them are idle"
        )


def main(words: Sequence[str]) -> int:
    """Tell what is idle, and write the rest."""
    options = _line().parse(words)
    if not (options.dry_run or options.in_place or options.out):
        raise EpisodeError("name a new folder with --out, or say --in-place, or --dry-run")
    if options.out and options.in_place:
        raise EpisodeError("--out and --in-place exclude each other")
    if not (options.keep_s >= 0 and options.motion > 0):
        raise EpisodeError(
            f"--keep-s {options.keep_s:g} --motion {options.motion:g}, expected 0 or more, and "
            "more than 0"
        )
    robot = named_robot(options)
    cuts = [plan(path, robot, options) for path in chosen_episodes(options)]
    for cut in cuts:
        sys.stdout.write(f"{cut}\n")
    rows = sum(cut.num_frames - len(cut.rows) for cut in cuts)
    total = sum(cut.num_frames for cut in cuts)
    if options.dry_run:
        sys.stdout.write(f"{rows} of {total} rows would go; nothing was written\n")
        return 0
    if options.in_place:
        where = trim_in_place(cuts, robot)
    else:
        with new_folder(options.out) as folder:
            write(cuts, robot, folder)
        where = f"the episodes are in {options.out}"
    sys.stdout.write(f"{rows} of {total} rows are gone; {where}\n")
    return 0


def plan(path: Path, robot: RobotSpec | None, options: argparse.Namespace) -> Cut:
    """Return what is to be left of an episode; raises EpisodeError."""
    with EpisodeReader(path, robot) as reader:
        num_frames, rate_hz = reader.num_frames, reader.meta.rate_hz
        rows = moving_rows(reader.positions, reader.actions, options.motion)
    if rows is not None:
        rows = widened(rows, round(options.keep_s * rate_hz), num_frames)
    return Cut(path, num_frames, rate_hz, rows)


def write(cuts: Sequence[Cut], robot: RobotSpec | None, folder: Path) -> None:
    """Write what is left of each episode into `folder`, under its number; raises EpisodeError."""
    for cut in shown(cuts, "trim"):
        if not cut.is_cut:
            shutil.copyfile(cut.path, folder / _file_name(cut.path))
            continue
        with EpisodeReader(cut.path, robot) as reader:
            copy_episode(
                reader, folder, index=max(0, episode_index(cut.path)), rows=cut.rows,
                origin=f"trimmed from {cut.path.absolute()}",
            )  # fmt: skip


def trim_in_place(cuts: Sequence[Cut], robot: RobotSpec | None) -> str:
    """Put trimmed episodes in the place of theirs, which go to the trash; raises EpisodeError."""
    cuts = [cut for cut in cuts if cut.is_cut]
    if not cuts:
        return "nothing was idle"
    dataset, trimmed = cuts[0].path.parent, cuts[0].path.parent / ".trimmed"
    with new_folder(trimmed) as folder:
        write(cuts, robot, folder)
    for cut in cuts:
        discard(cut.path)
        (trimmed / _file_name(cut.path)).rename(cut.path)
    trimmed.rmdir()
    return (
        f"as they were, the episodes are in {dataset / TRASH}; "
        f"`act dataset restore {dataset} --swap` brings them back"
    )


def _file_name(path: Path) -> str:
    """Return how the writer calls an episode of this one's number; a file without one is 0."""
    return f"episode_{max(0, episode_index(path))}.hdf5"


def _line() -> CommandLine:
    line = verb_line("trim", "Write episodes without their idle head and tail.")
    line.add_argument("--out", type=user_path, help="new folder for the trimmed episodes")
    line.add_argument(
        "--in-place", action="store_true", help="replace them; the old ones go to the trash"
    )
    line.add_argument("--dry-run", action="store_true", help="tell what is idle, write nothing")
    line.add_argument("--keep-s", type=float, default=0.2, help="idle time to keep, s")
    line.add_argument(
        "--motion", type=float, default=0.02,
        help="what counts as motion: distance of any joint or command, rad (grippers: 0 … 1)",
    )  # fmt: skip
    return line

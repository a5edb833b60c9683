# SPDX-License-Identifier: Apache-2.0
"""Verb `split`: one dataset as several folders, by chance or by what the episodes say."""

import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from act_core.episode.meta import EpisodeMeta
from act_core.errors import EpisodeError
from act_core.paths import user_path
from act_core.system.command_line import CommandLine
from act_recorder.dataset.output_folder import new_folder
from act_recorder.dataset.progress import shown
from act_recorder.dataset.selection import chosen_episodes, named_robot, read_meta, verb_line

_NOT_IN_NAMES = re.compile(r"[^\w.-]+")


def main(words: Sequence[str]) -> int:
    """Write the folders, and say what is in which."""
    options = _line().parse(words)
    paths = chosen_episodes(options)
    if options.by == "chance":
        parts = by_chance(paths, options.fraction, options.seed)
    else:
        robot = named_robot(options)
        parts = by_word(paths, {p: words_of(read_meta(p, robot), options.by) for p in paths})
    with new_folder(options.out) as folder:
        for name, part in parts.items():
            (folder / name).mkdir()
            for path in shown(part, name):
                place(path, folder / name / path.name, copy=options.copy)
    for name, part in parts.items():
        sys.stdout.write(f"{options.out / name}: {len(part)} episodes\n")
    if not options.copy:
        sys.stdout.write(
            "the files are hard links: they take no room, and `label` changes both; --copy "
            "copies\n"
        )
    return 0


def by_chance(paths: Sequence[Path], fraction: float, seed: int) -> dict[str, list[Path]]:
    """Return folders train and val; the same seed gives the same ones.

    Raises:
        EpisodeError: `fraction` is not between 0 and 1, or one of the two would be empty.
    """
    if not 0 < fraction < 1:
        raise EpisodeError(f"--fraction {fraction:g}, expected more than 0 and less than 1")
    count = max(1, round(fraction * len(paths)))
    if count >= len(paths):
        raise EpisodeError(f"{len(paths)} episode(s) cannot be split; one folder would be empty")
    chosen = set(np.random.default_rng(seed).permutation(len(paths))[:count].tolist())
    return {
        "train": [p for i, p in enumerate(paths) if i not in chosen],
        "val": [p for i, p in enumerate(paths) if i in chosen],
    }


def words_of(meta: EpisodeMeta, by: str) -> tuple[str, ...]:
    """Return what an episode goes by: verdict, task, or each of its labels."""
    if by == "label":
        return meta.labels or ("no_label",)
    return (meta.verdict or "not_judged",) if by == "verdict" else (meta.task or "no_task",)


def by_word(paths: Sequence[Path], words: dict[Path, tuple[str, ...]]) -> dict[str, list[Path]]:
    """Return one folder a word, of names that a file system takes; two labels: in two folders.

    Raises:
        EpisodeError: two words give the same folder's name.
    """
    parts: dict[str, list[Path]] = {}
    names: dict[str, str] = {}
    for path in paths:
        for word in words[path]:
            name = _NOT_IN_NAMES.sub("_", word).strip(".") or "_"
            if names.setdefault(name, word) != word:
                raise EpisodeError(f"'{word}' and '{names[name]}' would share the folder {name}")
            parts.setdefault(name, []).append(path)
    return dict(sorted(parts.items()))


def place(source: Path, target: Path, *, copy: bool) -> None:
    """Link a file, or copy it where that is asked for or the file system has no links."""
    if not copy:
        try:
            os.link(source, target)
        except OSError:  # another disk, or one without hard links
            pass
        else:
            return
    shutil.copyfile(source, target)


def _line() -> CommandLine:
    line = verb_line("split", "One dataset as several folders; numbers stay as they are.")
    line.add_argument("--out", type=user_path, required=True, help="new folder of the folders")
    line.add_argument(
        "--by", default="chance", choices=("chance", "verdict", "task", "label"),
        help="chance: folders train and val; else a folder for each verdict, task or label",
    )  # fmt: skip
    line.add_argument("--fraction", type=float, default=0.1, help="share of val")
    line.add_argument("--seed", type=int, default=0, help="of the choice")
    line.add_argument("--copy", action="store_true", help="copies instead of hard links")
    return line

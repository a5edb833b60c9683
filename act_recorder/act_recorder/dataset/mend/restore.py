# SPDX-License-Identifier: Apache-2.0
"""Verb `restore`: episodes out of the trash, where `delete` and `trim --in-place` put them."""

import sys
from collections.abc import Sequence
from pathlib import Path

from act_core.errors import EpisodeError
from act_core.paths import user_path
from act_core.system.command_line import CommandLine
from act_recorder.dataset.mend.trash import TRASH, discard, restore
from act_recorder.dataset.selection import pick


def main(words: Sequence[str]) -> int:
    """Move deleted episodes back to their place."""
    line = CommandLine("act dataset restore", "Bring deleted episodes back.")
    line.add_argument("dataset", type=user_path, help="folder of episodes")
    line.add_argument("--episodes", default="", metavar="0,3-7", help="which ones; all if empty")
    line.add_argument(
        "--swap", action="store_true", help="put what is in their place now into the trash"
    )
    options = line.parse(words)
    chosen = in_trash(options.dataset)
    if options.episodes:
        paths = pick(sorted(chosen), options.episodes, options.dataset / TRASH)
        chosen = {path: chosen[path] for path in paths}
    back = bring_back(chosen, swap=options.swap)
    for path in back:
        sys.stdout.write(f"{path}\n")
    sys.stdout.write(f"{len(back)} episodes are back\n")
    return 0


def in_trash(dataset: Path) -> dict[Path, Path]:
    """Return where each deleted episode was → its file in the trash, the last of its name.

    Raises:
        EpisodeError: nothing is there.
    """
    folder = dataset / TRASH
    found: dict[Path, tuple[int, Path]] = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        name, _, twin = path.name.partition("~")
        entry = (int(twin or 1), path)
        found[dataset / name] = max(found.get(dataset / name, entry), entry)
    if not found:
        raise EpisodeError(f"{folder} is empty; no episode was deleted here")
    return {place: path for place, (_, path) in found.items()}


def bring_back(chosen: dict[Path, Path], *, swap: bool) -> list[Path]:
    """Move files back, once it is sure that all of them can be; return where they are.

    Args:
        chosen: place → file in the trash.
        swap: put into the trash what is in a place now, instead of refusing.

    Raises:
        EpisodeError: a place is taken.
    """
    taken = [place for place in chosen if place.exists()]
    if taken and not swap:
        names = ", ".join(place.name for place in taken[:5])
        raise EpisodeError(
            f"{taken[0].parent} has {names} again; --swap puts what is there now into the trash"
        )
    back = []
    for place, path in sorted(chosen.items()):
        if place.exists():
            discard(place)
        back.append(restore(path))
    return back

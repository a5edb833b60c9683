# SPDX-License-Identifier: Apache-2.0
"""Verb `delete`: episodes into the dataset's trash."""

import sys
from collections.abc import Sequence

from act_core.errors import EpisodeError
from act_recorder.dataset.mend.trash import TRASH, discard
from act_recorder.dataset.selection import add_filter, chosen_episodes, fitting, verb_line


def main(words: Sequence[str]) -> int:
    """Move the chosen episodes away; nothing is erased."""
    line = verb_line("delete", "Move episodes into DATASET/.trash; `restore` undoes it.")
    add_filter(line)
    line.add_argument("--dry-run", action="store_true", help="tell which, and move nothing")
    options = line.parse(words)
    if not (options.episodes or options.verdict or options.label or options.dataset.is_file()):
        raise EpisodeError("say which: --episodes, --verdict or --label")
    paths = fitting(chosen_episodes(options), options)
    if not paths:
        raise EpisodeError(f"{options.dataset} has no such episode")
    for path in paths:
        sys.stdout.write(f"{path}\n")
    if options.dry_run:
        sys.stdout.write(f"{len(paths)} episodes would go; nothing was moved\n")
        return 0
    for path in paths:
        discard(path)
    dataset = paths[0].parent
    sys.stdout.write(
        f"{len(paths)} episodes are in {dataset / TRASH}; `act dataset restore {dataset}` brings "
        "them back, removing that folder frees the disk. The others keep their numbers\n"
    )
    return 0

# SPDX-License-Identifier: Apache-2.0
"""Verb `label`: verdict, labels and task of episodes, in their files."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from act_core.episode.editing.edit_meta import edit_meta
from act_core.episode.meta import EpisodeMeta
from act_core.errors import EpisodeError
from act_core.system.command_line import CommandLine
from act_recorder.dataset.selection import chosen_episodes, read_meta, verb_line


def main(words: Sequence[str]) -> int:
    """Change what the chosen episodes say of themselves, and print what they say then."""
    options = _line().parse(words)
    if options.verdict is None and options.task is None and not (options.add or options.remove):
        raise EpisodeError("nothing to change; give --verdict, --add, --remove or --task")
    paths = chosen_episodes(options)
    # All are looked at before any is changed: a fault leaves no half of a dataset behind.
    changes = {path: changed_fields(read_checked(path), options) for path in paths}
    for path, fields in changes.items():
        meta = edit_meta(path, **fields)
        verdict = meta.verdict or "not judged"
        labels = f", labels {' '.join(meta.labels)}" if meta.labels else ""
        sys.stdout.write(f"{path.name}: {verdict}{labels}, task {meta.task or '(none)'}\n")
    return 0


def read_checked(path: Path) -> EpisodeMeta:
    """Return what a file says of itself, if that can be changed; raises EpisodeError."""
    edit_meta(path)  # changes nothing, and refuses what cannot be changed
    return read_meta(path)


def changed_fields(meta: EpisodeMeta, options: argparse.Namespace) -> dict[str, Any]:
    """Return the fields that the options change, with their new values.

    Raises:
        EpisodeError: a label to remove is not there, or one holds a blank.
    """
    fields: dict[str, Any] = {}
    if options.verdict is not None:
        verdict = "" if options.verdict == "none" else options.verdict
        fields |= {"verdict": verdict, "judge": "operator" if verdict else ""}
    if options.task is not None:
        fields["task"] = options.task
    for label in options.add:
        if not label.strip() or " " in label:
            raise EpisodeError(f"label {label!r}, expected a word without blanks")
    if options.add or options.remove:
        kept = [label for label in meta.labels if label not in options.remove]
        fields["labels"] = tuple(dict.fromkeys([*kept, *options.add]))
    return fields


def _line() -> CommandLine:
    line = verb_line(
        "label", "Judge episodes, label them, name their task; rows stay as they are."
    )
    line.add_argument(
        "--verdict", choices=("success", "failure", "none"), help="none takes a verdict back"
    )
    line.add_argument("--add", nargs="+", default=[], metavar="LABEL", help="labels to add")
    line.add_argument("--remove", nargs="+", default=[], metavar="LABEL", help="labels to remove")
    line.add_argument("--task", help="name of the task")
    return line

# SPDX-License-Identifier: Apache-2.0
"""Where a verb puts one file for each episode."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from act_core.errors import EpisodeError
from act_core.paths import user_path
from act_core.system.command_line import CommandLine


def add_target_options(line: CommandLine, folder: str, what: str) -> None:
    """Add --out and --overwrite; files go to the dataset's `folder` if nothing else is said."""
    line.add_argument(
        "--out", type=user_path, metavar="PATH", default=argparse.SUPPRESS,
        help=f"folder, or for one episode the file itself (default: DATASET/{folder})",
    )  # fmt: skip
    line.add_argument("--overwrite", action="store_true", help=f"replace {what} that are there")


def targets(
    options: argparse.Namespace, episodes: Sequence[Path], folder: str, suffix: str
) -> list[Path]:
    """Return the file to write for each episode, having checked that none is there.

    Raises:
        EpisodeError: a file exists and --overwrite is not given, or one file is to hold several
            episodes.
    """
    place: Path = options.dataset
    out: Path = getattr(options, "out", (place.parent if place.is_file() else place) / folder)
    if out.suffix and not out.is_dir():
        if len(episodes) > 1:
            raise EpisodeError(
                f"--out {out} is one file and there are {len(episodes)} episodes; name a folder, "
                "or one of them by --episodes"
            )
        found = [out]
    else:
        found = [out / f"{path.name.split('.')[0]}{suffix}" for path in episodes]
    there = [path for path in found if path.exists()]
    if there and not options.overwrite:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise EpisodeError(
            f"{there[0]}{more} exists; --overwrite replaces it, --out goes elsewhere"
        )
    return found

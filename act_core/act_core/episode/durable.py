# SPDX-License-Identifier: Apache-2.0
"""Files that are on the disk when it is said that they are, and that never replace another."""

import os
from pathlib import Path

from act_core.errors import EpisodeError


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk; raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def settle(partial: Path, path: Path) -> None:
    """Give a closed file its final name, with all its data on the disk.

    Raises:
        EpisodeError: there is a file of that name; both are kept.
        OSError: the file system refused.
    """
    sync(partial)
    if path.exists():  # somebody else's file: keep both rather than overwrite
        raise EpisodeError(f"{path} exists; the episode stays {partial}")
    partial.rename(path)
    sync(path.parent)

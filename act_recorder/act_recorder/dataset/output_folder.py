# SPDX-License-Identifier: Apache-2.0
"""A new folder that is there when it is whole, and not before."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from act_core.errors import EpisodeError


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a folder beside `path` to fill, which gets its name at the end.

    After an error or Ctrl-C it is removed again.

    Raises:
        EpisodeError: there is something at `path`, or what another run has left beside it.
    """
    if path.is_file() or (path.is_dir() and any(path.iterdir())):
        raise EpisodeError(f"{path} exists and is not empty; name a new folder")
    partial = path.with_name(path.name + ".partial")
    try:
        partial.mkdir(parents=True, exist_ok=False)
    except FileExistsError as error:
        raise EpisodeError(
            f"{partial} exists: another run fills it, or was killed; remove it or name another "
            "folder"
        ) from error
    try:
        yield partial
        if path.is_dir():
            path.rmdir()
        partial.rename(path)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise

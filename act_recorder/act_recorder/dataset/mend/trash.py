# SPDX-License-Identifier: Apache-2.0
"""Episodes that were deleted, and can be brought back: the folder .trash of their dataset."""

import re
from pathlib import Path

from act_core.errors import EpisodeError

TRASH = ".trash"
# A recorder gives the number of a deleted episode again, so that one name may be deleted twice.
_TWIN = re.compile(r"(.+)~\d+")


def discard(path: Path) -> Path:
    """Move an episode into its dataset's .trash and return where it is now.

    It keeps its name, with `~2`, `~3`, … behind it where the trash holds one of that name.

    Raises:
        EpisodeError: there is no such file, or it cannot be moved.
    """
    folder = path.parent / TRASH
    try:
        folder.mkdir(exist_ok=True)
        return _move(path, _free(folder / path.name))
    except OSError as error:
        raise EpisodeError(f"{path}: cannot be moved to {folder}: {error}") from error


def restore(path_in_trash: Path) -> Path:
    """Move an episode out of the .trash and return where it is now.

    Raises:
        EpisodeError: another file has its name by now, it is not in a .trash, or cannot be moved.
    """
    folder = path_in_trash.parent
    if folder.name != TRASH:
        raise EpisodeError(f"{path_in_trash}: not in a folder {TRASH}")
    twin = _TWIN.fullmatch(path_in_trash.name)
    target = folder.parent / (twin[1] if twin else path_in_trash.name)
    try:
        return _move(path_in_trash, target)
    except FileExistsError as error:
        raise EpisodeError(
            f"{target} exists, so {path_in_trash.name} stays in {folder}; move one of them away"
        ) from error
    except OSError as error:
        raise EpisodeError(f"{path_in_trash}: cannot be moved to {target}: {error}") from error


def _free(wanted: Path) -> Path:
    number, path = 1, wanted
    while path.exists():
        number += 1
        path = wanted.with_name(f"{wanted.name}~{number}")
    return path


def _move(path: Path, target: Path) -> Path:
    # A rename would overwrite; a link refuses a name that is taken, also one taken this moment.
    try:
        target.hardlink_to(path)
    except (FileExistsError, FileNotFoundError):
        raise
    except OSError:  # a file system without links
        if target.exists():
            raise FileExistsError(target) from None
        return path.rename(target)
    path.unlink()
    return target

# SPDX-License-Identifier: Apache-2.0
"""Which files of a folder are episodes, and which name the next one gets."""

import re
from pathlib import Path

from act_core.errors import EpisodeError

PARTIAL_SUFFIX = ".partial"
# episode_7.hdf5; also as others write it: episode_000007.hdf5, episode_7.h5.
_NAME = re.compile(r"episode_(\d+)\.(hdf5|h5)")
_PARTIAL = re.compile(_NAME.pattern + re.escape(PARTIAL_SUFFIX))


def episode_index(path: Path) -> int:
    """Return the number in an episode's name, whole or partial; -1 if it has none."""
    match = _NAME.fullmatch(path.name) or _PARTIAL.fullmatch(path.name)
    return int(match[1]) if match else -1


def find_episodes(directory: Path) -> list[Path]:
    """Return the complete episodes of a dataset folder, by index.

    Raises:
        EpisodeError: the folder is missing or holds no episode; tells what it holds instead.
    """
    found = _matching(directory, _NAME)
    if not found:
        raise EpisodeError(
            f"dataset folder {directory} holds no episode_<i>.hdf5{_hint(directory)}"
        )
    return found


def find_partials(directory: Path) -> list[Path]:
    """Return the episodes of a folder that nobody has finished, by index; raises EpisodeError."""
    return _matching(directory, _PARTIAL)


def claim_episode(directory: Path, wanted: int | None) -> Path:
    """Take a free name: make its .partial file, empty, and return the path without the suffix.

    Args:
        directory: the dataset's folder.
        wanted: the index, which has to be free; None for the first that is.

    Raises:
        EpisodeError: the wanted one is taken.
        OSError: of the file system.
    """
    index = wanted or 0
    while True:
        path = directory / f"episode_{index}.hdf5"
        partial = path.with_name(path.name + PARTIAL_SUFFIX)
        if not path.exists():
            try:
                partial.touch(exist_ok=False)  # O_EXCL: two recorders never get the same index
            except FileExistsError:
                pass
            else:
                if not path.exists():
                    return path
                # Another recorder finished this very index between the two steps.
                partial.unlink()
        if wanted is not None:
            raise EpisodeError(f"{path} exists, or is being written ({partial.name})")
        index += 1


def _matching(directory: Path, name: re.Pattern[str]) -> list[Path]:
    if directory.is_file():
        raise EpisodeError(f"{directory} is a file, expected the dataset folder that it is in")
    if not directory.is_dir():
        raise EpisodeError(f"dataset folder {directory} does not exist")
    found = [(int(m[1]), p) for p in directory.iterdir() if (m := name.fullmatch(p.name))]
    return [path for _, path in sorted(found)]


def _hint(directory: Path) -> str:
    """Return what is there instead, in words."""
    partials = _matching(directory, _PARTIAL)
    if partials:
        return f", but {len(partials)} .partial; `act dataset recover {directory}`"
    inner = sorted({p.parent for p in directory.glob("*/episode_*") if _NAME.fullmatch(p.name)})
    if inner:
        return f"; its folders do: {', '.join(str(p) for p in inner[:5])}"
    other = sorted(p.name for suffix in ("hdf5", "h5") for p in directory.glob(f"[!.]*.{suffix}"))
    return f", but {', '.join(other[:3])}; rename them" if other else ""

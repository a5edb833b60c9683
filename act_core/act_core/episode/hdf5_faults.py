# SPDX-License-Identifier: Apache-2.0
"""What h5py raises at a damaged file, as one error."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from act_core.errors import EpisodeError

# Seen with bytes of episodes flipped or cut off; which one it is says little about the damage.
_FAULTS = (
    OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError, IndexError,
    MemoryError, OverflowError,
)  # fmt: skip


@contextmanager
def hdf5_faults(where: str) -> Iterator[None]:
    """Turn what h5py raises inside into an EpisodeError that begins with `where`."""
    try:
        yield
    except _FAULTS as error:
        text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
        raise EpisodeError(f"{where}: {text or type(error).__name__}") from error


@contextmanager
def open_faults(path: Path) -> Iterator[None]:
    """Turn what opening `path` raises inside into an EpisodeError that says why in plain words."""
    try:
        yield
    except OSError as error:
        raise EpisodeError(f"{path}: cannot be opened: {_cause(path, error)}") from error


def _cause(path: Path, error: OSError) -> str:
    """Return in plain words why HDF5 does not open a file, where it is a common reason."""
    cut_off = re.search(r"truncated file: eof = (\d+), .*stored_eof = (\d+)", str(error))
    if cut_off:
        return f"cut off after {cut_off[1]} of {cut_off[2]} bytes"
    if "file signature not found" in str(error):
        return "no HDF5 file" if path.stat().st_size else "0 bytes"
    return str(error)

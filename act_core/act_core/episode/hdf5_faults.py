# SPDX-License-Identifier: Apache-2.0
"""What h5py raises at a damaged file, as one error."""

from collections.abc import Iterator
from contextlib import contextmanager

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

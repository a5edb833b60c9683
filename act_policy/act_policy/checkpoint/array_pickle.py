# SPDX-License-Identifier: Apache-2.0
"""Reads a pickled dict of NumPy arrays, and executes nothing that a pickle might ask for."""

import pickle
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from act_policy.errors import CheckpointError

# The original's dataset_stats.pkl has some kilobytes.
MOST_BYTES = 2**20
# What NumPy's own pickles name, whichever of its versions wrote them.
_ALLOWED = {
    "numpy": ("ndarray", "dtype"),
    "numpy.core.multiarray": ("_reconstruct", "scalar"),
    "numpy._core.multiarray": ("_reconstruct", "scalar"),
    "numpy.core.numeric": ("_frombuffer",),
    "numpy._core.numeric": ("_frombuffer",),
}


class _ArrayUnpickler(pickle.Unpickler):  # noqa: S301 - it finds what builds arrays, nothing else
    def find_class(self, module: str, name: str) -> Any:
        if name not in _ALLOWED.get(module, ()):
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return getattr(import_module(module.replace("numpy.core", "numpy._core")), name)


def read_arrays(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Return what a pickled dict has of arrays of numbers, by key.

    Raises:
        CheckpointError: it is damaged, asks for anything but arrays, or is too large.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CheckpointError(f"'{path}' has more than {MOST_BYTES} bytes; no statistics")
        with path.open("rb") as file:
            values = _ArrayUnpickler(file).load()
    except CheckpointError:
        raise
    except OSError as error:
        raise CheckpointError(f"'{path}' cannot be read: {error}") from error
    except Exception as error:  # whatever a damaged pickle leads to
        raise CheckpointError(f"'{path}' is no pickle of arrays alone: {error}") from error
    if not isinstance(values, dict):
        raise CheckpointError(f"'{path}' holds {type(values).__name__}, expected a dict of arrays")
    return {
        str(key): value
        for key, value in values.items()
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiu"
    }

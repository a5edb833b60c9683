# SPDX-License-Identifier: Apache-2.0
"""Weights that are the same wherever they are drawn, so that only what they predict is stored."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def drawn(name: str, shape: Sequence[int]) -> NDArray[np.float32]:
    """Return the values of the tensor `name`, sized so that a network stays in bounds."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little")
    # RandomState, whose numbers NumPy has frozen.
    values = np.random.RandomState(seed).uniform(-1.0, 1.0, tuple(shape))
    if len(shape) > 1:
        values *= np.sqrt(3.0 / np.prod(shape[1:]))
    elif name.endswith(("running_var", "weight")):  # of a normalisation
        values = 1.0 + 0.2 * values
    else:
        values *= 0.1
    return values.astype(np.float32)

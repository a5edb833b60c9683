# SPDX-License-Identifier: Apache-2.0
"""How far a verb has come, on a terminal."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def shown(items: Sequence[T], verb: str, unit: str = "episode") -> Iterable[T]:
    """Yield the items with a bar on stderr, where that is a terminal."""
    bar: Iterable[T] = tqdm(items, desc=verb, unit=unit, disable=None, leave=False)
    return bar

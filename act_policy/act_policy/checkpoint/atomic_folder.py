# SPDX-License-Identifier: Apache-2.0
"""Folders that are there whole or not at all, whenever the process dies."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder that becomes `path`, on the disk, when the block ends well.

    A folder already at `path` is replaced. What a killed process left behind is removed.
    """
    partial = path.with_name(f"{path.name}.partial")
    old = path.with_name(f"{path.name}.old.partial")
    if old.exists() and not path.exists():
        old.rename(path)  # killed between the two renames below: this is the only good copy
    for leftover in (partial, old):
        shutil.rmtree(leftover, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    for file in partial.iterdir():
        _flush(file)
    _flush(partial)
    if path.exists():
        path.rename(old)
    partial.rename(path)
    _flush(path.parent)
    shutil.rmtree(old, ignore_errors=True)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

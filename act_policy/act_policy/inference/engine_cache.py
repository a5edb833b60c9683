# SPDX-License-Identifier: Apache-2.0
"""Networks that were translated once are kept on disk, so that the next start is quicker."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from act_policy.checkpoint.checkpoint import Checkpoint

FORMAT = 1
KEPT = 10


def cache_folder() -> Path:
    """Return the folder of translated networks; it may be deleted at any time.

    `ACT_CACHE_DIR` names another one than `act` in the user's cache.
    """
    given = os.environ.get("ACT_CACHE_DIR")
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return (Path(given) if given else Path(home) / "act") / "engines"


def fingerprint(checkpoint: Checkpoint, translator: str) -> str:
    """Return a name that changes with whatever the translation depends on.

    Args:
        checkpoint: what is translated: weights, configuration, statistics.
        translator: name and version of what translates.
    """
    digest = hashlib.blake2b(digest_size=16)
    about = checkpoint.config.to_dict(), checkpoint.statistics.to_dict()
    digest.update(json.dumps((FORMAT, translator, torch.__version__, *about)).encode())
    for name in sorted(checkpoint.weights):
        digest.update(name.encode())
        digest.update(checkpoint.weights[name].contiguous().numpy().data)
    return digest.hexdigest()


def kept(name: str, read: Callable[[Path], Any], make: Callable[[], Any],
         write: Callable[[Any, Path], None]) -> Any:  # fmt: skip
    """Return what `read` finds under `name`, or what `make` makes, which is then kept.

    A cache that is damaged, or cannot be written to, costs time and nothing else.

    Args:
        name: of the entry, from `fingerprint`.
        read: folder → network; raises RuntimeError for a damaged one.
        make: translates.
        write: writes a network into a folder.
    """
    with suppress(RuntimeError, OSError):
        return read_kept(name, read)
    network = make()
    with suppress(RuntimeError, OSError):
        keep(name, network, write)
        return read_kept(name, read)  # rounds as it will at every later start
    return network


def read_kept(name: str, read: Callable[[Path], Any]) -> Any:
    """Return what `read` finds under `name`; raises what that raises."""
    folder = cache_folder() / name
    network = read(folder)
    os.utime(folder)
    return network


def keep(name: str, network: Any, write: Callable[[Any, Path], None]) -> None:
    """Keep a network under `name`, instead of what is there.

    Raises:
        OSError: the cache cannot be written to.
    """
    folder = cache_folder() / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Of its own, since several nodes may start at once; the last one to end is not the better.
    partial = Path(tempfile.mkdtemp(dir=folder.parent, prefix="partial-"))
    try:
        write(network, partial)
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    entries = sorted(folder.parent.iterdir(), key=lambda e: e.stat().st_mtime, reverse=True)
    for old in entries[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)

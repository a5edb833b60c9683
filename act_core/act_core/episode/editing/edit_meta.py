# SPDX-License-Identifier: Apache-2.0
"""Changes what people say of a finished episode, in its file."""

import io
from pathlib import Path
from typing import Any

import h5py

from act_core.checked import checked
from act_core.episode.editing.edit_journal import change
from act_core.episode.find_episodes import PARTIAL_SUFFIX
from act_core.episode.meta import EpisodeMeta
from act_core.errors import EpisodeError

EDITABLE = ("verdict", "judge", "labels", "task", "origin")


def edit_meta(path: Path, **changes: Any) -> EpisodeMeta:
    """Set fields of an episode's description; return the new one.

    Rows and images are not touched, and the file's size does not count. A verdict without `judge`
    is the operator's; none has no judge. A crash leaves the old description or the new one
    (`edit_journal`).

    Args:
        path: a finished episode of this suite.
        changes: field of EpisodeMeta, one of EDITABLE → value.

    Raises:
        EpisodeError: the file is not finished, not an episode of this suite, in use, or not
            writable; a field or a value is not allowed. The file is as it was.
    """
    for name in changes:
        if name not in EDITABLE:
            raise EpisodeError(f"{path}: {name} is not edited; fields are {', '.join(EDITABLE)}")
    if path.name.endswith(PARTIAL_SUFFIX):
        raise EpisodeError(f"{path}: not finished; `act dataset recover` makes an episode of it")
    if "verdict" in changes:
        changes.setdefault("judge", "operator" if changes["verdict"] else "")
    edited: list[EpisodeMeta] = []

    def edit(file: io.RawIOBase) -> None:
        with h5py.File(file, "r+") as episode:
            edited.append(_set(episode, path, changes))

    try:
        change(path, edit)
    except BlockingIOError as error:
        raise EpisodeError(
            f"{path}: another program has it open, and it cannot be changed meanwhile"
        ) from error
    except (OSError, RuntimeError) as error:  # h5py raises either of the two
        raise EpisodeError(f"{path}: cannot be changed: {error}") from error
    return edited[0]


def _set(episode: h5py.File, path: Path, changes: dict[str, Any]) -> EpisodeMeta:
    if "meta" not in episode:
        raise EpisodeError(
            f"{path}: no /meta: not recorded by this suite; convert it, then edit the copy"
        )
    attributes = episode["meta"].attrs
    meta = EpisodeMeta.from_attributes(attributes, str(path))
    if not meta.complete:
        raise EpisodeError(f"{path}: not finished; `act dataset recover` makes an episode of it")
    values = {name: getattr(meta, name) for name in meta.__dataclass_fields__} | changes
    try:
        new = checked(EpisodeMeta, values)
    except ValueError as error:
        raise EpisodeError(f"{path}: {error}") from error
    # What versions 1 and 2 said instead of a verdict.
    names = {*changes, "verdict", "judge"} if attributes.pop("success", None) is not None else (
        set(changes)
    )  # fmt: skip
    stored = new.to_attributes()
    for name in sorted(names):
        attributes[name] = stored[name]
    return new

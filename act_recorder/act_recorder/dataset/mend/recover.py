# SPDX-License-Identifier: Apache-2.0
"""Verb `recover`: what a killed recorder left becomes an episode."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import h5py

from act_core.episode.durable import settle
from act_core.episode.find_episodes import PARTIAL_SUFFIX, find_partials
from act_core.episode.meta import FORMAT_VERSION, EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError
from act_core.paths import user_path
from act_core.system.command_line import CommandLine
from act_recorder.dataset.mend.episode_copy import (
    COUNTED_AFTERWARDS,
    count_skipped,
    joined_origin,
)
from act_recorder.dataset.mend.whole_rows import count_whole_rows

NOTHING_TO_DO = 3
ORIGIN = "recovered from an interrupted recording"
_BY_ROW = ("action", "source", "observations/qpos", "observations/qvel", "observations/effort")


@dataclass(frozen=True)
class Recovery:
    """What became of one unfinished file.

    Attributes:
        path: of the episode.
        kept: rows in it.
        lost: rows that were begun and are not whole.
    """

    path: Path
    kept: int
    lost: int


def main(words: Sequence[str]) -> int:
    """Recover all unfinished files of a folder, or the one that is named."""
    line = CommandLine(
        "act dataset recover",
        "Make episodes of the .partial files that an interrupted recording left. Ends with 3 "
        "where there are none.",
    )
    line.add_argument("dataset", type=user_path, help="folder of episodes, or one .partial in it")
    place = line.parse(words).dataset
    partials = [place] if place.is_file() else find_partials(place)
    if not partials:
        sys.stdout.write(f"{place} has no .partial; nothing to recover\n")
        return NOTHING_TO_DO
    faults = 0
    for partial in partials:
        try:
            done = recover(partial)
        except EpisodeError as error:
            faults += 1
            sys.stderr.write(f"act dataset recover: error: {error}\n")
        else:
            lost = f", {done.lost} that were not whole are gone" if done.lost else ", none lost"
            sys.stdout.write(f"{done.path}: {done.kept} rows{lost}; not judged\n")
    return int(faults > 0)


def recover(partial: Path) -> Recovery:
    """Keep the whole rows of an unfinished file, complete its description and its name.

    The rows stay where they are in the file, so that it works on a full disk, too.

    Raises:
        EpisodeError: a recorder is writing it, an episode has its name, it cannot be read, or it
            has no whole row. The file stays as it is.
    """
    if partial.suffix != PARTIAL_SUFFIX:
        raise EpisodeError(f"{partial}: expected a file that ends with {PARTIAL_SUFFIX}")
    path = partial.with_suffix("")
    if path.exists():
        raise EpisodeError(f"{path} exists; {partial.name} stays, rename it to recover it")
    if not partial.stat().st_size:
        raise EpisodeError(f"{partial}: empty; remove it")
    try:
        with h5py.File(partial, "r+"):  # its recorder, where it lives, has locked it
            pass
    except BlockingIOError as error:
        raise EpisodeError(f"{partial}: is being written; end its recorder first") from error
    except OSError as error:
        raise EpisodeError(f"{partial}: cannot be opened: {error}") from error
    kept = count_whole_rows(partial)
    if not kept:
        raise EpisodeError(f"{partial}: not one whole row; remove it")
    known = _description(partial, kept)
    try:
        with h5py.File(partial, "r+") as file:
            begun = _cut(file, kept)
            file["meta"].attrs.update(known.to_attributes())
            file["meta"].attrs.pop("success", None)
        settle(partial, path)
    except (OSError, RuntimeError) as error:
        raise EpisodeError(f"{partial}: {error}") from error
    return Recovery(path, kept, begun - kept)


def _description(partial: Path, kept: int) -> EpisodeMeta:
    with EpisodeReader(partial) as reader:
        meta = reader.meta
        skipped = count_skipped(reader.row_stamps_ns[:kept], meta.rate_hz)
    known: dict[str, Any] = {"skipped_ticks": skipped, "complete": True}
    if skipped and not meta.skipped_reason:
        known["skipped_reason"] = COUNTED_AFTERWARDS
    if meta.format_version < FORMAT_VERSION:
        known |= {"verdict": "", "judge": ""}  # its `success` was false from the first row on
    if ORIGIN not in meta.origin:  # an interrupted recovery has said so already
        known["origin"] = joined_origin(ORIGIN, meta.origin)
    return replace(meta, **known)


def _cut(file: h5py.File, rows: int) -> int:
    """Shorten all to `rows`; return how many rows the longest had; raises EpisodeError."""
    datasets = [file[name] for name in _BY_ROW if name in file]
    for group in ("observations/images", "stamps"):
        if group in file:
            file[group].visititems(
                lambda _, item: datasets.append(item) if isinstance(item, h5py.Dataset) else None
            )
    fixed = [dataset.name for dataset in datasets if not dataset.maxshape or dataset.maxshape[0]]
    if fixed:
        raise EpisodeError(
            f"{file.filename}: {fixed[0]} cannot change its length; not a recording"
        )
    begun = max(dataset.shape[0] for dataset in datasets)
    for dataset in datasets:
        dataset.resize(rows, axis=0)
    if "compress_len" in file:
        file["compress_len"].resize(rows, axis=1)
    return int(begun)

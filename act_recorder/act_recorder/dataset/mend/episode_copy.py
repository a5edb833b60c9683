# SPDX-License-Identifier: Apache-2.0
"""Rows of one episode as another: some of them, or changed on the way."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from act_core.episode.frame_counts import FrameCounts
from act_core.episode.image_rows import RAW, Image, ImageCodec
from act_core.episode.jpeg import DEFAULT_QUALITY
from act_core.episode.meta import FORMAT_VERSION, EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.episode.writer import JOINT_DATASETS, EpisodeWriter
from act_core.errors import EpisodeError, ImageError
from act_core.observation import JointSample, RawObservation

COUNTED_AFTERWARDS = "unknown; counted from the stamps of the rows"


@dataclass(frozen=True)
class StoredRow:
    """One row as a file has it.

    Attributes:
        positions: (D,) measured; rad, grippers 0 closed … 1 open.
        velocities: (D,) per s; NaN = not measured.
        efforts: (D,) as the driver sends them; NaN = not measured.
        action: (D,) commanded; rad, grippers 0 … 1.
        images: camera → as stored: JPEG, or (H, W, 3) uint8, RGB.
        image_stamps_ns: camera → stamp.
        stamp_ns: of the joints.
        action_stamp_ns: of the command.
        time_ns: control tick.
        source: who commanded.
    """

    positions: NDArray[np.floating]
    velocities: NDArray[np.floating]
    efforts: NDArray[np.floating]
    action: NDArray[np.floating]
    images: dict[str, Image]
    image_stamps_ns: dict[str, int]
    stamp_ns: int
    action_stamp_ns: int
    time_ns: int
    source: str


Change = Callable[[StoredRow], StoredRow]


def read_rows(
    reader: EpisodeReader, rows: range, cameras: Mapping[str, str]
) -> Iterator[StoredRow]:
    """Yield rows of an open episode; raises EpisodeError for a damaged image.

    Args:
        reader: the episode.
        rows: which.
        cameras: name in the row → whose images it has.
    """
    stamps_ns = {new: reader.image_stamps_ns(old) for new, old in cameras.items()}
    for at in rows:
        yield StoredRow(
            reader.positions[at], reader.velocities[at], reader.efforts[at], reader.actions[at],
            {new: reader.stored_image(old, at) for new, old in cameras.items()},
            {new: int(stamps_ns[new][at]) for new in cameras},
            int(reader.stamps_ns[at]), int(reader.action_stamps_ns[at]),
            int(reader.row_stamps_ns[at]), reader.sources[at],
        )  # fmt: skip


def copy_episode(
    reader: EpisodeReader,
    directory: Path,
    *,
    origin: str,
    index: int | None = None,
    rows: range | None = None,
    change: Change | None = None,
    cameras: Mapping[str, str] | None = None,
) -> Path:
    """Write rows of an open episode as a new one and return its path.

    JPEGs go over as they are stored, unless `change` makes pixels of them. Stamps, sources, task,
    verdict and labels stay; frame counts stay as far as they are known for the rows that are kept.
    A file without description gets one. Arrays beside the layout are named on stderr and left out.

    Args:
        reader: the episode.
        directory: folder of the new one.
        origin: where it comes from, in words; put before what the episode says of that itself.
        index: its number; None for the first free one.
        rows: which ones, following each other; None for all.
        change: what to do to each; cameras and sizes have to stay.
        cameras: camera → whose images it gets; None for its own.

    Raises:
        EpisodeError: no row is left, an image is damaged, or the file cannot be written.
    """
    kept = range(reader.num_frames) if rows is None else rows
    if not kept:
        raise EpisodeError(f"{reader.path}: no row to keep, of {reader.num_frames}")
    cameras = cameras or {camera: camera for camera in reader.cameras}
    if lost := left_out(reader):
        sys.stderr.write(f"{reader.path.name}: not in the copy: {', '.join(lost)}\n")
    writer = EpisodeWriter(
        directory, _new_meta(reader, kept, origin),
        {new: reader.image_shape(old) for new, old in cameras.items()},
        ImageCodec(DEFAULT_QUALITY) if reader.is_jpeg else RAW, index=index,
    )  # fmt: skip
    try:
        for row in read_rows(reader, kept, cameras):
            append_row(writer, change(row) if change else row)
        return writer.finish(frames=_kept_frames(reader, kept, cameras))
    except ImageError as error:  # of `change`, which does not know whose row it has
        writer.discard()
        raise EpisodeError(f"{reader.path}: {error}") from error
    except BaseException:
        writer.discard()
        raise


def _kept_frames(
    reader: EpisodeReader, kept: range, cameras: Mapping[str, str]
) -> dict[str, FrameCounts]:
    return {
        new: counts
        for new, old in cameras.items()
        if (counts := kept_counts(reader.frame_counts(old), reader.image_stamps_ns(old), kept))
    }


def append_row(writer: EpisodeWriter, row: StoredRow) -> None:
    """Write a row; raises EpisodeError."""
    joints = JointSample(
        row.stamp_ns, np.asarray(row.positions), np.asarray(row.velocities),
        np.asarray(row.efforts),
    )  # fmt: skip
    writer.append(
        RawObservation(joints, row.images, row.image_stamps_ns), np.asarray(row.action),
        row.action_stamp_ns, time_ns=row.time_ns, source=row.source,
    )  # fmt: skip


def left_out(reader: EpisodeReader) -> list[str]:
    """Return the arrays of a file that no copy has: base_action, depth images, …, sorted."""
    known = {"action", "source", "compress_len"}
    known |= {f"observations/{name}" for name in JOINT_DATASETS}
    known |= {f"observations/images/{camera}" for camera in reader.cameras}
    found: list[str] = []

    def visit(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and name not in known and not name.startswith("stamps/"):
            found.append(f"/{name}")

    with h5py.File(reader.path, "r") as file:
        file.visititems(visit)
    return sorted(found)


def joined_origin(origin: str, before: str) -> str:
    """Return where an episode comes from, newest first."""
    return f"{origin}; {before}" if before else origin


def kept_counts(
    counts: FrameCounts | None, stamps_ns: NDArray[np.int64], rows: range
) -> FrameCounts | None:
    """Return the counts of the frames in `rows`; None where they cannot be known.

    Args:
        counts: of the whole episode.
        stamps_ns: (T,) of the camera's images.
        rows: those that are kept.
    """
    if counts is None or rows == range(len(stamps_ns)):
        return counts
    if counts.frames_unused or counts.frames_lost:
        return None  # of which rows is not in the file
    repeated = int((np.diff(stamps_ns[rows.start : rows.stop]) == 0).sum())
    return replace(counts, frames_used=len(rows) - repeated, frames_repeated=repeated)


def count_skipped(row_stamps_ns: NDArray[np.int64] | Sequence[int], rate_hz: float) -> int:
    """Return the control ticks without a row between the first row (T,) and the last."""
    ticks = np.round(np.diff(np.asarray(row_stamps_ns)) * rate_hz / 1e9).astype(np.int64)
    return int(np.maximum(ticks - 1, 0).sum())


def _new_meta(reader: EpisodeReader, rows: range, origin: str) -> EpisodeMeta:
    meta = reader.meta
    known: dict[str, Any] = {
        "origin": joined_origin(origin, meta.origin), "complete": False,
        "format_version": FORMAT_VERSION,
    }  # fmt: skip
    if len(rows) < reader.num_frames:
        skipped = count_skipped(reader.row_stamps_ns[rows.start : rows.stop], meta.rate_hz)
        reason = meta.skipped_reason or COUNTED_AFTERWARDS
        known |= {"skipped_ticks": skipped, "skipped_reason": reason if skipped else ""}
    return EpisodeMeta(**{**asdict(meta), **known})

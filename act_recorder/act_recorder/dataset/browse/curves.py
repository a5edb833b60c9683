# SPDX-License-Identifier: Apache-2.0
"""What an episode says of itself, and its joints over time, for the page."""

from dataclasses import asdict
from itertools import groupby
from typing import Any

import numpy as np

from act_core.episode.meta import EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.errors import RobotSpecError


def curves(reader: EpisodeReader) -> bytes:
    """Return float32, little endian: (T,) time in s, (D, T) state, (D, T) command; NaN = none."""
    stamps_ns = reader.row_stamps_ns
    time_s = (stamps_ns - stamps_ns[:1]) / 1e9
    table = np.vstack([time_s[None], reader.positions.T, reader.actions.T])
    return table.astype("<f4").tobytes()


def description(reader: EpisodeReader) -> dict[str, Any]:
    """Return what the viewer needs before it draws, as plain values."""
    meta = reader.meta
    return {
        "num_frames": reader.num_frames,
        "rate_hz": meta.rate_hz,
        "joint_names": meta.joint_names,
        "joint_units": meta.joint_units,
        "cameras": [_camera(reader, name) for name in reader.cameras],
        "sources": _runs(reader.sources),
        "facts": _facts(reader),
    }


def _camera(reader: EpisodeReader, name: str) -> dict[str, Any]:
    height_px, width_px = reader.image_shape(name)
    counts = reader.frame_counts(name)
    return {
        "name": name, "height_px": height_px, "width_px": width_px,
        "counts": None if counts is None else asdict(counts),
    }  # fmt: skip


def _runs(sources: tuple[str, ...]) -> list[list[Any]]:
    """Return [first row, count, who commanded] of each stretch with one source."""
    runs: list[list[Any]] = []
    first = 0
    for source, rows in groupby(sources):
        count = sum(1 for _ in rows)
        runs.append([first, count, source])
        first += count
    return runs


def _robot_name(meta: EpisodeMeta) -> str:
    try:
        return meta.robot.name
    except RobotSpecError:  # `validate` says what is wrong; the rows can be looked at all the same
        return "its description cannot be read"


def _facts(reader: EpisodeReader) -> list[list[str]]:
    """Return what else is known, as pairs of name and text; what is not known is left out."""
    meta = reader.meta
    skipped = f"{meta.skipped_ticks} {meta.skipped_reason}".strip() if meta.skipped_ticks else ""
    facts = {
        "robot": _robot_name(meta),
        "where": "simulator" if meta.sim else "robot",
        "rate": f"{meta.rate_hz:g} Hz",
        "images": "JPEG" if reader.is_jpeg else "raw",
        "seed": str(meta.seed) if meta.sim else "",
        "judged by": meta.judge,
        "skipped ticks": skipped,
        "origin": meta.origin,
        "software": meta.software_version,
    }
    return [[name, text] for name, text in facts.items() if text]

# SPDX-License-Identifier: Apache-2.0
"""An episode's joints over time, as pictures show them. No drawing."""

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from act_core.episode.meta import EpisodeMeta
from act_core.episode.reader import EpisodeReader
from act_core.errors import EpisodeError, RobotSpecError

Array = NDArray[np.float64]

# Rows further apart than this many control periods have a gap between them.
GAP_PERIODS = 1.5
# Stamps of commands this far from those of their rows come from another clock, s.
OTHER_CLOCK_S = 1.0


@dataclass(frozen=True)
class Arm:
    """Columns that belong together: `columns` of the vector, and their names without the arm's."""

    name: str
    columns: tuple[int, ...]
    joints: tuple[str, ...]


@dataclass(frozen=True)
class Span:
    """A stretch of time, s from the first row, that has a name."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class EpisodeCurves:
    """What is drawn; times in s from the first row, NaN where a curve is to be broken.

    Attributes:
        meta: of the file.
        title: the file, what was done, how it ended.
        arms: groups of columns.
        rows_s: (T,) times of the rows.
        states_s: (S,) times of the measured joints; S is T and the number of gaps.
        positions: (S, D) rad, grippers 0 … 1.
        velocities: (S, D) rad/s.
        efforts: (S, D) as the driver sends them.
        commands_s: (S,) times of the commands.
        commands: (S, D) rad, grippers 0 … 1.
        errors: (S, D) command minus state at the times of the states.
        sources: who commanded when; no span where it is not known.
        gaps: stretches without rows.
        ages_ms: camera → (T,) time from its image to the row, ms.
        note: what has to be known about the picture, or "".
    """

    meta: EpisodeMeta
    title: str
    arms: tuple[Arm, ...]
    rows_s: Array
    states_s: Array
    positions: Array
    velocities: Array
    efforts: Array
    commands_s: Array
    commands: Array
    errors: Array
    sources: tuple[Span, ...]
    gaps: tuple[Span, ...]
    ages_ms: dict[str, Array]
    note: str

    @property
    def duration_s(self) -> float:
        """Time from the first row to the last."""
        return float(self.rows_s[-1]) if len(self.rows_s) else 0.0


def read_curves(reader: EpisodeReader) -> EpisodeCurves:
    """Return the curves of an open episode; raises EpisodeError if it has no rows."""
    meta, rows_ns = reader.meta, reader.row_stamps_ns
    if not reader.num_frames:
        raise EpisodeError(f"{reader.path}: no rows, so there is nothing to show")
    rows_s = _seconds(rows_ns, rows_ns[0])
    states_s = _seconds(reader.stamps_ns, rows_ns[0])
    commands_s = _seconds(reader.action_stamps_ns, rows_ns[0])
    note = ""
    if np.abs(np.median(commands_s - rows_s)) > OTHER_CLOCK_S:
        commands_s, note = rows_s, "commands have another clock's stamps; drawn by their rows"
    positions, commands = (a.astype(np.float64) for a in (reader.positions, reader.actions))
    breaks = np.flatnonzero(np.diff(rows_s) > GAP_PERIODS / meta.rate_hz) + 1
    ages = {c: (rows_ns - reader.image_stamps_ns(c)) / 1e6 for c in reader.cameras}
    errors = sampled(states_s, commands_s, commands) - positions
    return EpisodeCurves(
        meta, title(reader), arms_of(meta), rows_s,
        _broken(states_s, breaks), _broken(positions, breaks),
        _broken(reader.velocities.astype(np.float64), breaks),
        _broken(reader.efforts.astype(np.float64), breaks),
        _broken(commands_s, breaks), _broken(commands, breaks), _broken(errors, breaks),
        _sources(reader.sources, rows_s, 1 / meta.rate_hz),
        tuple(Span("gap", float(rows_s[i - 1]), float(rows_s[i])) for i in breaks), ages, note,
    )  # fmt: skip


def title(reader: EpisodeReader) -> str:
    """Return what an episode is, in one line."""
    meta = reader.meta
    task = f"{meta.task}, seed {meta.seed}" if meta.sim and meta.task else meta.task
    parts = [reader.path.name.split(".")[0], task, meta.verdict or "not judged"]
    parts += [" ".join(meta.labels)] if meta.labels else []
    length_s = reader.num_frames / meta.rate_hz
    parts.append(f"{reader.num_frames} rows, {length_s:.1f} s at {meta.rate_hz:g} Hz")
    if meta.skipped_ticks:
        parts.append(f"{meta.skipped_ticks} ticks skipped")
    return " · ".join(part for part in parts if part)


def arms_of(meta: EpisodeMeta) -> tuple[Arm, ...]:
    """Return the arms of the robot that was recorded, or one group where it is not known."""
    names = meta.joint_names
    try:
        spec = meta.robot
    except RobotSpecError:
        return (Arm("", tuple(range(len(names))), names),)
    if spec.columns != names:
        return (Arm("", tuple(range(len(names))), names),)
    slices = [(arm, spec.columns_of(arm)) for arm in spec.arms]
    return tuple(Arm(a.name, tuple(range(s.start, s.stop)), tuple(a.names)) for a, s in slices)


def sampled(times_s: Array, known_s: Array, values: Array) -> Array:
    """Return (N, D) `values` (T, D) of `known_s` (T,) at `times_s` (N,), linear in between.

    Repeated times are one; before the first and after the last the end values hold.
    """
    known_s, first = np.unique(known_s, return_index=True)
    columns = [np.interp(times_s, known_s, column) for column in values[first].T]
    return np.stack(columns, axis=1)


def _seconds(stamps_ns: NDArray[np.int64], first_ns: np.int64) -> Array:
    return (stamps_ns - first_ns) / 1e9


def _broken(values: Array, breaks: NDArray[np.intp]) -> Array:
    """Return `values` with NaN between the rows of each gap."""
    return np.insert(values, breaks, np.nan, axis=0)


def _sources(sources: tuple[str, ...], rows_s: Array, period_s: float) -> tuple[Span, ...]:
    spans, at = [], 0
    for name, rows in groupby(sources):
        end = at + len(list(rows))
        if name:
            spans.append(Span(name, float(rows_s[at]), float(rows_s[end - 1]) + period_s))
        at = end
    return tuple(spans)

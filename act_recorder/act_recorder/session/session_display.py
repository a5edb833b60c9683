# SPDX-License-Identifier: Apache-2.0
"""What the operator sees, as lines of text. No ROS, no terminal."""

import math
from dataclasses import dataclass, field
from pathlib import Path

from act_recorder.session.operator_keys import key_help
from act_recorder.session.session_types import State

GIB = 2**30
# Younger than this, or with a period of less, a stream is as it should be.
OLD_S = 0.25


@dataclass(frozen=True)
class SessionView:
    """Fields of act_interfaces/SessionStatus."""

    state: int = State.WAITING
    message: str = ""
    task: str = ""
    kept: int = 0
    present: int = 0
    dropped: int = 0
    wanted: int = 0
    left_s: float = 0.0
    path: str = ""
    verdict: str = ""
    pausing: bool = False
    quitting: bool = False


@dataclass(frozen=True)
class RecorderView:
    """Fields of act_interfaces/RecorderStatus."""

    message: str = ""
    num_frames: int = 0
    skipped_ticks: int = 0
    not_ready: str = ""
    streams: tuple[str, ...] = ()
    rates_hz: tuple[float, ...] = ()
    ages_s: tuple[float, ...] = ()
    lost: tuple[int, ...] = ()
    max_frames: int = 0
    elapsed_s: float = 0.0
    left_s: float = 0.0
    free_bytes: int = 0
    bytes_per_s: float = 0.0


@dataclass(frozen=True)
class View:
    """All that is shown; None for who has not spoken, or no more."""

    session: SessionView | None = None
    recorder: RecorderView | None = None
    notes: tuple[str, ...] = field(default=())


def display(view: View, width: int = 80, height: int = 24) -> list[str]:
    """Return the lines to show, none longer than `width`, at most half of `height`."""
    session, recorder = view.session, view.recorder
    if session is None:
        return [_cut(line, width) for line in ("waiting for the recording session", *view.notes)]
    state = State(session.state)
    top = [_headline(session, state), _progress(session, recorder, state)]
    keys = key_help(state, last=bool(session.path))
    bottom = [*_said(view, state), *(part for line in keys for part in _wrapped(line, width))]
    streams = _streams(recorder) if recorder else ["the recorder is silent"]
    room = max(1, height // 2 - len(top) - len(bottom))
    if len(streams) > room:
        streams = [*streams[: room - 1], f"  … {len(streams) - room + 1} more"]
    return [_cut(line, width) for line in (*top, *streams, *bottom)]


def summary(view: View) -> str:
    """Return the same in one line, for where nothing can be redrawn."""
    session, recorder = view.session, view.recorder
    if session is None:
        return "waiting for the recording session"
    state = State(session.state)
    text = f"{_headline(session, state)} · {_progress(session, recorder, state).strip()}"
    troubles = [line.strip() for line in (_streams(recorder) if recorder else []) if "!" in line]
    return " · ".join([text, *troubles])


def _headline(session: SessionView, state: State) -> str:
    number = min(session.kept + (state not in (State.JUDGING, State.DONE)), session.wanted)
    what = f"{state.name:9}  {session.task or 'no task'} · episode {number} of {session.wanted}"
    counts = [f"{session.kept} kept"]
    counts += [f"{session.present} of them were there"] if session.present else []
    counts += [f"{session.dropped} dropped"] if session.dropped else []
    return f"{what} · {', '.join(counts)}"


def _progress(session: SessionView, recorder: RecorderView | None, state: State) -> str:
    parts = []
    if state in (State.COUNTDOWN, State.RESET) and session.left_s > 0:
        parts.append(f"{math.ceil(session.left_s)} s to go")
    if recorder is not None:
        if _is_recording(recorder, state):
            parts.append(f"{_clock(recorder.elapsed_s)} of {_clock(_whole_s(recorder))}")
            skipped = f", {recorder.skipped_ticks} skipped" if recorder.skipped_ticks else ""
            parts.append(f"{recorder.num_frames} rows{skipped}")
        parts.append(_disk(recorder))
    return "           " + " · ".join(parts)


def _is_recording(recorder: RecorderView, state: State) -> bool:
    """Whether the recorder speaks of this episode; at its start it still does of the last one."""
    return state in (State.RECORDING, State.ENDING) and recorder.max_frames > 0


def _whole_s(recorder: RecorderView) -> float:
    return recorder.elapsed_s + recorder.left_s


def _disk(recorder: RecorderView) -> str:
    text = f"disk {recorder.free_bytes / GIB:.1f} GiB"
    if not recorder.bytes_per_s:
        return text
    return f"{text}, {recorder.free_bytes / recorder.bytes_per_s / 60:.0f} min of recording"


def _streams(recorder: RecorderView) -> list[str]:
    names = max((len(name) for name in recorder.streams), default=0)
    lines = []
    rows = zip(recorder.streams, recorder.rates_hz, recorder.ages_s, recorder.lost, strict=False)
    for name, rate_hz, age_s, lost in rows:
        if math.isinf(age_s):
            figures = "nothing yet"
        else:
            age = f"{1000 * age_s:.0f} ms" if abs(age_s) < 10 else f"{age_s:.0f} s"  # noqa: PLR2004
            figures = f"{rate_hz:6.1f} Hz  {age:>7} old  {lost:4} lost"
        mark = "!" if age_s > OLD_S or lost else " "
        lines.append(f"{mark} {name:{names}}  {figures}")
    return lines


def _said(view: View, state: State) -> list[str]:
    session, recorder = view.session, view.recorder
    assert session is not None
    said = list(view.notes)
    if session.path:
        said.append(f"last: {Path(session.path).name}, {session.verdict or 'not judged'}")
    if session.message and session.path not in session.message:
        said.append(session.message)
    if recorder is not None and _is_recording(recorder, state) and recorder.message:
        said.append(f"waiting for {recorder.message}")
    if recorder is not None and state is not State.RECORDING and recorder.not_ready:
        said.append(f"not ready: {recorder.not_ready}")
    if session.kept >= session.wanted and state in (State.WAITING, State.RESET):
        said.append("all episodes are there: start ends the session")
    if session.pausing or session.quitting:
        said.append("after this episode: " + ("the end" if session.quitting else "a pause"))
    return list(dict.fromkeys(said))


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"


def _wrapped(keys: str, width: int) -> list[str]:
    """Return keys in as many lines as they need, none of them torn from its meaning."""
    lines: list[str] = []
    for key in keys.split("   "):
        if lines and len(lines[-1]) + 3 + len(key) <= width:
            lines[-1] += f"   {key}"
        else:
            lines.append(key)
    return lines


def _cut(line: str, width: int) -> str:
    """Return what fits, without what would move the cursor."""
    line = "".join(c if c.isprintable() else " " for c in line)
    return line if len(line) <= width else line[: max(0, width - 1)] + "…"

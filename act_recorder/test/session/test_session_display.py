# SPDX-License-Identifier: Apache-2.0
"""What the operator sees and what keys mean."""

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from act_recorder.session.operator_keys import commands, key_help
from act_recorder.session.recording_session import TRANSITIONS
from act_recorder.session.session_display import RecorderView, SessionView, View, display, summary
from act_recorder.session.session_types import Command, State

RECORDER = RecorderView(
    num_frames=620, skipped_ticks=3, streams=("joint_states", "camera 'top'"),
    rates_hz=(99.5, 12.0), ages_s=(0.004, 0.31), lost=(0, 7), max_frames=1000, elapsed_s=12.46,
    left_s=7.6, free_bytes=200 * 2**30, bytes_per_s=2**25,
)  # fmt: skip
SESSION = SessionView(
    state=State.RECORDING, task="fold the towel", kept=3, present=2, dropped=1, wanted=50
)


def test_all_figures_are_shown_while_recording():
    assert display(View(SESSION, RECORDER), 100, 40) == [
        "RECORDING  fold the towel · episode 4 of 50 · 3 kept, 2 of them were there, 1 dropped",
        "           0:12.5 of 0:20.1 · 620 rows, 3 skipped · disk 200.0 GiB, 107 min of recording",
        "  joint_states    99.5 Hz     4 ms old     0 lost",
        "! camera 'top'    12.0 Hz   310 ms old     7 lost",
        "s success   f failure   space neither   d drop   r drop, again   p pause after it   "
        "q quit after it",
    ]


def test_an_episode_that_begins_does_not_show_the_last_one():
    ended = replace(RECORDER, max_frames=0, left_s=0.0, message="dropped as the operator asked")
    shown = display(View(SESSION, ended), 100, 40)
    assert shown[1] == "           disk 200.0 GiB, 107 min of recording"
    assert not any("waiting for" in line for line in shown)


def test_between_episodes_it_says_what_the_last_one_is_and_how_to_correct_it():
    session = SessionView(
        state=State.RESET, kept=4, wanted=50, left_s=8.2, path="/data/episode_3.hdf5",
        verdict="failure",
    )  # fmt: skip
    recorder = RecorderView(not_ready="camera 'top': no image yet", streams=("camera 'top'",),
                            rates_hz=(0.0,), ages_s=(math.inf,), lost=(0,))  # fmt: skip
    assert display(View(session, recorder), 100, 40)[1:] == [
        "           9 s to go · disk 0.0 GiB",
        "! camera 'top'  nothing yet",
        "last: episode_3.hdf5, failure",
        "not ready: camera 'top': no image yet",
        "space start   p pause   q quit",
        "the last one: s success   f failure   d drop   r drop, again",
    ]


def test_when_all_are_there_it_says_what_start_does():
    session = SessionView(state=State.RESET, kept=2, wanted=2)
    assert "all episodes are there: start ends the session" in display(View(session))


def test_who_is_silent_is_named():
    assert display(View()) == ["waiting for the recording session"]
    assert "the recorder is silent" in display(View(SESSION))


def test_where_nothing_can_be_redrawn_one_line_tells_it():
    assert summary(View(SESSION, RECORDER)) == (
        "RECORDING  fold the towel · episode 4 of 50 · 3 kept, 2 of them were there, 1 dropped · "
        "0:12.5 of 0:20.1 · 620 rows, 3 skipped · disk 200.0 GiB, 107 min of recording · "
        "! camera 'top'    12.0 Hz   310 ms old     7 lost"
    )


@given(
    st.sampled_from(State), st.integers(1, 200), st.integers(4, 60), st.integers(0, 30),
    st.text(max_size=300),
)  # fmt: skip
def test_it_fits_any_terminal(state: State, width: int, height: int, cameras: int, said: str):
    names = tuple(f"camera 'c{i}'" for i in range(cameras))
    recorder = RecorderView(
        streams=names, rates_hz=(30.0,) * cameras, ages_s=(0.1,) * cameras, lost=(0,) * cameras
    )
    session = SessionView(state=state, message=said, wanted=3, path="/data/episode_0.hdf5")
    lines = display(View(session, recorder, ("a note",)), width, height)
    assert all(len(line) <= width for line in lines)
    assert len(lines) <= max(height // 2, 10) or width < 80  # then the keys take more lines
    assert not [line for line in lines if re.search(r"[\x00-\x1f\x7f]", line)]


@pytest.mark.parametrize("state", set(State) - {State.DONE})
def test_keys_that_are_named_do_something(state: State):
    named = re.findall(
        r"(?:^|   |: )(space|[a-z]) (?=[a-z])", "   ".join(key_help(state, last=True))
    )
    assert "q" in named
    for key in named:
        (command,) = commands(" " if key == "space" else key, state)
        assert command in TRANSITIONS[state], key


def test_on_a_narrow_terminal_all_keys_are_still_named():
    lines = display(View(SESSION, RECORDER), 40, 40)
    assert lines[-3:] == [
        "s success   f failure   space neither",
        "d drop   r drop, again",
        "p pause after it   q quit after it",
    ]


def test_only_keys_of_the_map_mean_something():
    assert commands("\x1b[A\x1bOS?xS\n", State.RESET) == [Command.SUCCESS, Command.START]
    assert commands(" ", State.RECORDING) == [Command.END]
    assert commands("dRpqf", State.RECORDING) == [
        Command.DISCARD, Command.RE_RECORD, Command.PAUSE, Command.QUIT, Command.FAILURE
    ]  # fmt: skip

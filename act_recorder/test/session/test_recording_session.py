# SPDX-License-Identifier: Apache-2.0
"""The states of a session: no press of keys loses a finished episode, and all states are left."""

from collections import deque

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from act_recorder.session.recording_session import TRANSITIONS, RecordingSession
from act_recorder.session.session_types import (
    Act,
    Command,
    Effect,
    Ended,
    SessionPlan,
    State,
)

DROPPING = (Command.DISCARD, Command.RE_RECORD)


class FakeRecorder:
    """Does what a session asks for, as the recorder would, when `answer` is called."""

    def __init__(self, session: RecordingSession):
        self.session = session
        self.files: dict[str, str] = {}  # path → verdict
        self.recording = False
        self.asked: Effect | None = None
        self.judgements: deque[Effect] = deque()
        self.made = 0

    def take(self) -> None:
        """Take what is asked for."""
        while self.session.effects:
            effect = self.session.effects.popleft()
            if effect.act is Act.BEGIN:
                assert not self.recording, "one episode at a time"
                self.recording = True
            elif effect.act is Act.END:
                assert self.recording
                assert self.asked is None, "ended twice"
                self.asked = effect
            else:
                assert effect.path in self.files
                self.judgements.append(effect)

    def judge(self) -> None:
        """Change files as asked."""
        while self.judgements:
            effect = self.judgements.popleft()
            only_successful = self.session.plan.only_successful
            if effect.discard or (only_successful and effect.verdict == "failure"):
                del self.files[effect.path]
            else:
                self.files[effect.path] = effect.verdict
            self.session.judged(effect, "")

    def end(self, now_s: float, *, fault: bool = False) -> None:
        """End the episode in progress, as asked or by itself."""
        if not self.recording:
            return
        asked, self.asked, self.recording = self.asked, None, False
        verdict = asked.verdict if asked else ""
        failed = self.session.plan.only_successful and verdict == "failure"
        if fault:
            self.session.ended(Ended(message="an input was lost", fault=True), now_s)
        elif (asked and asked.discard) or failed:
            self.session.ended(Ended(message="dropped"), now_s)
        else:
            path = f"/data/episode_{self.made}.hdf5"
            self.made += 1
            self.files[path] = verdict
            self.session.ended(Ended(path, f"{path}: 100 rows", verdict=verdict), now_s)


def make(**plan: object) -> tuple[RecordingSession, FakeRecorder]:
    session = RecordingSession(SessionPlan(**{"wanted": 3, **plan}))  # type: ignore[arg-type]
    return session, FakeRecorder(session)


def press(session: RecordingSession, recorder: FakeRecorder, *commands: str) -> None:
    """Give commands; `end` of the recorder and a countdown that runs out are among them."""
    for word in commands:
        if word == "ended":
            recorder.end(0.0)
        elif word == "time":
            session.tick(session._until_s or 0.0)
        else:
            assert session.command(Command(word), 0.0) == "", word
        recorder.take()


PLANS = st.builds(
    SessionPlan, wanted=st.integers(1, 4), present=st.integers(0, 1),
    countdown_s=st.sampled_from([0.0, 3.0]), reset_s=st.sampled_from([0.0, 5.0]),
    only_successful=st.booleans(),
)  # fmt: skip
EVENTS = st.lists(
    st.one_of(
        st.sampled_from(Command), st.sampled_from(["time", "ended", "fault", "judged", "unready"])
    ),
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(PLANS, EVENTS)
def test_a_finished_episode_goes_only_when_it_is_asked_for(
    plan: SessionPlan, events: list[object]
) -> None:
    session, now_s = RecordingSession(plan), 0.0
    recorder = FakeRecorder(session)
    for event in events:
        before, last, state = set(recorder.files), session.last, session.state
        if isinstance(event, Command):
            refusal = session.command(event, now_s)
            assert bool(refusal) <= (session.message == refusal)
        elif event == "unready":
            session.not_ready = "" if session.not_ready else "no camera"
        elif event == "time":
            now_s += 4.0
            session.tick(now_s)
        elif event in ("ended", "fault"):
            recorder.end(now_s, fault=event == "fault")
        recorder.take()
        asked_for = {e.path for e in recorder.judgements}
        recorder.judge()
        gone = before - set(recorder.files)
        if gone:
            assert gone == {last} == asked_for
            assert event in DROPPING or (event is Command.FAILURE and plan.only_successful)
        assert session.kept == plan.present + len(recorder.files)
        assert recorder.recording == (session.state in (State.RECORDING, State.ENDING))
        assert session.last in ("", *recorder.files)
        if session.last:
            assert session.verdict == recorder.files[session.last]
        if state is State.DONE:
            assert session.state is State.DONE


@settings(max_examples=200, deadline=None)
@given(PLANS, EVENTS)
def test_quit_ends_it_from_anywhere_and_keeps_what_is_being_recorded(
    plan: SessionPlan, events: list[object]
) -> None:
    session = RecordingSession(plan)
    recorder = FakeRecorder(session)
    for event in [e for e in events if isinstance(e, Command)]:
        session.command(event, 0.0)
        recorder.take()
    dropping = recorder.asked is not None and recorder.asked.discard
    failing = plan.only_successful and recorder.asked is not None
    files, running = len(recorder.files), recorder.recording
    session.command(Command.QUIT, 0.0)
    recorder.take()
    recorder.end(0.0)
    assert session.state is State.DONE
    if not dropping and not failing:
        assert len(recorder.files) == files + running


def test_every_state_is_reached_and_left():
    reached = set()
    for commands in (
        [], ["start"], ["start", "time"], ["start", "time", "success"],
        ["start", "time", "end", "ended"], ["start", "time", "success", "ended"], ["quit"],
    ):  # fmt: skip
        session, recorder = make()
        press(session, recorder, *commands)
        reached.add(session.state)
        assert (session.state is State.DONE) or TRANSITIONS[session.state]
    assert reached == set(State)


def test_a_session_from_the_first_episode_to_the_last():
    session, recorder = make(present=1)
    press(session, recorder, "start", "time", "success", "ended")
    assert (session.state, session.kept) == (State.RESET, 2)
    press(session, recorder, "start", "time", "re_record", "ended")
    assert (session.state, session.kept, session.dropped) == (State.COUNTDOWN, 2, 1)
    press(session, recorder, "time", "ended")  # full
    assert session.state is State.JUDGING
    press(session, recorder, "failure")
    recorder.judge()
    assert (session.state, session.kept) == (State.RESET, 3)
    assert recorder.files == {"/data/episode_0.hdf5": "success", "/data/episode_1.hdf5": "failure"}
    press(session, recorder, "start")  # there is no more to do
    assert session.state is State.DONE


def test_the_reset_phase_ends_in_the_next_countdown_unless_it_is_paused():
    session, recorder = make(reset_s=5.0)
    press(session, recorder, "start", "time", "success", "ended")
    assert session.left_s(1.0) == 4.0
    session.tick(5.0)
    assert session.state is State.COUNTDOWN
    press(session, recorder, "time", "pause", "success", "ended")
    assert session.state is State.WAITING
    session.tick(1e6)
    assert session.state is State.WAITING


def test_what_is_not_ready_is_told_before_anybody_moves():
    session, recorder = make()
    session.not_ready = "camera 'top': no image yet"
    assert session.command(Command.START, 0.0) == "not ready: camera 'top': no image yet"
    assert session.state is State.WAITING
    session.not_ready = ""
    press(session, recorder, "start")
    session.not_ready = "camera 'top': no image yet"
    session.tick(3.0)
    assert (session.state, session.message) == (
        State.WAITING, "not ready: camera 'top': no image yet"
    )  # fmt: skip
    assert not session.effects


def test_where_only_successes_are_kept_each_has_to_be_judged():
    session, recorder = make(only_successful=True)
    press(session, recorder, "start", "time", "ended")
    assert session.command(Command.START, 0.0) == (
        "start: judge the last episode first, since only successes are kept"
    )
    press(session, recorder, "failure")
    recorder.judge()
    assert (recorder.files, session.kept, session.dropped) == ({}, 0, 1)


def test_a_drop_that_is_not_possible_is_told_and_counts_not():
    session, recorder = make()
    press(session, recorder, "start", "time", "success", "ended", "discard")
    effect = recorder.judgements.popleft()
    session.judged(effect, "cannot be deleted: read-only")
    assert (session.kept, session.dropped, session.last) == (1, 0, effect.path)
    assert session.message == "cannot be deleted: read-only"


def test_a_fault_waits_for_the_operator_and_touches_no_earlier_episode():
    session, recorder = make()
    press(session, recorder, "start", "time", "success", "ended", "start", "time")
    recorder.end(0.0, fault=True)
    assert (session.state, session.message) == (State.WAITING, "an input was lost")
    assert session.command(Command.DISCARD, 0.0) == "there is no last episode that could be judged"
    assert recorder.files == {"/data/episode_0.hdf5": "success"}


@pytest.mark.parametrize("state", State)
def test_refusals_name_the_command_and_the_state(state: State):
    session, _ = make()
    session.state = state
    for command in set(Command) - set(TRANSITIONS[state]):
        refusal = session.command(command, 0.0)
        assert refusal.startswith(f"{command.value}: not ")
        assert session.state is state

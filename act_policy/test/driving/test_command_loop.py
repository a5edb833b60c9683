# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from act_core.observation import JointSample, Missing, RawObservation
from act_core.robot.robot_file import load_robot
from act_policy.driving.chunk_broker import ChunkBroker
from act_policy.driving.command_loop import TRANSITIONS, CommandLoop, Event, State
from act_policy.driving.lockstep_loop import LockstepLoop
from act_policy.driving.real_time_loop import RealTimeLoop

SPEC = load_robot("aloha_sim")
PERIOD_NS = SPEC.period_ns
CHUNK = np.tile(SPEC.start, (4, 1))
SECOND_NS = 1_000_000_000


def _seen(stamp_ns):
    sample = JointSample(stamp_ns, SPEC.start, SPEC.start, SPEC.start)
    return RawObservation(sample, {"top": stamp_ns}, {"top": stamp_ns})


def _broker(interval=1):
    return ChunkBroker(SPEC, len(CHUNK), query_interval_ticks=interval)


def _real_time(*, alone=False):
    loop = RealTimeLoop(_broker(), starvation_ns=SECOND_NS, resumes_alone=alone)
    loop.handle(Event.ENGAGE)
    return loop


def _tick(loop, now_ns, *, predicted=True, seen=None):
    """Do one tick as the session does; the prediction comes at once, if at all."""
    due = loop.observe(seen or _seen(now_ns))
    if due is not None:
        loop.note_asked(due.stamp_ns)
        if predicted:
            loop.add_prediction(due.stamp_ns, CHUNK)
    return loop.command(now_ns)


@given(st.lists(st.sampled_from(Event), max_size=30))
def test_states_follow_the_table_and_nothing_else(events):
    loop, state = CommandLoop(_broker()), State.INACTIVE
    for event in events:
        loop.handle(event, "why")
        state = TRANSITIONS[event].get(state, state)
        assert loop.state is state
        assert loop.engaged is (state is not State.INACTIVE)
    loop.handle(Event.DISENGAGE)
    assert loop.state is State.INACTIVE


def test_only_a_person_leads_out_of_a_hold():
    leaving = {e for e, table in TRANSITIONS.items() if table.get(State.HOLDING, State.HOLDING)
               is not State.HOLDING}  # fmt: skip
    assert leaving == {Event.RESUME, Event.PAUSE, Event.DISENGAGE}
    assert set(TRANSITIONS) == set(Event)


def test_what_is_missing_before_the_first_command_is_waited_for_without_a_person():
    loop = _real_time()
    assert _tick(loop, 0, seen=Missing("camera 'top': no image yet")) is None
    assert (loop.state, loop.reason) == (State.WAITING, "camera 'top': no image yet")
    assert _tick(loop, PERIOD_NS) is not None
    assert (loop.state, loop.reason) == (State.DRIVING, "")


def test_a_lost_input_holds_until_a_person_resumes_it():
    loop = _real_time()
    assert _tick(loop, 0) is not None
    assert _tick(loop, PERIOD_NS, seen=Missing("gone")) is None
    assert (loop.state, loop.reason) == (State.HOLDING, "gone")
    assert loop.remedy == "; call ~/resume to go on"
    assert _tick(loop, 2 * PERIOD_NS) is None
    assert loop.remedy == "; inputs are whole again, call ~/resume to go on"
    assert loop.resume(Missing("gone again")) == "still on hold: gone again"
    assert loop.resume(_seen(3 * PERIOD_NS)) == ""
    assert loop.state is State.WAITING
    assert loop.resume(_seen(3 * PERIOD_NS)) == "nothing is on hold"
    assert _tick(loop, 3 * PERIOD_NS) is not None


def test_a_simulators_loop_resumes_alone_from_the_measured_pose():
    loop = _real_time(alone=True)
    _tick(loop, 0)
    _tick(loop, PERIOD_NS, seen=Missing("gone"))
    assert (loop.state, loop.remedy) == (State.HOLDING, "")
    assert _tick(loop, 2 * PERIOD_NS, predicted=False) is None  # what was predicted before is void
    assert loop.state is State.WAITING
    assert _tick(loop, 3 * PERIOD_NS) is not None


def test_starvation_holds_after_its_time_but_not_before_the_first_command():
    loop = _real_time()
    for tick in range(100):
        assert _tick(loop, tick * PERIOD_NS, predicted=False) is None
    assert (loop.state, loop.reason) == (State.WAITING, "no prediction covers this tick")
    begin_ns = 100 * PERIOD_NS
    assert _tick(loop, begin_ns) is not None
    states = []
    for tick in range(1, 70):
        _tick(loop, begin_ns + tick * PERIOD_NS, predicted=False)
        states.append(loop.state)
    assert states[:3] == [State.DRIVING] * 3  # the chunk reaches this far
    assert states[3:53] == [State.STARVED] * 50
    assert states[53:] == [State.HOLDING] * 16
    assert loop.reason == "no prediction for 1.0 s"


def test_a_jump_of_the_clock_holds():
    loop = _real_time()
    assert not loop.jumped(0)
    _tick(loop, 0)
    assert not loop.jumped(PERIOD_NS)
    assert loop.jumped(PERIOD_NS - 1)
    assert (loop.state, loop.reason) == (State.HOLDING, "the clock jumped by -0.00 s")


def test_where_nobody_stands_by_a_jump_of_the_clock_is_a_new_episode():
    loop = _real_time(alone=True)
    assert not loop.jumped(0)
    assert _tick(loop, 0) is not None
    later_ns = 3 * SECOND_NS
    assert loop.jumped(later_ns)
    assert loop.state is State.WAITING
    assert loop.reason == "the clock jumped by 3.00 s, as between a simulator's episodes"
    assert loop.command(later_ns) is None  # not from what was predicted before
    assert _tick(loop, later_ns) is not None
    assert loop.state is State.DRIVING


def test_nothing_is_sent_unless_somebody_asked():
    loop = RealTimeLoop(_broker(), starvation_ns=SECOND_NS, resumes_alone=True)
    loop.add_prediction(0, CHUNK)
    assert loop.observe(_seen(0)) is None
    assert loop.command(0) is None
    loop = _real_time()
    _tick(loop, 0)
    loop.handle(Event.DISENGAGE)
    assert _tick(loop, PERIOD_NS) is None


def _lockstep(interval=1):
    loop = LockstepLoop(_broker(interval), period_ns=PERIOD_NS)
    loop.handle(Event.ENGAGE)
    return loop


def _answer(loop, stamp_ns):
    assert loop.wants(stamp_ns)
    due = loop.observe(_seen(stamp_ns))
    if due is not None:
        loop.note_asked(stamp_ns)
        assert loop.waits_for(stamp_ns)
        loop.add_prediction(stamp_ns, CHUNK)
    return due is not None, loop.command(stamp_ns)


def test_each_tick_is_answered_once_and_a_repeated_one_is_known():
    loop = _lockstep()
    for tick in range(3):
        assert not loop.has_answered(tick * PERIOD_NS)
        assert _answer(loop, tick * PERIOD_NS)[1] is not None
        assert loop.has_answered(tick * PERIOD_NS)
        assert not loop.wants(tick * PERIOD_NS)
        assert not loop.waits_for(tick * PERIOD_NS)


def test_a_silence_changes_nothing_about_what_is_asked():
    asked = []
    for silent in (False, True):
        loop = _lockstep(interval=3)
        asked.append([])
        for tick in range(8):
            if silent and tick == 4:
                loop.lose("joint_states: nothing for 1.1 s")
                assert loop.state is State.HOLDING
                loop.inputs_came()
                assert loop.state is State.WAITING
            due, command = _answer(loop, tick * PERIOD_NS)
            assert command is not None
            asked[-1].append(due)
    assert asked[0] == asked[1]


def test_another_episode_starts_anew():
    loop = _lockstep(interval=4)
    assert [_answer(loop, tick * PERIOD_NS)[0] for tick in range(3)] == [True, False, False]
    assert _answer(loop, 100 * PERIOD_NS)[0]


def test_a_tick_that_cannot_be_used_is_new_again_when_repeated():
    loop = _lockstep(interval=4)
    _answer(loop, 0)
    loop.observe(_seen(PERIOD_NS))
    loop.refuse("camera 'top': encoding 'mono8'")
    assert (loop.state, loop.reason) == (State.HOLDING, "camera 'top': encoding 'mono8'")
    due, command = _answer(loop, PERIOD_NS)
    assert not due  # the motion goes on where it was
    assert command is not None


@pytest.mark.parametrize("loop", [_real_time(), _lockstep()])
def test_a_prediction_that_is_not_finite_is_refused(loop):
    from act_core.errors import JointValuesError

    with pytest.raises(JointValuesError):
        loop.add_prediction(0, np.full((4, SPEC.dim), np.nan))


def test_a_pause_outlasts_whatever_happens_until_a_person_resumes_it():
    loop = _real_time(alone=True)
    assert _tick(loop, 0) is not None
    loop.handle(Event.PAUSE, "as asked")
    for tick in range(1, 5):
        assert _tick(loop, tick * PERIOD_NS) is None
        loop.lose("gone")
    assert (loop.state, loop.reason) == (State.PAUSED, "as asked")
    moved = SPEC.start + 0.2
    seen = RawObservation(JointSample(SECOND_NS, moved, moved, moved), {}, {})
    assert loop.resume(seen) == ""
    command = _tick(loop, SECOND_NS, seen=seen)
    assert np.all(np.abs(command.vector - moved) <= SPEC.max_velocity * PERIOD_NS / 1e9)


def test_in_lockstep_a_paused_policy_answers_no_tick_until_resumed():
    loop = LockstepLoop(_broker(), period_ns=PERIOD_NS)
    loop.handle(Event.ENGAGE)
    assert loop.resume() == "nothing is on hold"
    loop.handle(Event.PAUSE, "as asked")
    assert not loop.wants(0)
    assert loop.resume() == ""
    assert loop.wants(0)


def test_an_image_that_cannot_be_used_stops_nothing_while_predictions_cover_the_tick():
    loop = _real_time(alone=False)
    assert _tick(loop, 0) is not None
    loop.refuse("camera 'top': damaged")
    assert loop.state is State.DRIVING
    assert loop.command(PERIOD_NS) is not None

# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_core.errors import ImageError
from act_core.observation import JointSample, Missing
from act_core.streams.input_bounds import InputBounds
from act_recorder.rows.lockstep_matcher import LockstepMatcher
from act_recorder.rows.real_time_matcher import RealTimeMatcher
from act_recorder.rows.row_matcher import GapError, Row

MS = 1_000_000
PERIOD_NS = 20 * MS
BOUNDS = InputBounds(max_age_s=0.2, max_skew_s=0.06)
STREAMS = ("joint_states", "top", "wrist", "joint_commands")


def _feed(rows, stream, stamp_ns):
    if stream == "joint_states":
        vector = np.array([float(stamp_ns)])
        rows.assembler.add_joints(JointSample(stamp_ns, vector, vector, vector))
    elif stream == "joint_commands":
        rows.add_command(stamp_ns, np.array([-float(stamp_ns)]))
    else:
        rows.assembler.add_image(stream, stamp_ns, f"{stream} {stamp_ns}")


def _check_row(row, stamp_ns):
    observation = row.observation
    assert row.action_stamp_ns == observation.stamp_ns == row.time_ns == stamp_ns
    assert observation.joints.positions.tolist() == [stamp_ns]
    assert observation.images == {"top": f"top {stamp_ns}", "wrist": f"wrist {stamp_ns}"}
    assert set(observation.image_stamps_ns.values()) == {stamp_ns}
    assert row.action.tolist() == [-stamp_ns]


@st.composite
def arrivals(draw):
    """Return samples of some ticks in any order: some lost, some doubled."""
    ticks = range(draw(st.integers(1, 8)))
    sent = [(stream, tick * PERIOD_NS) for tick in ticks for stream in STREAMS]
    doubled = draw(st.lists(st.sampled_from(sent), max_size=4))
    lost = draw(st.lists(st.sampled_from(sent), max_size=2))
    return draw(st.permutations([s for s in sent if s not in lost] + doubled))


@settings(deadline=None, max_examples=80)
@given(samples=arrivals(), first=st.integers(0, 2), begin_at=st.integers(0, 40))
def test_lockstep_gives_each_whole_tick_once_in_order_and_stops_at_a_loss(
    samples, first, begin_at
):
    rows, got = LockstepMatcher(("top", "wrist"), PERIOD_NS), []
    for index, (stream, stamp_ns) in enumerate(samples):
        if index == begin_at:
            rows.begin(first * PERIOD_NS)
        _feed(rows, stream, stamp_ns)
        while isinstance(row := rows.next_row(0), Row):
            got.append(row)
    if begin_at >= len(samples):
        assert got == []
        return

    expected, stamp_ns = [], first * PERIOD_NS
    while all((stream, stamp_ns) in samples for stream in STREAMS):
        expected.append(stamp_ns)
        stamp_ns += PERIOD_NS
    assert [row.action_stamp_ns for row in got] == expected
    for row in got:
        _check_row(row, row.action_stamp_ns)
    missing = [s for s in STREAMS if (s, stamp_ns) not in samples]
    named = [s if s.startswith("joint") else f"camera '{s}'" for s in missing]
    assert rows.look(0) == Missing(", ".join(named))


def test_lockstep_says_that_no_episode_has_begun():
    rows = LockstepMatcher(("top",), PERIOD_NS)
    assert rows.next_row(0) == Missing("the first tick of an episode (task_state)")


def test_a_second_episode_begins_at_its_own_stamp():
    rows = LockstepMatcher(("top", "wrist"), PERIOD_NS)
    for begin_ns in (0, 3_000 * MS):
        rows.begin(begin_ns)
        for stream in STREAMS:
            _feed(rows, stream, begin_ns)
        _check_row(rows.next_row(0), begin_ns)
        assert isinstance(rows.next_row(0), Missing)


def test_lockstep_memory_is_bounded():
    rows = LockstepMatcher(("top", "wrist"), PERIOD_NS, capacity=5)
    rows.begin(0)
    for tick in range(1, 50):
        for stream in STREAMS:
            _feed(rows, stream, tick * PERIOD_NS)
    waits_for = "joint_states, camera 'top', camera 'wrist', joint_commands"
    assert rows.next_row(0) == Missing(waits_for)


def test_lockstep_is_over_when_all_rows_up_to_the_end_were_given():
    rows = LockstepMatcher(("top", "wrist"), PERIOD_NS)
    assert not rows.over
    rows.begin(0)
    rows.end(PERIOD_NS)
    assert not rows.over
    for stream in STREAMS:
        _feed(rows, stream, 0)
    _check_row(rows.next_row(0), 0)
    assert rows.over
    rows.stop()
    assert not rows.over


def _realtime(**newest_ms):
    rows = RealTimeMatcher(("top", "wrist"), PERIOD_NS, BOUNDS, 100 * MS)
    rows.begin(0)
    for stream, time_ms in newest_ms.items():
        _feed(rows, stream, time_ms * MS)
    return rows


def test_realtime_row_holds_the_newest_of_each_stream():
    rows = _realtime(joint_states=100, top=80, wrist=110, joint_commands=90)
    row = rows.next_row(120 * MS)
    assert isinstance(row, Row)
    assert row.observation.stamp_ns == 100 * MS
    assert row.observation.image_stamps_ns == {"top": 80 * MS, "wrist": 110 * MS}
    assert row.action_stamp_ns == 90 * MS
    assert row.action.tolist() == [-90 * MS]


@pytest.mark.parametrize(
    ("newest_ms", "now_ms", "text"),
    [
        ({"joint_commands": 0}, 10, "joint_states: no sample yet"),
        ({"joint_states": 0, "top": 0}, 10, "camera 'wrist': no image yet"),
        ({"joint_states": 0, "top": 0, "wrist": 0}, 10, "joint_commands: no command yet"),
        (
            {"joint_states": 300, "top": 300, "wrist": 300, "joint_commands": 99},
            300,
            "joint_commands: newest is 201 ms old (limit 200 ms, max_age_s)",
        ),
        (
            {"joint_states": 300, "top": 300, "wrist": 300, "joint_commands": 501},
            300,
            "joint_commands: newest is 201 ms ahead of the clock (limit 200 ms, max_age_s)",
        ),
        (
            {"joint_states": 0, "top": 300, "wrist": 300, "joint_commands": 300},
            300,
            "joint_states: newest sample is 300 ms old (limit 200 ms, max_age_s)",
        ),
    ],
)
def test_realtime_says_what_is_missing(newest_ms, now_ms, text):
    assert _realtime(**newest_ms).next_row(now_ms * MS) == Missing(text)


WHOLE_MS = {"joint_states": 100, "top": 100, "wrist": 100, "joint_commands": 100}


def test_realtime_gives_one_row_a_tick_between_begin_and_end():
    rows = _realtime(**WHOLE_MS)
    assert isinstance(rows.next_row(120 * MS), Row)
    assert rows.next_row(120 * MS) == Missing("the next tick of the clock")
    assert isinstance(rows.next_row(140 * MS), Row)
    rows.end(0)
    assert rows.over
    rows.stop()
    assert rows.next_row(160 * MS) == Missing("the first tick of an episode (task_state)")
    rows.begin(0)
    assert isinstance(rows.next_row(160 * MS), Row)


def test_realtime_counts_skipped_ticks_and_refuses_a_long_gap():
    rows = _realtime(**WHOLE_MS)
    assert isinstance(rows.next_row(240 * MS), Row)
    for now_ms, skipped in ((310, 1), (330, 2)):
        assert isinstance(rows.next_row(now_ms * MS), Missing)
        assert rows.skipped_ticks == skipped
        assert rows.skipped_reason == "joint_states too old"
    with pytest.raises(GapError) as caught:
        rows.next_row(341 * MS)
    assert str(caught.value) == (
        "no row for 0.10 s (limit 0.1 s, max_gap_s): joint_states: newest sample is 241 ms old "
        "(limit 200 ms, max_age_s)"
    )


def test_realtime_counts_ticks_that_never_came_and_not_those_that_jittered():
    rows = _realtime(**WHOLE_MS)
    for tick, late_ms in ((0, 0), (1, 9), (2, 0), (3, 9), (4, 0), (7, 0), (8, 0)):
        row = rows.next_row((100 + 20 * tick + late_ms) * MS)
        assert isinstance(row, Row)
        assert row.time_ns == (100 + 20 * tick + late_ms) * MS
    assert (rows.skipped_ticks, rows.skipped_reason) == (2, "the recorder was late")


def test_realtime_names_what_kept_most_ticks_from_being_rows():
    rows = _realtime(**WHOLE_MS)
    assert isinstance(rows.next_row(120 * MS), Row)
    _feed(rows, "joint_states", 180 * MS)
    assert rows.next_row(180 * MS).cause == "camera 'top' too far from joint_states"
    for now_ms in (181, 182):
        rows.assembler.clear()
        assert rows.next_row(now_ms * MS) == Missing("joint_states: no sample yet")
    assert rows.skipped_reason == "joint_states: no sample yet"
    rows.begin(0)
    assert (rows.skipped_ticks, rows.skipped_reason) == (0, "")


@given(
    period_ms=st.sampled_from([16, 33, 66]),
    latency_ms=st.integers(0, 100),
    phase_ms=st.integers(0, 65),
)
def test_no_tick_is_left_out_while_a_camera_is_within_the_bounds(period_ms, latency_ms, phase_ms):
    bounds = InputBounds()
    rows = RealTimeMatcher(("top",), PERIOD_NS, bounds, 500 * MS)
    rows.begin(0)
    ages_ms = []
    for now_ms in range(400, 1400, 20):
        _feed(rows, "joint_states", now_ms * MS)
        _feed(rows, "joint_commands", now_ms * MS)
        newest_ms = (now_ms - latency_ms - phase_ms) // period_ms * period_ms + phase_ms
        _feed(rows, "top", newest_ms * MS)
        row = rows.next_row(now_ms * MS)
        ages_ms.append((row.time_ns - row.observation.image_stamps_ns["top"]) / MS)
    assert rows.skipped_ticks == 0
    assert max(ages_ms) <= latency_ms + period_ms


def test_a_damaged_image_costs_no_row_while_another_is_young_enough():
    def decode(camera, image):
        if "100" in image:
            raise ImageError(f"camera '{camera}': damaged")
        return image

    rows = RealTimeMatcher(("top",), PERIOD_NS, BOUNDS, 100 * MS, decode=decode)
    rows.begin(0)
    for stream in ("joint_states", "joint_commands", "top"):
        _feed(rows, stream, 100 * MS)
    assert rows.next_row(100 * MS) == Missing("camera 'top': damaged")
    _feed(rows, "top", 80 * MS)
    row = rows.next_row(120 * MS)
    assert row.observation.image_stamps_ns == {"top": 80 * MS}
    assert rows.assembler.refused == 1


def test_why_commands_are_refused_is_said_when_the_last_good_one_is_too_old():
    rows = _realtime(**WHOLE_MS)
    rows.assembler.refuse("joint_commands", "joint_commands: stamps are 0")
    assert isinstance(rows.next_row(120 * MS), Row)
    for stream in ("joint_states", "top", "wrist"):
        _feed(rows, stream, 320 * MS)
    assert rows.look(320 * MS) == Missing("joint_commands: stamps are 0")
    _feed(rows, "joint_commands", 320 * MS)
    assert not isinstance(rows.look(320 * MS), Missing)


def test_realtime_refuses_a_clock_that_goes_back():
    rows = _realtime(**WHOLE_MS)
    rows.next_row(120 * MS)
    with pytest.raises(GapError, match="the clock was set back by 0.01 s"):
        rows.next_row(110 * MS)


@pytest.mark.parametrize("pace", ["lockstep", "realtime"])
def test_no_image_is_decoded_before_a_row_is_whole(pace):
    decoded = []
    decode = lambda camera, image: decoded.append(camera) or image  # noqa: E731
    rows = (
        LockstepMatcher(("top",), PERIOD_NS, decode=decode)
        if pace == "lockstep"
        else RealTimeMatcher(("top",), PERIOD_NS, BOUNDS, 100 * MS, decode=decode)
    )
    rows.begin(0)
    for stream in ("top", "joint_states"):
        _feed(rows, stream, 0)
        assert isinstance(rows.look(0), Missing)
        assert isinstance(rows.next_row(0), Missing)
    _feed(rows, "joint_commands", 0)
    assert not isinstance(rows.look(1), Missing)
    assert decoded == []
    assert isinstance(rows.next_row(1), Row)
    assert decoded == ["top"]

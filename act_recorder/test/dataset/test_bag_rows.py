# SPDX-License-Identifier: Apache-2.0
"""Rows of a recording: those that the recorder would have written."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("rosbags")
pytest.importorskip("sensor_msgs")

from lab_bag import MS, START_NS, joint_state, jpeg, lab_messages, lab_robot  # noqa: E402
from rosgraph_msgs.msg import Clock  # noqa: E402

from act_core.errors import EpisodeError  # noqa: E402
from act_core.ros.messages.images import pixels_checker  # noqa: E402
from act_core.ros.messages.stamps import to_ns, to_stamp  # noqa: E402
from act_recorder.dataset.formats.rosbag.bag import Topic  # noqa: E402
from act_recorder.dataset.formats.rosbag.bag_rows import BagRows, RowRules  # noqa: E402
from act_recorder.dataset.formats.rosbag.bag_topics import choose_topics  # noqa: E402

pytestmark = pytest.mark.ros

SPEC = lab_robot()
RULES = RowRules()
IMAGES = "camera/color/image_raw/compressed"


def _topics(sent, **options):
    found = {}
    for topic, _, message in sent:
        package, name = type(message).__module__.split(".")[0], type(message).__name__
        found[topic] = Topic(f"{package}/msg/{name}", 1)
    return choose_topics(found, SPEC, "bag", **options)


def _play(sent, rules=RULES, spec=SPEC, **options):
    bag = BagRows(spec, _topics(sent, **options), rules, pixels_checker(spec))
    return bag, list(bag.rows(sent))


def _without(sent, topic, from_ms, to_ms):
    began, ended = START_NS + from_ms * MS, START_NS + to_ms * MS
    return [s for s in sent if s[0] != topic or not began <= s[1] < ended]


def test_rows_are_what_had_come_by_each_tick_by_the_stamps():
    sent = lab_messages(SPEC, 2.0)
    bag, rows = _play(sent)
    assert bag.skipped_ticks == 0
    ticks = [row.time_ns for row in rows]
    assert set(np.diff(ticks)) == {SPEC.period_ns}
    assert ticks[0] == START_NS + 61 * MS  # the first image came at 60 ms, ticks begin at 1 ms
    for row in rows:
        came = [s for s in sent if s[1] <= row.time_ns]
        commands = [to_ns(m.header.stamp) for t, _, m in came if t == "joint_commands"]
        images = [to_ns(m.header.stamp) for t, _, m in came if t == IMAGES]
        # The arms are joined when the second has come, and stamped as the first.
        right = [to_ns(m.header.stamp) for t, _, m in came if t == "follower_right/joint_states"]
        seen = row.observation
        assert seen.stamp_ns == right[-1] - MS
        assert row.action_stamp_ns == commands[-1]
        nearest = min(images, key=lambda s: (abs(s - seen.stamp_ns), -s))
        assert seen.image_stamps_ns == {"top": nearest}
        k = (seen.stamp_ns - START_NS) / (10 * MS)
        np.testing.assert_allclose(
            seen.joints.positions, SPEC.start + 0.002 * k * ~SPEC.is_gripper, atol=1e-12
        )
        assert row.source == "teleop"
    assert np.isnan(rows[0].observation.joints.velocities).all()


def test_frames_are_counted_as_the_recorder_counts_them():
    bag, rows = _play(lab_messages(SPEC, 2.0))
    counts = bag.frames.counts()["top"]
    assert counts.frames_used + counts.frames_repeated == len(rows)
    assert counts.frames_unused == counts.frames_lost == 0
    assert counts.frames_used == pytest.approx(len(rows) * 30 / 50, abs=2)


def test_ticks_without_a_row_are_counted_and_their_reason_told():
    sent = _without(lab_messages(SPEC, 2.0), "joint_commands", 1000, 1400)
    bag, rows = _play(sent)
    period = SPEC.period_ns
    ticks = (rows[-1].time_ns - rows[0].time_ns) // period + 1
    assert bag.skipped_ticks == ticks - len(rows) > 0
    assert bag.skipped_reason == "joint_commands too old"


def test_what_is_recorded_after_the_last_command_is_no_gap():
    sent = [
        s for s in lab_messages(SPEC, 4.0) if s[0] != "joint_commands" or s[1] < START_NS + 10**9
    ]
    bag, rows = _play(sent)
    assert bag.skipped_ticks == 0
    assert START_NS + 1.1e9 < rows[-1].time_ns < START_NS + 1.3e9


def test_rows_after_a_gap_are_refused_until_the_gap_is_allowed():
    sent = _without(lab_messages(SPEC, 4.0), "joint_commands", 1000, 2500)
    with pytest.raises(EpisodeError) as refused:
        _play(sent)
    assert str(refused.value) == (
        "no row for 0.52 s (limit 0.5 s, max_gap_s): joint_commands: newest is 761 ms old (limit "
        "250 ms, max_age_s), and rows come again 2.52 s after the beginning; a larger --max-gap-s "
        "lets it be one episode"
    )
    bag, rows = _play(sent, RowRules(max_gap_s=2.0))
    assert bag.skipped_ticks == (rows[-1].time_ns - rows[0].time_ns) // SPEC.period_ns + 1 - len(
        rows
    )


def test_the_leaders_can_be_the_actions_within_the_followers_limits():
    sent = lab_messages(SPEC, 1.0, commands=False)
    far = SPEC.start.copy()
    far[0] = SPEC.upper[0] + 0.5
    for topic, _, message in sent:
        if topic == "leader_left/joint_states":
            message.position[0] = far[0]
    _, rows = _play(sent, from_leader=True)
    assert rows[-1].action[0] == SPEC.upper[0]
    assert rows[-1].source == "leader"
    k = (rows[-1].action_stamp_ns - START_NS) / (10 * MS)
    assert rows[-1].action[8] == pytest.approx(SPEC.start[8] + 0.002 * k + 0.01)


def test_streams_that_never_meet_are_told_with_their_times():
    sent = [s for s in lab_messages(SPEC, 4.0) if s[0] != IMAGES or s[1] > START_NS + 3 * 10**9]
    sent = [s for s in sent if s[0] == IMAGES or s[1] < START_NS + 2 * 10**9]
    with pytest.raises(EpisodeError, match=(
        r"no moment makes a row: camera 'top': no image yet; messages: joint_states 0\.00 to "
        r"1\.99 s, joint_commands 0\.00 to 1\.98 s, camera 'top' 3\.03 to 4\.03 s"
    )):  # fmt: skip
        _play(sent)


def test_a_wrong_clock_is_told():
    sent = lab_messages(SPEC, 1.0)
    for topic, _, message in sent:
        if topic == IMAGES:
            message.header.stamp = to_stamp(to_ns(message.header.stamp) + 3 * 10**9)
    with pytest.raises(EpisodeError, match=(
        r"no moment makes a row: camera 'top': stamps are 2\.94 s ahead of this machine's clock "
        r"\(limit 0\.05 s, max_clock_offset_s\): synchronise the clocks with chrony"
    )):  # fmt: skip
        _play(sent)


def test_images_of_another_size_are_told():
    spec = SPEC
    sent = [
        (t, c, jpeg(0, to_ns(m.header.stamp), (48, 64)) if t == IMAGES else m)
        for t, c, m in lab_messages(spec, 1.0)
    ]
    with pytest.raises(EpisodeError, match=(
        r"no moment makes a row: camera 'top': got 48x64, expected 24x32 \(height x width, from "
        "the robot file"
    )):  # fmt: skip
        _play(sent)


def test_arms_that_are_apart_are_told():
    sent = [
        (t, c, _moved(m, 200 * MS) if t == "follower_left/joint_states" else m)
        for t, c, m in lab_messages(SPEC, 1.0)
    ]
    with pytest.raises(EpisodeError, match=(
        r"no moment makes a row: joint_states: no sample yet; follower_left/joint_states is "
        r"0\.201 s behind follower_right/joint_states \(limit 0\.05 s\)"
    )):  # fmt: skip
        _play(sent)


def _moved(message, back_ns):
    message.header.stamp = to_stamp(to_ns(message.header.stamp) - back_ns)
    return message


def test_another_devices_joints_on_the_same_topic_are_no_fault():
    sent = lab_messages(SPEC, 1.0)
    base = [("follower_left/joint_states", c + 1, joint_state(["wheel"], [1.0], c))
            for t, c, _ in sent if t == "follower_left/joint_states"]  # fmt: skip
    _, alone = _play(sent)
    _, both = _play(sorted(sent + base, key=lambda s: s[1]))
    assert [r.observation.stamp_ns for r in both] == [r.observation.stamp_ns for r in alone]


def test_a_simulators_clock_is_the_time_line_of_its_stamps():
    wall_ns = START_NS
    sent = []
    for topic, came_ns, message in lab_messages(SPEC, 2.0):
        stamp_ns = to_ns(message.header.stamp) - START_NS + 10**9
        message.header.stamp = to_stamp(stamp_ns)
        # The simulator runs at half speed, so that times of receipt say nothing of ages.
        sent.append((topic, wall_ns + 2 * (came_ns - START_NS), message))
    for k in range(500):
        clock = Clock(clock=to_stamp(10**9 + 5 * MS * k))
        sent.append(("clock", wall_ns + 10 * MS * k, clock))
    bag, rows = _play(sorted(sent, key=lambda s: s[1]))
    assert bag.simulated
    assert set(np.diff([r.time_ns for r in rows])) == {SPEC.period_ns}
    before_the_end = [r for r in rows if r.time_ns < 29 * 10**8]
    assert len(before_the_end) == 92
    assert all(0 <= r.time_ns - r.observation.stamp_ns <= 15 * MS for r in before_the_end)


def test_a_clock_that_is_set_back_is_no_episode():
    sent = lab_messages(SPEC, 1.0)
    with pytest.raises(EpisodeError) as refused:
        _play(sent + lab_messages(SPEC, 1.0))
    assert "the clock was set back by 1.0" in str(refused.value)
    assert "--max-gap-s" not in str(refused.value)


def test_no_camera_is_needed_where_the_robot_has_none():
    spec = replace(SPEC, cameras=())
    sent = [s for s in lab_messages(SPEC, 1.0) if s[0] != IMAGES]
    found = {topic: Topic("sensor_msgs/msg/JointState", 1) for topic, _, _ in sent}
    topics = choose_topics(found, spec, "bag")
    bag = BagRows(spec, topics, RULES, pixels_checker(spec))
    assert len(list(bag.rows(sent))) > 40


def test_a_glitch_of_a_bus_is_no_pose():
    sent = lab_messages(SPEC, 1.0)
    lefts = [m for t, _, m in sent if t == "follower_left/joint_states"]
    lefts[50].position[0] = lefts[51].position[0] = -3.14  # one of the two is a row's
    _, rows = _play(sent)
    assert min(row.observation.joints.positions[0] for row in rows) > -0.1

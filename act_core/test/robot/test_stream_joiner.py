# SPDX-License-Identifier: Apache-2.0
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from act_core.errors import JointNamesError, OtherJointsError, RobotSpecError
from act_core.robot.driver_names import parts
from act_core.robot.robot_file import load_robot, parse_robot, shipped_robots
from act_core.robot.stream_joiner import Joints, Part, StreamJoiner

MS = 1_000_000
NAMES = ("waist", "elbow")
LEFT = Part("left/joint_states", {n: f"left/{n}" for n in NAMES})
RIGHT = Part("right/joint_states", {n: f"right/{n}" for n in NAMES})


def _seen(stamp_ms, value, names=NAMES):
    values = tuple(value + i for i in range(len(names)))
    return Joints(stamp_ms * MS, tuple(names), values, values, values)


@pytest.fixture
def joiner():
    return StreamJoiner([LEFT, RIGHT], max_skew_s=0.05)


def test_bare_names_of_two_arms_become_the_robots_with_the_oldest_stamp(joiner):
    assert joiner.add(LEFT.topic, _seen(10, 1.0), 0.0) is None
    whole = joiner.add(RIGHT.topic, _seen(12, 5.0), 0.0)
    assert whole.names == ("left/waist", "left/elbow", "right/waist", "right/elbow")
    assert whole.positions == (1.0, 2.0, 5.0, 6.0)
    assert whole.stamp_ns == 10 * MS


def test_nothing_is_said_twice_and_each_whole_needs_something_new_of_every_arm(joiner):
    joiner.add(LEFT.topic, _seen(10, 1.0), 0.0)
    assert joiner.add(RIGHT.topic, _seen(10, 1.0), 0.0) is not None
    assert joiner.add(RIGHT.topic, _seen(20, 2.0), 0.0) is None
    assert joiner.add(RIGHT.topic, _seen(30, 3.0), 0.0) is None
    whole = joiner.add(LEFT.topic, _seen(30, 9.0), 0.0)
    assert whole.positions == (9.0, 10.0, 3.0, 4.0)  # the newest of each


def test_an_arm_that_lags_is_named_and_no_pose_is_made_of_two_moments(joiner):
    joiner.add(LEFT.topic, _seen(10, 1.0), 0.0)
    assert joiner.add(RIGHT.topic, _seen(90, 1.0), 0.0) is None
    assert joiner.reason == (
        "left/joint_states is 0.080 s behind right/joint_states (limit 0.05 s); is one of them "
        "late, or one of their clocks wrong?"
    )
    assert joiner.add(LEFT.topic, _seen(91, 1.0), 0.0) is not None
    assert joiner.reason == ""


def test_silence_is_named(joiner):
    joiner.add(LEFT.topic, _seen(10, 1.0), 1.0)
    assert joiner.silent(3.0, 0.5) == (
        "left/joint_states: nothing for 2.0 s; right/joint_states: no sample yet"
    )
    assert joiner.silent(1.2, 0.5) == "right/joint_states: no sample yet"


def test_missing_joints_are_named_and_others_are_left_out(joiner):
    with pytest.raises(JointNamesError, match=re.escape(
        "left/joint_states: missing 'elbow'. Got: waist, finger. Expected: waist, elbow"
    )):  # fmt: skip
        joiner.add(LEFT.topic, _seen(1, 0.0, ("waist", "finger")), 0.0)
    joiner.add(LEFT.topic, _seen(1, 0.0, ("finger", "elbow", "waist")), 0.0)
    whole = joiner.add(RIGHT.topic, _seen(1, 0.0), 0.0)
    assert whole.positions[:2] == (2.0, 1.0)


def test_another_device_on_the_topic_is_told_apart(joiner):
    with pytest.raises(OtherJointsError, match="left/joint_states: wheel_l, wheel_r"):
        joiner.add(LEFT.topic, _seen(1, 0.0, ("wheel_l", "wheel_r")), 0.0)
    assert joiner.silent(1.0, 0.5).startswith("left/joint_states: no sample yet")


def test_what_was_not_measured_stays_unmeasured(joiner):
    bare = Joints(MS, NAMES, (1.0, 2.0), (), (3.0,))
    joiner.add(LEFT.topic, bare, 0.0)
    whole = joiner.add(RIGHT.topic, _seen(1, 0.0), 0.0)
    assert all(math.isnan(v) for v in whole.velocities[:2])
    assert whole.efforts[0] == 3.0
    assert math.isnan(whole.efforts[1])


def test_arms_can_share_a_topic():
    shared = [Part("joint_states_all", {f"{a}_{n}": f"{a}/{n}" for n in NAMES}) for a in "lr"]
    joiner = StreamJoiner(shared, 0.05)
    seen = _seen(1, 0.0, ("l_waist", "r_elbow", "r_waist", "l_elbow"))
    assert joiner.add("joint_states_all", seen, 0.0).positions == (0.0, 3.0, 2.0, 1.0)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 200)), max_size=60))
def test_whatever_the_order_wholes_are_near_in_time_and_grow_newer(events):
    joiner, stamps, last_ms = StreamJoiner([LEFT, RIGHT], 0.05), {}, 0
    for is_left, gap_ms in events:
        last_ms += gap_ms
        topic = (LEFT if is_left else RIGHT).topic
        stamps[topic] = last_ms
        whole = joiner.add(topic, _seen(last_ms, float(last_ms)), 0.0)
        if whole is not None:
            assert whole.stamp_ns == min(stamps.values()) * MS
            assert max(stamps.values()) - min(stamps.values()) <= 50
            stamps.clear()


def test_the_robot_file_tells_how_drivers_call_what():
    left, right = parts(load_robot("aloha_2"), "state", "joint_states")
    assert left.topic == "follower_left/joint_states"
    assert left.names["waist"] == "follower_left/waist"
    assert left.names["left_finger"] == "follower_left/left_finger"
    assert "gripper" not in left.names
    assert right.names["left_finger"] == "follower_right/left_finger"
    assert parts(load_robot("trossen_ai"), "state", "joint_states")[1].names == {
        **{f"trossen_arm_2/joint_{i}": f"follower_right/joint_{i}" for i in range(6)},
        "trossen_arm_2/left_carriage_joint": "follower_right/left_carriage_joint",
    }
    assert parts(load_robot("aloha_sim"), "state", "joint_states") == []


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("      state: {topic: follower_left/joint_states}\n", "",
         "robot 'aloha_2': driver: state is missing for arm 'left'; either all arms name a topic, "
         "or none does"),
        ("{topic: follower_left/joint_states}", "{topic: /joint_states}",
         "driver: state of arm 'left' is '/joint_states', the suite's own topic; leave state out, "
         "and use state_prefix"),
    ],
)  # fmt: skip
def test_topics_that_cannot_be_joined_are_refused(old, new, text):
    spec = parse_robot(shipped_robots()["aloha_2"].replace(old, new), "mine")
    with pytest.raises(RobotSpecError, match=re.escape(text)):
        parts(spec, "state", "joint_states")

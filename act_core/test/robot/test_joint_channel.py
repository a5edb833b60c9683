# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from act_core.errors import JointNamesError, JointValuesError, OtherJointsError
from act_core.robot.joint_channel import JointChannel
from act_core.robot.robot_file import load_robot

ROBOT = load_robot("aloha_2")
CHANNEL = JointChannel("state", ("elbow", "finger"), np.array([0.0, 0.02]), np.array([1.0, -0.04]))


@settings(deadline=None, max_examples=60)
@given(
    channel=st.sampled_from([ROBOT.state, ROBOT.command, ROBOT.leader]),
    share=st.lists(st.floats(-0.4, 1.4), min_size=14, max_size=14),
    extra=st.dictionaries(
        st.sampled_from(["gantry", "head/pan", "x"]), st.floats(allow_nan=True), max_size=3
    ),
    random=st.randoms(use_true_random=False),
)
def test_to_columns_undoes_to_raw_in_any_order(channel, share, extra, random):
    vector = ROBOT.lower + np.array(share) * (ROBOT.upper - ROBOT.lower)
    message = list(zip(channel.names, channel.to_raw(vector), strict=True)) + list(extra.items())
    random.shuffle(message)
    names, values = zip(*message, strict=True)
    np.testing.assert_allclose(channel.to_columns(names, values), vector, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("value", [50.0, -50.0, 1e6, 1e308])
def test_value_far_out_of_its_range_is_taken_for_another_unit(value):
    raw = ROBOT.state.to_raw(ROBOT.start)
    raw[1] = value
    with pytest.raises(JointValuesError) as caught:
        ROBOT.state.to_columns(ROBOT.state.names, raw)
    low, high = ROBOT.lower[1], ROBOT.upper[1]
    half = 0.5 * (high - low)
    assert str(caught.value) == (
        f"state: joint '{ROBOT.state.names[1]}' is {value:g}, expected a value in "
        f"{low - half:g} … {high + half:g}; check its unit and the robot file"
    )
    raw[1], raw[6] = ROBOT.start[1], value
    with pytest.raises(JointValuesError, match=f"'{ROBOT.state.names[6]}' is"):
        ROBOT.state.to_columns(ROBOT.state.names, raw)


def test_gripper_is_mapped_from_its_range_and_rates_without_offset():
    names = ["finger", "elbow"]
    np.testing.assert_allclose(CHANNEL.to_columns(names, [0.02, 0.7]), [0.7, 0.0])
    np.testing.assert_allclose(CHANNEL.to_columns(names, [-0.02, 0.7]), [0.7, 1.0])
    np.testing.assert_allclose(CHANNEL.rates_to_columns(names, [0.08, 0.5]), [0.5, -2.0])
    np.testing.assert_array_equal(CHANNEL.measured("effort", names, [3.0, 4.0]), [4.0, 3.0])


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["elbow"], "state: missing 'finger'. Got: elbow. Expected: elbow, finger"),
        ([], "state: missing 'elbow', 'finger'. Got: (none). Expected: elbow, finger"),
        (["elbow", "finger", "elbow"], "state: doubled 'elbow'. Got: elbow, finger, elbow."),
        (["elbow", "elbow"], "state: missing 'finger'; doubled 'elbow'. Got: elbow, elbow."),
    ],
)
def test_wrong_names_are_named(names, text):
    for _ in range(2):  # a refusal must not be remembered as an order
        with pytest.raises(JointNamesError) as caught:
            CHANNEL.to_columns(names, np.zeros(len(names)))
        assert str(caught.value).startswith(text)


def test_doubled_joint_of_somebody_else_is_ignored():
    names = ["x", "elbow", "x", "finger"]
    np.testing.assert_allclose(CHANNEL.to_columns(names, [9, 1, 9, 0.02]), [1.0, 0.0])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_position_that_is_not_finite_is_refused_by_name(bad):
    with pytest.raises(JointValuesError) as caught:
        CHANNEL.to_columns(["elbow", "finger"], [0.0, bad])
    expected = f"state: position of joint 'finger' is {bad:g}, expected a finite number"
    assert str(caught.value) == expected


def test_positions_of_joints_that_nobody_asks_for_may_be_anything():
    names = ["gantry", "elbow", "finger"]
    assert CHANNEL.to_columns(names, [np.nan, 0.5, 0.02]).tolist() == [0.5, 0.0]


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=4))
def test_what_is_not_measured_is_nan_and_never_zero(given_values):
    names = ["x", "finger", "y", "elbow"]
    elbow, finger = CHANNEL.measured("velocity", names, given_values)
    for got, place in ((elbow, 3), (finger, 1)):
        sent = given_values[place] if place < len(given_values) else np.nan
        np.testing.assert_equal(got, sent if np.isfinite(sent) else np.nan)


def test_more_values_than_names_are_refused():
    text = "state: got 3 values of effort for 2 joint names"
    with pytest.raises(JointValuesError, match=text):
        CHANNEL.measured("effort", ["elbow", "finger"], [0.0] * 3)


def test_the_joints_of_another_device_are_told_from_an_incomplete_message():
    with pytest.raises(OtherJointsError, match=r"state: none of the robot's joints. Got: pan\."):
        CHANNEL.to_columns(["pan"], [0.0])
    for names in ([], ["pan", "elbow"]):
        with pytest.raises(JointNamesError, match="state: missing") as caught:
            CHANNEL.to_columns(names, np.zeros(len(names)))
        assert not isinstance(caught.value, OtherJointsError)


def test_wrong_counts_are_refused():
    with pytest.raises(JointValuesError, match="state: got 1 positions for 2 joint names"):
        CHANNEL.to_columns(["elbow", "finger"], [0.0])
    with pytest.raises(JointValuesError, match="state: got 0 positions for 2 joint names"):
        CHANNEL.to_columns(["elbow", "finger"], [])
    with pytest.raises(
        JointValuesError, match=r"state: got a vector of shape \(3,\), this robot has 2 columns"
    ):
        CHANNEL.to_raw(np.zeros(3))


def test_memory_stays_flat_when_names_are_shuffled_forever():
    channel = JointChannel("state", ("a",), np.zeros(1), np.ones(1))
    for i in range(1000):
        assert channel.to_columns(["a", f"x{i}"], [float(i), 0.0]) == [float(i)]
    assert len(channel._orders) < 100

# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

pytest.importorskip("sensor_msgs")

from sensor_msgs.msg import JointState  # noqa: E402

from act_core.errors import JointNamesError, JointValuesError, OtherJointsError  # noqa: E402
from act_core.robot.robot_file import load_robot  # noqa: E402
from act_core.ros.messages.joints import (  # noqa: E402
    read_joints,
    read_sample,
    read_vector,
    write_joints,
    write_vector,
)

pytestmark = pytest.mark.ros

SPEC = load_robot("aloha_sim")


def test_what_is_written_is_read_in_any_order():
    message = write_vector(SPEC.start, SPEC.command, 1_500_000_000)
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == (1, 500_000_000)
    assert list(message.name) == list(SPEC.command.names)
    assert len(message.velocity) == len(message.effort) == 0
    message.name, message.position = message.name[::-1], message.position[::-1]
    np.testing.assert_allclose(read_vector(message, SPEC.command), SPEC.start)


def test_empty_velocity_and_effort_are_not_measured():
    sample = read_sample(write_vector(SPEC.start, SPEC.state, 7), SPEC.state)
    assert sample.stamp_ns == 7
    np.testing.assert_allclose(sample.positions, SPEC.start)
    np.testing.assert_array_equal(sample.velocities, np.full(14, np.nan))
    np.testing.assert_array_equal(sample.efforts, np.full(14, np.nan))


def test_velocity_is_scaled_for_grippers_and_effort_is_left_alone():
    message = write_vector(SPEC.start, SPEC.state, 0)
    message.velocity = [0.03956] * 14  # the gripper's whole range, in metres
    message.effort = [2.0] * 14
    sample = read_sample(message, SPEC.state)
    assert sample.velocities[:7] == pytest.approx([0.03956] * 6 + [1.0])
    assert sample.efforts.tolist() == [2.0] * 14


def test_velocities_beyond_those_that_came_are_not_measured():
    message = write_vector(SPEC.start, SPEC.state, 0)
    message.velocity = [0.5] * 13
    assert read_sample(message, SPEC.state).velocities.tolist()[:13] == pytest.approx(
        (0.5 / SPEC.state.span[:13]).tolist()
    )
    assert np.isnan(read_sample(message, SPEC.state).velocities[13])
    message.velocity = [0.5] * 15
    with pytest.raises(JointValuesError, match="got 15 values of velocity for 14 joint names"):
        read_sample(message, SPEC.state)


def test_foreign_and_empty_messages_are_refused():
    message = JointState(name=["a"], position=[0.0])
    with pytest.raises(OtherJointsError, match=r"state: none of the robot's joints. Got: a\."):
        read_sample(message, SPEC.state)
    with pytest.raises(JointNamesError, match=r"Got: \(none\)\. Expected: vx300s_left/waist"):
        read_vector(JointState(), SPEC.command)


def test_values_for_a_joiner_come_back_as_the_same_message():
    message = write_vector(SPEC.start, SPEC.state, 1_500_000_000)
    message.effort = [2.0] * 14
    assert write_joints(read_joints(message)) == message

# SPDX-License-Identifier: Apache-2.0
"""JointState messages to the robot's vector and back, by joint name."""

from array import array

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import JointState

from act_core.observation import JointSample
from act_core.robot.joint_channel import JointChannel
from act_core.robot.stream_joiner import Joints
from act_core.ros.messages.stamps import to_ns, to_stamp


def read_sample(message: JointState, channel: JointChannel) -> JointSample:
    """Convert a joint state; what it lacks of velocity and effort is NaN, never zero.

    Raises:
        JointNamesError, JointValuesError: see JointChannel.
    """
    names = message.name
    return JointSample(
        to_ns(message.header.stamp),
        channel.to_columns(names, message.position),
        channel.rates_to_columns(names, message.velocity),
        channel.measured("effort", names, message.effort),
    )


def read_vector(message: JointState, channel: JointChannel) -> NDArray[np.float64]:
    """Return the message's positions as a (D,) vector; raises as `read_sample`."""
    return channel.to_columns(message.name, message.position)


def write_vector(vector: NDArray[np.float64], channel: JointChannel, stamp_ns: int) -> JointState:
    """Return a message with the positions of `vector` (D,) under the channel's joint names."""
    message = JointState()
    message.header.stamp = to_stamp(stamp_ns)
    message.name = list(channel.names)
    message.position = channel.to_raw(vector).tolist()
    return message


def read_joints(message: JointState) -> Joints:
    """Return a message's values as they are, for a StreamJoiner."""
    return Joints(
        to_ns(message.header.stamp), tuple(message.name), tuple(message.position),
        tuple(message.velocity), tuple(message.effort),
    )  # fmt: skip


def write_joints(joints: Joints) -> JointState:
    """Return joined values as a message."""
    message = JointState(name=list(joints.names))
    message.header.stamp = to_stamp(joints.stamp_ns)
    message.position = array("d", joints.positions)
    message.velocity = array("d", joints.velocities)
    message.effort = array("d", joints.efforts)
    return message

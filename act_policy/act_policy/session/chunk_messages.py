# SPDX-License-Identifier: Apache-2.0
"""Predictions as messages, in the units of joint_commands."""

import numpy as np
from builtin_interfaces.msg import Duration
from numpy.typing import NDArray
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from act_core.robot.robot_spec import RobotSpec
from act_core.ros.messages.stamps import NS_PER_S, to_stamp
from act_interfaces.msg import ActionChunk
from act_policy.inference.wire import Reply


def chunk_message(reply: Reply, spec: RobotSpec, period_ns: int) -> ActionChunk:
    """Return a prediction, with `period_ns` between its rows, as the suite's own message."""
    raw = _raw(reply, spec)
    message = ActionChunk(
        joint_names=list(spec.command.names), num_steps=len(raw), positions=raw.ravel().tolist(),
        step=_duration(period_ns),
    )  # fmt: skip
    message.header.stamp = to_stamp(reply.stamp_ns)
    return message


def chunk_trajectory(reply: Reply, spec: RobotSpec, period_ns: int) -> JointTrajectory:
    """Return a prediction as a trajectory: a point each `period_ns`, from its observation on."""
    points = [
        JointTrajectoryPoint(positions=row.tolist(), time_from_start=_duration(step * period_ns))
        for step, row in enumerate(_raw(reply, spec))
    ]
    message = JointTrajectory(joint_names=list(spec.command.names), points=points)
    message.header.stamp = to_stamp(reply.stamp_ns)
    return message


def _raw(reply: Reply, spec: RobotSpec) -> NDArray[np.float64]:
    assert reply.chunk is not None
    return reply.chunk.astype(np.float64) * spec.command.span + spec.command.zero


def _duration(ns: int) -> Duration:
    return Duration(sec=ns // NS_PER_S, nanosec=ns % NS_PER_S)

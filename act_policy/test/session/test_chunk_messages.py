# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

pytest.importorskip("act_interfaces")

from act_core.robot.robot_file import load_robot  # noqa: E402
from act_core.ros.messages.stamps import to_ns  # noqa: E402
from act_policy.inference.wire import CHUNK, Reply  # noqa: E402
from act_policy.session.chunk_messages import chunk_message, chunk_trajectory  # noqa: E402

pytestmark = pytest.mark.ros

SPEC = load_robot("aloha_sim")
PERIOD_NS = 33_333_333  # of a policy that was trained at 30 Hz
STAMP_NS = 12_345_000_000_020


def test_both_messages_say_the_same_in_the_units_of_commands():
    chunk = np.random.default_rng(0).uniform(0.0, 1.0, (60, SPEC.dim)).astype(np.float32)
    reply = Reply(CHUNK, STAMP_NS, 0.04, chunk)
    own, trajectory = (f(reply, SPEC, PERIOD_NS) for f in (chunk_message, chunk_trajectory))
    expected = [SPEC.command.to_raw(row) for row in chunk.astype(np.float64)]
    assert (own.num_steps, len(trajectory.points)) == (60, 60)
    np.testing.assert_allclose(np.reshape(own.positions, (60, SPEC.dim)), expected)
    np.testing.assert_allclose([p.positions for p in trajectory.points], expected)
    assert list(own.joint_names) == list(trajectory.joint_names) == list(SPEC.command.names)
    assert to_ns(own.header.stamp) == to_ns(trajectory.header.stamp) == STAMP_NS
    times = [to_ns(point.time_from_start) for point in trajectory.points]
    assert times == [step * PERIOD_NS for step in range(60)]
    assert to_ns(own.step) == PERIOD_NS
